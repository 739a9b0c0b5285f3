/** Formats of audio and names of files, as this protocol wants them. */

import { extensionOf } from '../media-types.ts';
import { lookUp } from '../word-table.ts';

/** `input_audio.format`: the two that the API takes. */
const audioFormats: Record<string, string> = {
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/wave': 'wav',
};

/** The API's word for a kind of audio; undefined for one that it does not take. */
export function audioFormat(mediaType: string): string | undefined {
  return lookUp(audioFormats, mediaType.toLowerCase());
}

/** Characters of a media type: RFC 6838 §4.2 has 127 for each of its halves. */
const longestType = 255;

/** What a file of unknown name is called: the API wants a name with every file whose bytes it gets. */
export function fileName(mediaType: string): string {
  return `document.${extensionOf(mediaType) ?? mediaType.slice(0, longestType).split(/[/+;]/)[1] ?? 'bin'}`;
}
