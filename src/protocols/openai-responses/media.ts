/** Bytes as this protocol writes them: data URLs, and formats of audio. */
import type { Source } from '../model.ts';

/** Reads a data URL; undefined when the text is none. Data that is not base64 becomes base64. */
export function parseDataUrl(url: string): Extract<Source, { kind: 'base64' }> | undefined {
  if (!url.startsWith('data:')) return undefined;
  const comma = url.indexOf(',');
  if (comma < 0) return undefined;
  const [type, ...parameters] = url.slice(5, comma).split(';');
  const text = url.slice(comma + 1);
  const mediaType = type || 'text/plain';
  return parameters.includes('base64')
    ? { kind: 'base64', mediaType, data: standardBase64(text) }
    : { kind: 'base64', mediaType, data: toBase64(percentDecoded(text)) };
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A data URL of bytes in base64. */
export function dataUrl(mediaType: string, data: string): string {
  return `data:${mediaType};base64,${data}`;
}

/** The standard alphabet, padded, without white space. */
export function standardBase64(text: string): string {
  const plain = /[-_\s]/.test(text)
    ? text.replace(/\s/g, '').replaceAll('-', '+').replaceAll('_', '/')
    : text;
  return plain.length % 4 === 0 || plain.endsWith('=') ? plain : plain + '='.repeat(4 - (plain.length % 4));
}

/** The UTF-8 bytes of the text in base64. */
export function toBase64(text: string): string {
  let binary = '';
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** `input_audio.format`: the two that the API takes. */
const audioTypes: Record<string, string> = { mp3: 'audio/mpeg', wav: 'audio/wav' };
const audioFormats: Record<string, string> = {
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/wave': 'wav',
};

/** The media type of an `input_audio.format`. */
export function audioType(format: string): string {
  return audioTypes[format] ?? `audio/${format}`;
}

/** The API's word for a kind of audio; undefined for one that it does not take. */
export function audioFormat(mediaType: string): string | undefined {
  return audioFormats[mediaType.toLowerCase()];
}

const extensions: Record<string, string> = {
  'application/pdf': 'pdf',
  'text/plain': 'txt',
  'text/markdown': 'md',
  'text/csv': 'csv',
  'text/html': 'html',
  'application/json': 'json',
};

/** What a file of unknown name is called: the API wants a name with every file whose bytes it gets. */
export function fileName(mediaType: string): string {
  return `document.${extensions[mediaType] ?? mediaType.split(/[/+;]/)[1] ?? 'bin'}`;
}

const typesByExtension = Object.fromEntries(Object.entries(extensions).map(([type, name]) => [name, type]));

/** The media type that a file's name tells. */
export function typeOfName(name: string | undefined): string {
  const extension = name?.slice(name.lastIndexOf('.') + 1).toLowerCase() ?? '';
  return typesByExtension[extension] ?? 'application/octet-stream';
}
