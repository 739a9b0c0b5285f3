/** The content types of providers' answers that go on to a client as they are. */

/** What a browser shows as a page of this address, and may run (WHATWG MIME Sniffing §4.6: HTML, XML and scripts). */
const runs = /html|xml|javascript|ecmascript/i;

/** The type of an answer that is JSON. */
export function jsonType(stated: string | null): string {
  return stated !== null && /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(stated)
    ? stated
    : 'application/json';
}

/** The type of any other answer: that of a page or a script becomes that of plain bytes. */
export function passedType(stated: string | null): string {
  return stated === null || runs.test(stated) ? 'application/octet-stream' : stated;
}

/** Whether an answer's type is that of an event stream. Types are the same in capitals (RFC 9110 §8.3.1). */
export function isEventStream(stated: string | null | undefined): boolean {
  return /text\/event-stream/i.test(stated ?? '');
}
