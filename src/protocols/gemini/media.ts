/** `inlineData` and `fileData`: bytes and addresses of media, as images, audio, video and files. */
import { bytesSource, parseDataUrl, toBase64 } from '../base64.ts';
import type { LossReport } from '../codec.ts';
import { requireString } from '../invalid-request.ts';
import type { JsonObject } from '../json.ts';
import { asString } from '../json-members.ts';
import { typeOfName } from '../media-types.ts';
import type { AudioPart, FilePart, ImagePart, Source, VideoPart } from '../model.ts';

export type MediaPart = ImagePart | AudioPart | VideoPart | FilePart;

/** The fields of `inlineData` that the model covers. */
export const inlineDataFields: ReadonlySet<string> = new Set(['mimeType', 'data']);
/** The fields of `fileData` that the model covers. */
export const fileDataFields: ReadonlySet<string> = new Set(['mimeType', 'fileUri']);

/** Reads an `inlineData` object. Throws InvalidRequest naming `path`. */
export function decodeInlineData(blob: JsonObject, path: string): MediaPart {
  const source = bytesSource(requireString(blob.data, `${path}.data`), asString(blob.mimeType));
  return mediaPart(source.mediaType, source);
}

/** Reads a `fileData` object. Throws InvalidRequest naming `path`. */
export function decodeFileData(file: JsonObject, path: string): MediaPart {
  const url = requireString(file.fileUri, `${path}.fileUri`);
  const said = asString(file.mimeType);
  const held = parseDataUrl(url)?.source;
  if (held !== undefined)
    return mediaPart(said || held.mediaType, { ...held, mediaType: said || held.mediaType });
  const mediaType = said ?? typeOfName(url) ?? (/youtu\.?be/.test(url) ? 'video/mp4' : '');
  return mediaPart(mediaType, { kind: 'url', url, ...(said && { mediaType: said }) });
}

function mediaPart(mediaType: string, source: Source): MediaPart {
  switch (mediaType.slice(0, mediaType.indexOf('/'))) {
    case 'image':
      return { type: 'image', source };
    case 'audio':
      return { type: 'audio', source };
    case 'video':
      return { type: 'video', source };
    default:
      return { type: 'file', source };
  }
}

/** The type of an address where neither the client nor its extension gives one; the API requires a type. */
const presumedTypes: Partial<Record<MediaPart['type'], string>> = {
  image: 'image/jpeg',
  file: 'application/pdf',
  audio: 'audio/mp3',
};

/** The part's `inlineData` or `fileData`; undefined (and a report) when the API cannot reach the bytes. */
export function encodeMedia(part: MediaPart, report: LossReport): JsonObject | undefined {
  const { source } = part;
  switch (source.kind) {
    case 'base64':
      return { inlineData: { mimeType: source.mediaType, data: source.data } };
    case 'text':
      return {
        inlineData: { mimeType: source.mediaType, data: toBase64(source.text) },
      };
    case 'url': {
      const mimeType = source.mediaType ?? typeOfName(source.url) ?? presumedTypes[part.type];
      return { fileData: { ...(mimeType !== undefined && { mimeType }), fileUri: source.url } };
    }
    case 'file-id':
      report('dropped', `messages.${part.type}`, `the file ${source.id} is in another provider's store`);
      return undefined;
  }
}
