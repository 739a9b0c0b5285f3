/** The `source` of images and documents that came from any protocol. */
import { fromBase64 } from '../base64.ts';
import type { LossReport } from '../codec.ts';
import type { JsonObject } from '../json.ts';
import { isTextType, typeOfBytes } from '../media-types.ts';
import type { Source } from '../model.ts';

/** Files of this API are in no other protocol's requests. */
const elsewhere = 'the file is in the store of another provider';

/** The source of an image block; undefined (and a report) when the upstream cannot reach the bytes. */
export function imageSource(source: Source, report: LossReport): JsonObject | undefined {
  switch (source.kind) {
    case 'base64':
      return { type: 'base64', media_type: imageType(source.mediaType, source.data), data: source.data };
    case 'url':
      return { type: 'url', url: source.url };
    case 'file-id':
      report('dropped', 'messages.image', elsewhere);
      return undefined;
    case 'text':
      report('dropped', 'messages.image', 'text is no image');
      return undefined;
  }
}

/** The bytes show the type where the client did not, or gave an invalid one. */
function imageType(mediaType: string, data: string): string {
  const known = mediaType.toLowerCase();
  if (known === 'image/jpg') return 'image/jpeg';
  return /^image\/(png|jpeg|gif|webp)$/.test(known) ? known : (typeOfBytes(data) ?? mediaType);
}

/** The source of a document block: PDF as bytes, everything that is text as text. */
export function fileSource(source: Source, report: LossReport): JsonObject | undefined {
  switch (source.kind) {
    case 'base64': {
      if (isTextType(source.mediaType)) {
        const text = fromBase64(source.data);
        if (text !== undefined) return { type: 'text', media_type: 'text/plain', data: text };
      }
      const mediaType =
        source.mediaType === 'application/pdf'
          ? source.mediaType
          : (typeOfBytes(source.data) ?? source.mediaType);
      if (mediaType !== 'application/pdf') {
        report('approximated', 'messages.file', `sent as ${mediaType}; the upstream reads PDF and text`);
      }
      return { type: 'base64', media_type: mediaType, data: source.data };
    }
    case 'url':
      return { type: 'url', url: source.url };
    case 'text':
      return { type: 'text', media_type: 'text/plain', data: source.text };
    case 'file-id':
      report('dropped', 'messages.file', elsewhere);
      return undefined;
  }
}
