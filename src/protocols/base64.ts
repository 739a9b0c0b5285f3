/** Bytes in JSON: base64, and the data URLs (RFC 2397) around it. */
import { typeOfBytes } from './media-types.ts';
import type { Source } from './model.ts';

/** What stands in no standard base64: the URL-safe alphabet, white space, escapes. */
const foreign = ['-', '_', '%', '\n', '\r', '\t', ' '] as const;

/** Standard base64 with padding, from what clients write: URL-safe letters, line breaks, escapes, no padding. */
export function standardBase64(text: string): string {
  const plain = foreign.some((character) => text.includes(character))
    ? text
        .replace(/%3D/gi, '=')
        .replace(/%2B/gi, '+')
        .replace(/%2F/gi, '/')
        .replace(/\s/g, '')
        .replaceAll('-', '+')
        .replaceAll('_', '/')
    : text;
  const missing = plain.length % 4;
  return missing === 0 || plain.endsWith('=') ? plain : plain + '='.repeat(4 - missing);
}

/** The UTF-8 bytes of the text in standard base64. */
export function toBase64(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}

/** The bytes of standard base64. Throws where the text is none. */
function bytesOfBase64(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** The text whose UTF-8 bytes the base64 holds; undefined when it holds no text, or is no base64. */
export function fromBase64(base64: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytesOfBase64(base64));
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
  if (!url.startsWith('data:')) return undefined;
  const comma = url.indexOf(',');
  if (comma < 0) return undefined;
  const [named, ...parameters] = url.slice(5, comma).split(';');
  const payload = url.slice(comma + 1);
  if (!parameters.includes('base64')) {
    const data = toBase64(percentDecoded(payload));
    return { source: { kind: 'base64', mediaType: named || 'text/plain', data }, exact: false };
  }
  const data = standardBase64(payload);
  const mediaType = named || typeOfBytes(data) || 'application/octet-stream';
  return {
    source: { kind: 'base64', mediaType, data },
    exact: mediaType === named && parameters.length === 1 && data === payload,
  };
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
