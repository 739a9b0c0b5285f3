/** Canonical parts → the content parts of messages and tool outputs. */
import { dataUrl, toBase64 } from '../base64.ts';
import type { LossReport } from '../codec.ts';
import { asObject, asString, type JsonObject } from '../json.ts';
import type {
  AudioPart,
  Citation,
  FilePart,
  ImagePart,
  Part,
  RefusalPart,
  Source,
  TextPart,
} from '../model.ts';
import { textType } from './content-decode.ts';
import { audioFormat, fileName } from './media.ts';
import { ownOf, protocol } from './native.ts';

/** Writes a part as content of a message; undefined (and a report) when there is no content of that kind. */
export function encodeContent(part: Part, role: string, report: LossReport): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return encodeText(part, textType(role));
    case 'refusal':
      return encodeRefusal(part);
    case 'image':
      return encodeImage(part, report);
    case 'file':
      return encodeFile(part, report);
    case 'audio':
      return encodeAudio(part, report);
    case 'video':
      report({ kind: 'dropped', field: 'messages.video', detail: 'the upstream takes no video' });
      return undefined;
    case 'native':
      if (part.protocol === protocol) return part.value;
      report({ kind: 'dropped', field: `messages.${asString(part.value.type) ?? 'native'}` });
      return undefined;
    default:
      return undefined;
  }
}

/** A text part of a request: annotations stand there only if they came with it. */
function encodeText(part: TextPart, type: string): JsonObject {
  const own = ownOf(part.extra);
  const annotations = part.citations?.flatMap((citation) => {
    if (own === undefined && citation.extra?.protocol !== protocol) return [];
    const annotation = encodeCitation(citation, part.text.length);
    return annotation === undefined ? [] : [annotation];
  });
  return {
    type: own?.spelling.type ?? type,
    text: part.text,
    ...(annotations !== undefined && annotations.length > 0 && { annotations }),
    ...own?.fields,
  };
}

/** A refusal, the same in requests and answers. */
export function encodeRefusal(part: RefusalPart): JsonObject {
  return { type: 'refusal', refusal: part.text, ...ownOf(part.extra)?.fields };
}

/** An annotation; undefined for a citation without a URL, which the protocol cannot say. `length` is the text's. */
export function encodeCitation(citation: Citation, length: number): JsonObject | undefined {
  const own = ownOf(citation.extra);
  if (own?.fields.type !== undefined) return { ...own.fields };
  if (citation.url === undefined) return undefined;
  return {
    type: 'url_citation',
    ...(own?.spelling.place !== false && {
      start_index: citation.start ?? 0,
      end_index: citation.end ?? length,
    }),
    url: citation.url,
    ...(own?.spelling.title !== false && { title: citation.title ?? citation.url }),
    ...own?.fields,
  };
}

/** Whether the file lies in OpenAI's store, whichever of its protocols named it. */
function isStored(source: Extract<Source, { kind: 'file-id' }>): boolean {
  return source.protocol === protocol || source.protocol === 'openai-chat';
}

function encodeImage(part: ImagePart, report: LossReport): JsonObject | undefined {
  const own = ownOf(part.extra);
  const { source } = part;
  const image: JsonObject = { type: 'input_image' };
  if (own?.spelling.image_url !== undefined) image.image_url = own.spelling.image_url;
  else if (source.kind === 'base64') image.image_url = dataUrl(source.mediaType, source.data);
  else if (source.kind === 'url') image.image_url = source.url;
  else if (source.kind === 'file-id' && isStored(source)) image.file_id = source.id;
  else {
    report({
      kind: 'dropped',
      field: 'messages.image',
      detail: 'the image lies in the store of another provider',
    });
    return undefined;
  }
  if (part.detail !== undefined && own?.spelling.detail !== false) image.detail = part.detail;
  return { ...image, ...own?.fields };
}

function encodeFile(part: FilePart, report: LossReport): JsonObject | undefined {
  const own = ownOf(part.extra);
  const { source } = part;
  const file: JsonObject = { type: 'input_file' };
  const spelled = own?.spelling.file_data;
  if (spelled !== undefined) file.file_data = spelled;
  else if (source.kind === 'base64') file.file_data = dataUrl(source.mediaType, source.data);
  else if (source.kind === 'text') file.file_data = dataUrl(source.mediaType, toBase64(source.text));
  else if (source.kind === 'url') file.file_url = source.url;
  else if (isStored(source)) file.file_id = source.id;
  else {
    report({
      kind: 'dropped',
      field: 'messages.file',
      detail: 'the file lies in the store of another provider',
    });
    return undefined;
  }
  if (own === undefined) {
    if (part.citations)
      report({
        kind: 'dropped',
        field: 'messages.file.citations',
        detail: 'the upstream has no place for it',
      });
    if (part.context !== undefined)
      report({ kind: 'dropped', field: 'messages.file.context', detail: 'the upstream has no place for it' });
    // The API wants a name with bytes, and takes none with a URL.
    if (file.file_data !== undefined && 'mediaType' in source)
      file.filename = part.name ?? fileName(source.mediaType ?? 'application/pdf');
  } else if (part.name !== undefined) file.filename = part.name;
  return { ...file, ...own?.fields };
}

function encodeAudio(part: AudioPart, report: LossReport): JsonObject | undefined {
  const own = ownOf(part.extra);
  const spelled = asObject(own?.spelling.input_audio);
  if (spelled !== undefined) return { type: 'input_audio', input_audio: spelled, ...own?.fields };
  const { source } = part;
  const format = source.kind === 'base64' ? audioFormat(source.mediaType) : undefined;
  if (source.kind === 'base64' && format !== undefined) {
    return { type: 'input_audio', input_audio: { data: source.data, format }, ...own?.fields };
  }
  if (part.transcript !== undefined) {
    report({ kind: 'approximated', field: 'messages.audio', detail: 'sent as its transcript' });
    return { type: 'input_text', text: part.transcript };
  }
  report({ kind: 'dropped', field: 'messages.audio', detail: 'the upstream takes mp3 and wav only' });
  return undefined;
}
