/** What is kept of a request for the queue of usage alone, while that is recorded: nothing of it goes to a file. */
import type { ObservedRequest } from '../usage/record.ts';

/** Characters of a header that are kept. */
const longestHeader = 512;
/** Bytes of a body, at its beginning and at its end, in which its settings are looked for. */
const looked = 4096;

export function observedRequest(
  headers: Headers,
  endpoint: string,
  address: string | undefined,
  body: Uint8Array,
): ObservedRequest {
  const header = (name: string): string => (headers.get(name) ?? '').slice(0, longestHeader);
  const ends = edges(body);
  return {
    address,
    endpoint,
    forwardedFor: header('x-forwarded-for'),
    userAgent: header('user-agent'),
    // Chat's own name; Responses and Anthropic have it inside of another.
    effort: /"(?:reasoning_)?effort"\s*:\s*"(\w{1,16})"/.exec(ends)?.[1],
    serviceTier: /"service_?[tT]ier"\s*:\s*"(\w{1,16})"/.exec(ends)?.[1],
  };
}

function edges(body: Uint8Array): string {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (bytes.length <= 2 * looked) return bytes.toString('latin1');
  return `${bytes.toString('latin1', 0, looked)}\n${bytes.toString('latin1', bytes.length - looked)}`;
}
