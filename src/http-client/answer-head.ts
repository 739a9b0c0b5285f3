/** The head of an answer: its status and its headers. Source: RFC 9112 §4 and §5. */
import { isHeaderName } from '../ground/header-text.ts';

export interface AnswerHead {
  status: number;
  /** The HTTP version is 1.0: a connection is kept only if the server asks for it. */
  old: boolean;
  /** The lines of the headers, each with its line end. */
  lines: string;
  /** The headers that every answer is asked for. */
  framing: FramingHeaders;
}

/** The framing of the answer's body; undefined where the head has none. */
export interface FramingHeaders {
  'content-length': string | undefined;
  'transfer-encoding': string | undefined;
  'content-encoding': string | undefined;
  connection: string | undefined;
  'keep-alive': string | undefined;
}

/**
 * The head that begins the text; undefined when that is no HTTP/1 answer. Throws for one that holds what no header may:
 * NUL, or a line end that is none (RFC 9110 §5.5).
 */
export function answerHead(text: string): AnswerHead | undefined {
  const found = /^HTTP\/1\.([01]) (\d{3})(?!\d)[^\n]*\n/.exec(text);
  if (found === null) return undefined;
  const lines = text.slice(found[0].length);
  if (text.includes('\0')) throw new Error(badHeader);
  return { status: Number(found[2]), old: found[1] === '0', lines, framing: framingHeaders(lines) };
}

function framingHeaders(lines: string): FramingHeaders {
  const found: FramingHeaders = {
    'content-length': undefined,
    'transfer-encoding': undefined,
    'content-encoding': undefined,
    connection: undefined,
    'keep-alive': undefined,
  };
  let start = 0;
  /** The next carriage return. */
  let back = lines.indexOf('\r');
  for (let end = lines.indexOf('\n'); end >= 0; end = lines.indexOf('\n', start)) {
    if (back >= 0 && back < end) {
      if (back !== end - 1) throw new Error(badHeader);
      back = lines.indexOf('\r', end);
    }
    const name = framingName(lines, start, lines.indexOf(':', start) - start);
    if (name !== undefined && lines.slice(start, start + name.length).toLowerCase() === name)
      found[name] = joinedValue(found[name], lines.slice(start + name.length + 1, end));
    start = end + 1;
  }
  return found;
}

const badHeader = 'a header of the answer holds what no header may';

/** By its length, which hardly two of them share: an answer has dozens of headers, and few names are worth a comparison. */
function framingName(lines: string, start: number, length: number): keyof FramingHeaders | undefined {
  switch (length) {
    case 10:
      // k or K.
      return (lines.charCodeAt(start) | 32) === 107 ? 'keep-alive' : 'connection';
    case 14:
      return 'content-length';
    case 16:
      return 'content-encoding';
    case 17:
      return 'transfer-encoding';
    default:
      return undefined;
  }
}

/** Values of one name in several lines are a list (RFC 9110 §5.3). */
function joinedValue(before: string | undefined, value: string): string {
  return before === undefined ? value.trim() : `${before}, ${value.trim()}`;
}

/** The value of a header, by its name in lower case; several of that name are joined by commas. */
export function headerIn(lines: string, name: string): string | undefined {
  let value: string | undefined;
  let start = 0;
  for (let end = lines.indexOf('\n'); end >= 0; end = lines.indexOf('\n', start)) {
    const colon = start + name.length;
    if (lines.charCodeAt(colon) === 58 && lines.slice(start, colon).toLowerCase() === name)
      value = joinedValue(value, lines.slice(colon + 1, end));
    start = end + 1;
  }
  return value;
}

/** All headers, in the form that the rest of the world knows them by. */
export function headersIn(lines: string): Headers {
  const headers = new Headers();
  for (const line of lines.split('\n')) {
    const colon = line.indexOf(':');
    // A line that is not a header is ignored.
    if (isHeaderName(line.slice(0, Math.max(0, colon))))
      headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return headers;
}
