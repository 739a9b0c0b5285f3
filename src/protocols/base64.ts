/** Bytes in JSON: base64, and the data URLs (RFC 2397) around it. */
import { typeOfBytes } from './media-types.ts';
import type { Source } from './model.ts';

/** Characters that standard base64 does not have: the URL-safe alphabet, white space, escapes. */
const foreign = /[-_%\s]/;

/** Standard base64 with padding, from what clients write: URL-safe letters, line breaks, escapes, no padding. */
export function standardBase64(text: string): string {
  const plain = foreign.test(text) ? standardLetters(text) : text;
  const missing = plain.length % 4;
  return missing === 0 || plain.endsWith('=') ? plain : plain + '='.repeat(4 - missing);
}

const code = (character: string): number => character.charCodeAt(0);
const percent = code('%');
/** The value of each byte; negative for white space, which has none. */
const meant = Int16Array.from({ length: 256 }, (_, byte) => byte);
meant[code('-')] = code('+');
meant[code('_')] = code('/');
for (const space of '\t\n\v\f\r ') meant[code(space)] = -1;
/** Letters of base64 that clients write as escapes, by the two digits behind the percent sign, in small letters. */
const escaped = new Map([
  [twoDigits(code('2'), code('b')), code('+')],
  [twoDigits(code('2'), code('f')), code('/')],
  [twoDigits(code('3'), code('d')), code('=')],
]);

function twoDigits(first: number, second: number): number {
  return (first << 8) | second;
}

/** In the bytes themselves: to replace each of the letters of an image in its text takes thirty times as long. */
function standardLetters(text: string): string {
  const bytes = Buffer.from(text);
  let end = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    const letter =
      byte === percent ? escaped.get(twoDigits(bytes[at + 1] ?? 0, (bytes[at + 2] ?? 0) | 0x20)) : undefined;
    if (letter !== undefined) at += 2;
    const written = letter ?? meant[byte] ?? byte;
    if (written < 0) continue;
    bytes[end] = written;
    end += 1;
  }
  return bytes.toString('utf8', 0, end);
}

/** The UTF-8 bytes of the text in standard base64. */
export function toBase64(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}

/** The text whose UTF-8 bytes the base64 holds; undefined when it holds no text, or is no base64. */
export function fromBase64(base64: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.fromBase64(base64));
  } catch {
    return undefined;
  }
}

/** The bytes of the source as base64; undefined when only the provider can fetch them. */
export function sourceBase64(source: Source): string | undefined {
  if (source.kind === 'base64') return source.data;
  return source.kind === 'text' ? toBase64(source.text) : undefined;
}

/** A data URL of bytes in base64. */
export function dataUrl(mediaType: string, data: string): string {
  return `data:${mediaType};base64,${data}`;
}

/** Reads a data URL; undefined for other URLs. `exact` when {@link dataUrl} gives the same text. */
export function parseDataUrl(
  url: string,
): { source: Extract<Source, { kind: 'base64' }>; exact: boolean } | undefined {
  // Schemes and the word base64 may be written in any letters (RFC 3986 §3.1), and URLs are read without the space around them.
  const scheme = /^\s*data:/i.exec(url.slice(0, longestScheme))?.[0];
  const comma = scheme === undefined ? -1 : url.slice(0, longestHead).indexOf(',');
  if (scheme === undefined || comma < 0) return undefined;
  const [written = '', ...parameters] = url.slice(scheme.length, comma).split(';');
  const named = written.trim();
  const payload = url.slice(comma + 1);
  if (!parameters.some((parameter) => parameter.trim().toLowerCase() === 'base64')) {
    const data = toBase64(percentDecoded(payload));
    return { source: { kind: 'base64', mediaType: named || 'text/plain', data }, exact: false };
  }
  const data = standardBase64(payload);
  const mediaType = named || typeOfBytes(data) || 'application/octet-stream';
  return {
    source: { kind: 'base64', mediaType, data },
    exact:
      mediaType === written &&
      scheme === 'data:' &&
      parameters.length === 1 &&
      parameters[0] === 'base64' &&
      data === payload,
  };
}

/** The characters of a URL's scheme, and the prefix of its bytes: a type and its parameters. */
const longestScheme = 64;
const longestHead = 4096;

/** The source at a URL, which may hold the bytes itself: only then can every provider read them. */
export function urlSource(url: string): Source {
  return parseDataUrl(url)?.source ?? { kind: 'url', url };
}

/**
 * Bytes as a client wrote them where base64 belongs: in any spelling, or as a data URL. `mediaType` is the client's type of
 * them; without it the data URL's, or what the bytes show.
 */
export function bytesSource(
  written: string,
  mediaType: string | undefined,
): Extract<Source, { kind: 'base64' }> {
  const found = parseDataUrl(written)?.source;
  const data = found?.data ?? standardBase64(written);
  const said = mediaType || found?.mediaType || typeOfBytes(data) || 'application/octet-stream';
  return { kind: 'base64', mediaType: said, data };
}

/** The text that was escaped; what is escaped wrongly, as it is written. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
