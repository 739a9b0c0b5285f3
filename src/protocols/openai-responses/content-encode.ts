/** Canonical parts → the content parts of messages and tool outputs. */
import { dataUrl, toBase64 } from '../base64.ts';
import type { LossReport } from '../codec.ts';
import type { JsonObject } from '../json.ts';
import { asString } from '../json-members.ts';
import type { AudioPart, Citation, FilePart, ImagePart, Part, RefusalPart, Source } from '../model.ts';
import { textType } from './content-decode.ts';
import { ownOf } from './kept-fields.ts';
import { audioFormat, fileName } from './media.ts';

/** Writes a part as content of a message; undefined (and a report) when there is no content of that kind. */
export function encodeContent(part: Part, role: string, report: LossReport): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return { type: textType(role), text: part.text };
    case 'refusal':
      return encodeRefusal(part);
    case 'image':
      return encodeImage(part, report);
    case 'file':
      return encodeFile(part, report);
    case 'audio':
      return encodeAudio(part, report);
    case 'video':
      report('dropped', 'messages.video', 'the upstream takes no video');
      return undefined;
    case 'native':
      report('dropped', `messages.${asString(part.value.type) ?? 'native'}`);
      return undefined;
    default:
      return undefined;
  }
}

/** A refusal, the same in requests and answers. */
export function encodeRefusal(part: RefusalPart): JsonObject {
  return { type: 'refusal', refusal: part.text, ...ownOf(part.extra)?.fields };
}

/** An annotation; undefined for a citation without a URL, which the protocol does not have. `length` is the text's. */
export function encodeCitation(citation: Citation, length: number): JsonObject | undefined {
  const own = ownOf(citation.extra);
  if (own?.fields.type !== undefined) return { ...own.fields };
  if (citation.url === undefined) return undefined;
  return {
    type: 'url_citation',
    ...(own?.originalForm.place !== false && {
      start_index: citation.start ?? 0,
      end_index: citation.end ?? length,
    }),
    url: citation.url,
    ...(own?.originalForm.title !== false && { title: citation.title ?? citation.url }),
    ...own?.fields,
  };
}

/** Whether the file is one that Chat has named: both have the same store. */
function isStored(source: Extract<Source, { kind: 'file-id' }>): boolean {
  return source.protocol === 'openai-chat';
}

function encodeImage({ source, detail }: ImagePart, report: LossReport): JsonObject | undefined {
  const image: JsonObject = { type: 'input_image' };
  if (source.kind === 'base64') image.image_url = dataUrl(source.mediaType, source.data);
  else if (source.kind === 'url') image.image_url = source.url;
  else if (source.kind === 'file-id' && isStored(source)) image.file_id = source.id;
  else {
    report('dropped', 'messages.image', 'the image is in the store of another provider');
    return undefined;
  }
  if (detail !== undefined) image.detail = detail;
  return image;
}

function encodeFile(part: FilePart, report: LossReport): JsonObject | undefined {
  const { source } = part;
  const file: JsonObject = { type: 'input_file' };
  if (source.kind === 'base64') file.file_data = dataUrl(source.mediaType, source.data);
  else if (source.kind === 'text') file.file_data = dataUrl(source.mediaType, toBase64(source.text));
  else if (source.kind === 'url') file.file_url = source.url;
  else if (isStored(source)) file.file_id = source.id;
  else {
    report('dropped', 'messages.file', 'the file is in the store of another provider');
    return undefined;
  }
  if (part.citations) report('dropped', 'messages.file.citations', 'the upstream has no place for it');
  if (part.context !== undefined)
    report('dropped', 'messages.file.context', 'the upstream has no place for it');
  // The API wants a name with bytes, and takes none with a URL.
  if (file.file_data !== undefined && 'mediaType' in source)
    file.filename = part.name ?? fileName(source.mediaType ?? 'application/pdf');
  return file;
}

function encodeAudio({ source, transcript }: AudioPart, report: LossReport): JsonObject | undefined {
  const format = source.kind === 'base64' ? audioFormat(source.mediaType) : undefined;
  if (source.kind === 'base64' && format !== undefined)
    return { type: 'input_audio', input_audio: { data: source.data, format } };
  if (transcript !== undefined) {
    report('approximated', 'messages.audio', 'sent as its transcript');
    return { type: 'input_text', text: transcript };
  }
  report('dropped', 'messages.audio', 'the upstream takes mp3 and wav only');
  return undefined;
}
