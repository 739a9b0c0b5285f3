/** The head of a request as text. Source: RFC 9112 §3 and §5. */
import { isHeaderName, isHeaderValue } from '../ground/header-text.ts';

/** Headers that describe the framing of the message: callers may not set them. */
const ours = new Set([
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'expect',
  'te',
]);

/** Names that were found to be names. They come from providers' records and from configurations: there are few. */
const known = new Set<string>();
const keptNames = 1000;

/** One character a byte. Throws a TypeError for characters that a header may not contain, as `fetch` does. */
export function requestHead(
  method: string,
  host: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  bodyLength: number,
  upgrade?: string,
): string {
  let lines = '';
  let named = host;
  for (const name in headers) {
    let value = headers[name];
    if (value === undefined) continue;
    if (!known.has(name)) learn(name);
    if (!isHeaderValue(value)) {
      // Keys come from files that end with a line end: space around a value does not belong to it (RFC 9110 §5.5).
      value = value.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '');
      if (!isHeaderValue(value)) throw new TypeError(`Header '${name}' has invalid value`);
    }
    if (name === 'host') named = value;
    else if (!ours.has(name)) lines += `${name}: ${value}\r\n`;
  }
  if (upgrade !== undefined)
    return `${method} ${path} HTTP/1.1\r\nhost: ${named}\r\n${lines}connection: upgrade\r\nupgrade: ${upgrade}\r\n\r\n`;
  // RFC 9110 §8.6: where a body would mean nothing, its length is not announced.
  if (bodyLength === 0 && method === 'GET')
    return `${method} ${path} HTTP/1.1\r\nhost: ${named}\r\n${lines}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nhost: ${named}\r\n${lines}content-length: ${bodyLength}\r\n\r\n`;
}

function learn(name: string): void {
  if (!isHeaderName(name) || name !== name.toLowerCase())
    throw new TypeError(`Invalid header name: '${name}'`);
  if (known.size >= keptNames) known.clear();
  known.add(name);
}
