/** What the bytes of one protocol's streams look like, as far as a stream that passes through untouched is looked at. */
import type { Json, JsonObject } from './json.ts';
import type { ProtocolError } from './protocol-error.ts';

/**
 * What one of the first events of a stream is: an error; an announcement, behind which failures come, above all of providers that
 * are overloaded; the reason why the answer ended, which may be all that there is of it; content; or one that has to be decoded to
 * be any of these.
 */
export type FirstEventKind = 'error' | 'announcement' | 'finish' | 'content' | 'unclear';

/** Complete, failed by its own report, or neither: it broke off. */
export type EndKind = 'complete' | 'failed' | 'open';

export interface StreamForm {
  /** What is sent in a stream as a keep-alive; undefined where clients take no such thing. */
  readonly keepAlive: string | undefined;
  /** What an event at the beginning of a stream is. `event`: all its lines, `data`: its data without white space around it. */
  firstEvent(event: string, data: string): FirstEventKind;
  /**
   * How the stream ended whose last bytes these are. Quotes inside of texts are escaped and line ends too, so that an answer that
   * talks about terminal events does not look like one.
   */
  endKind(text: string): EndKind;
  /** The name of the event that reports an error, where it has one. */
  readonly errorEvent?: string;
  /** The data of that event, where it is not what the body of an error answer is. */
  flatError?(error: ProtocolError, sequence: Json): JsonObject;
  /** The member of an event that holds the answer, or a list of answers: an error may be beside or within it. */
  readonly answerMember?: string;
  /** The error of a response object that an event holds, where it is not what the body of an error answer has. */
  responseError?(error: ProtocolError): JsonObject;
}

/** Whether a text may report a failure, in whatever protocol: searched plainly, since nearly no event has these words. */
export function mayReportFailure(text: string): boolean {
  return text.includes('error') || text.includes('failed');
}

/** {@link StreamForm.endKind} of a protocol whose streams end in one of these, with its own report of a failure or without. */
export function endKindBy({ complete, failed }: { complete: RegExp; failed: RegExp }): StreamForm['endKind'] {
  return (text) => {
    if (mayReportFailure(text) && failed.test(text)) return 'failed';
    return complete.test(text) ? 'complete' : 'open';
  };
}

/** {@link StreamForm.firstEvent} of a protocol whose events have names, before their data or as its `type`. */
export function firstEventByName({
  announcing,
  failing,
  finishes,
}: {
  announcing: ReadonlySet<string>;
  failing: ReadonlySet<string>;
  finishes: RegExp;
}): StreamForm['firstEvent'] {
  return (event, data) => {
    const name = nameLine.exec(event)?.[1] ?? typeMember.exec(data.slice(0, typeWithin))?.[1] ?? '';
    if (failing.has(name)) return 'error';
    if (announcing.has(name)) return 'announcement';
    // What the protocol has no name for is nothing of an answer, unless it is an error.
    return name === '' || finishes.test(data) ? 'unclear' : 'content';
  };
}

const nameLine = /^event:\s*(\S+)/m;
const typeMember = /"type"\s*:\s*"([\w.]+)"/;
/** The characters of an event's data that contain its type. */
const typeWithin = 200;
