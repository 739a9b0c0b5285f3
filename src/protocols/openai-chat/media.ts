/** Sources as this protocol writes them: URLs, audio formats and file names. */

import { dataUrl, parseDataUrl, sourceBase64, standardBase64 } from '../base64.ts';
import { audioTypes, extensionOf, typeOfFile } from '../media-types.ts';
import type { Source } from '../model.ts';

/** The URL of a source: a data URL for bytes and text. Undefined for a file id. */
export function sourceUrl(source: Source): string | undefined {
  if (source.kind === 'url') return source.url;
  const data = sourceBase64(source);
  return data === undefined || source.kind === 'file-id' ? undefined : dataUrl(source.mediaType, data);
}

/** The source in a field that holds a data URL, another URL or bare base64; `name` gives the type where nothing else does. */
export function parseSource(text: string, name?: string): { source: Source; exact: boolean } {
  const parsed = parseDataUrl(text);
  if (parsed !== undefined) return parsed;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return { source: { kind: 'url', url: text }, exact: true };
  const data = standardBase64(text);
  return { source: { kind: 'base64', mediaType: typeOfFile(name, data), data }, exact: false };
}

/** The id of a file that the Responses API has named: Chat has the same store. */
export function knownFileId(source: Source): string | undefined {
  return source.kind === 'file-id' && source.protocol === 'openai-responses' ? source.id : undefined;
}

/** OpenAI's format name of an audio type: `audio/mpeg` → `mp3`. */
export function audioFormat(mediaType: string): string {
  for (const format in audioTypes) if (audioTypes[format] === mediaType) return format;
  const name = mediaType.startsWith('audio/') ? mediaType.slice(6) : mediaType;
  return name === 'x-wav' || name === 'wave' ? 'wav' : name === 'mp3' ? 'mp3' : name;
}

/** A file name for bytes that came without one: OpenAI wants one beside `file_data`. */
export function fileNameFor(mediaType: string | undefined): string {
  const extension = mediaType === undefined ? 'pdf' : extensionOf(mediaType);
  return extension === undefined ? 'document' : `document.${extension}`;
}
