/** Bytes in JSON: data URLs, audio formats and file names. */
import type { Source } from '../model.ts';
import { protocol } from './own-extra.ts';

/** The first characters of base64 text for common types: their magic numbers. */
const magic: readonly (readonly [string, string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
  ['JVBERi', 'application/pdf'],
];

const extensions: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  xml: 'text/xml',
  json: 'application/json',
};

/** `input_audio.format` values whose media type is not simply `audio/<format>`. */
const audioTypes: Readonly<Record<string, string>> = {
  mp3: 'audio/mpeg',
  pcm16: 'audio/pcm',
  g711_ulaw: 'audio/basic',
};

export function encodeBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 8192)
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary);
}

/** Standard base64 with padding from what clients write: URL-safe letters, line breaks, no padding. */
function standardBase64(text: string): string {
  const clean =
    text.includes('-') ||
    text.includes('_') ||
    text.includes('\n') ||
    text.includes('\r') ||
    text.includes(' ') ||
    text.includes('%')
      ? text
          .replace(/%3D/gi, '=')
          .replace(/%2B/gi, '+')
          .replace(/%2F/gi, '/')
          .replace(/\s/g, '')
          .replaceAll('-', '+')
          .replaceAll('_', '/')
      : text;
  const missing = clean.length % 4;
  return missing === 0 ? clean : clean + '='.repeat(4 - missing);
}

/** The media type that the bytes themselves show; undefined for unknown ones. */
function sniff(base64: string): string | undefined {
  return magic.find(([prefix]) => base64.startsWith(prefix))?.[1];
}

/** The source in a data URL, RFC 2397; undefined for other URLs. `exact` when {@link dataUrl} gives the same text. */
export function parseDataUrl(
  url: string,
): { source: Extract<Source, { kind: 'base64' }>; exact: boolean } | undefined {
  if (!url.startsWith('data:')) return undefined;
  const comma = url.indexOf(',');
  if (comma < 0) return undefined;
  const header = url.slice(5, comma);
  const payload = url.slice(comma + 1);
  const named = header.split(';', 1)[0] ?? '';
  if (!header.endsWith(';base64')) {
    const data = encodeBase64(new TextEncoder().encode(percentDecoded(payload)));
    return { source: { kind: 'base64', mediaType: named || 'text/plain', data }, exact: false };
  }
  const data = standardBase64(payload);
  const mediaType = named || sniff(data) || 'application/octet-stream';
  return {
    source: { kind: 'base64', mediaType, data },
    exact: header.length === mediaType.length + 7 && data === payload,
  };
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The URL of a source: a data URL for bytes and text. Undefined for a file id. */
export function sourceUrl(source: Source): string | undefined {
  switch (source.kind) {
    case 'base64':
      return `data:${source.mediaType};base64,${source.data}`;
    case 'url':
      return source.url;
    case 'text':
      return `data:${source.mediaType};base64,${encodeBase64(new TextEncoder().encode(source.text))}`;
    case 'file-id':
      return undefined;
  }
}

/** The source in a field that holds a data URL, another URL or bare base64; `name` tells the type where nothing else does. */
export function parseSource(text: string, name?: string): { source: Source; exact: boolean } {
  const parsed = parseDataUrl(text);
  if (parsed !== undefined) return parsed;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return { source: { kind: 'url', url: text }, exact: true };
  const extension = name?.slice(name.lastIndexOf('.') + 1).toLowerCase() ?? '';
  const data = standardBase64(text);
  const mediaType = extensions[extension] ?? sniff(data) ?? 'application/octet-stream';
  return { source: { kind: 'base64', mediaType, data }, exact: false };
}

/** The bytes of the source as base64; undefined when only the provider can fetch them. */
export function sourceBase64(source: Source): string | undefined {
  if (source.kind === 'base64') return source.data;
  return source.kind === 'text' ? encodeBase64(new TextEncoder().encode(source.text)) : undefined;
}

/** The source's file id if this provider's file store (Chat and Responses share one) knows it. */
export function knownFileId(source: Source): string | undefined {
  return source.kind === 'file-id' && (source.protocol === protocol || source.protocol === 'openai-responses')
    ? source.id
    : undefined;
}

export function audioMediaType(format: string): string {
  return audioTypes[format] ?? `audio/${format}`;
}

/** OpenAI's format name of an audio type: `audio/mpeg` → `mp3`. */
export function audioFormat(mediaType: string): string {
  for (const format in audioTypes) if (audioTypes[format] === mediaType) return format;
  const name = mediaType.startsWith('audio/') ? mediaType.slice(6) : mediaType;
  return name === 'x-wav' || name === 'wave' ? 'wav' : name === 'mp3' ? 'mp3' : name;
}

/** A file name for bytes that came without one: OpenAI wants one beside `file_data`. */
export function fileNameFor(mediaType: string | undefined): string {
  for (const extension in extensions) if (extensions[extension] === mediaType) return `document.${extension}`;
  return mediaType === undefined ? 'document.pdf' : 'document';
}
