/** Media types by file name and by first bytes, for media without a given type. */
import { lookUp } from './word-table.ts';

const typeOfExtension: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  xml: 'text/xml',
  json: 'application/json',
  png: 'image/png',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  heic: 'image/heic',
  heif: 'image/heif',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  mp3: 'audio/mp3',
  wav: 'audio/wav',
  ogg: 'audio/ogg',
  flac: 'audio/flac',
};

/** The first characters of base64 text for common types: their magic numbers. */
const magic: readonly (readonly [start: string, mediaType: string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
  ['JVBERi0', 'application/pdf'],
];

/** The type for the extension of a file name or an address; undefined for unknown ones. */
export function typeOfName(name: string): string | undefined {
  const extension = /\.([a-z0-9]+)(?:[?#]|$)/i.exec(name)?.[1];
  return lookUp(typeOfExtension, extension?.toLowerCase());
}

/** The type that bytes in base64 show themselves; undefined for unknown ones. */
export function typeOfBytes(base64: string): string | undefined {
  return magic.find(([start]) => base64.startsWith(start))?.[1];
}

/** The type of a file in base64 whose name may be known. */
export function typeOfFile(name: string | undefined, base64: string): string {
  return typeOfName(name ?? '') ?? typeOfBytes(base64) ?? 'application/octet-stream';
}

/** The extension of files of a type; undefined for unknown ones. */
export function extensionOf(mediaType: string): string | undefined {
  for (const extension in typeOfExtension) if (typeOfExtension[extension] === mediaType) return extension;
  return undefined;
}

/** Whether files of the type are plain text. */
export function isTextType(mediaType: string): boolean {
  return /^text\/|^application\/(json|xml|yaml|x-yaml|javascript|typescript|toml|csv)\b|\+(json|xml)\b/.test(
    mediaType.toLowerCase(),
  );
}

/** Formats of OpenAI's `input_audio` whose media type is not simply `audio/<format>`. */
export const audioTypes: Readonly<Record<string, string>> = {
  mp3: 'audio/mpeg',
  pcm16: 'audio/pcm',
  g711_ulaw: 'audio/basic',
};

/** The media type of such a format. */
export function audioType(format: string): string {
  return lookUp(audioTypes, format) ?? `audio/${format}`;
}
