/** The content parts of messages and tool outputs → canonical parts. */
import { dataUrl, parseDataUrl, standardBase64 } from '../base64.ts';
import {
  asNumber,
  asObject,
  asString,
  describe,
  InvalidRequest,
  type Json,
  type JsonObject,
  unknownFields,
} from '../json.ts';
import { typeOfFile } from '../media-types.ts';
import type { Citation, FilePart, ImagePart, NativePart, Part, Source, TextPart } from '../model.ts';
import { audioFormat, audioType } from './media.ts';
import { protocol, toExtra } from './native.ts';

/** Types of content; everything else with a `type` is an item of its own. */
export function isContentType(type: Json | undefined): boolean {
  return typeof type === 'string' && /^(input|output)_|^(text|refusal)$|_text$|_screenshot$/.test(type);
}

/** What text is called in a message of this role. */
export function textType(role: string): string {
  return role === 'assistant' ? 'output_text' : 'input_text';
}

const textFields = new Set(['type', 'text', 'annotations']);
const refusalFields = new Set(['type', 'refusal']);
const audioFields = new Set(['type', 'input_audio']);

/** Reads one content part. A type that no other protocol has becomes a native part. */
export function decodeContent(value: Json, role: string, path: string): Part {
  const part = asObject(value);
  if (part === undefined) throw new InvalidRequest(path, `expected a content part, found ${describe(value)}`);
  switch (part.type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      if (typeof part.text !== 'string')
        throw new InvalidRequest(`${path}.text`, `expected a string, found ${describe(part.text)}`);
      return decodeText(part, part.text, textType(role));
    case 'refusal':
      return {
        type: 'refusal',
        text: asString(part.refusal) ?? '',
        extra: toExtra(unknownFields(part, refusalFields)),
      };
    case 'input_image':
      return decodeImage(part) ?? { type: 'native', protocol, value: part };
    case 'input_file':
      return decodeFile(part) ?? { type: 'native', protocol, value: part };
    case 'input_audio':
      return decodeAudio(part);
    default:
      if (typeof part.type !== 'string')
        throw new InvalidRequest(`${path}.type`, `expected a string, found ${describe(part.type)}`);
      return { type: 'native', protocol, value: part };
  }
}

/** Reads a text part whose type would be `expected` if nothing else were said. */
export function decodeText(part: JsonObject, text: string, expected: string): TextPart {
  const extra = toExtra(unknownFields(part, textFields), part.type === expected ? {} : { type: part.type });
  const decoded: TextPart = { type: 'text', text, extra };
  // A breakpoint of the prompt cache, where clients of other protocols say `cache_control`.
  if (asObject(part.prompt_cache_breakpoint) !== undefined) decoded.cache = {};
  const { annotations } = part;
  if (Array.isArray(annotations) && annotations.length > 0) {
    decoded.citations = annotations.flatMap((annotation) => {
      const read = asObject(annotation);
      return read === undefined ? [] : [decodeAnnotation(read)];
    });
  } else if (annotations !== undefined) {
    extra.fields.annotations = annotations;
  }
  return decoded;
}

const urlCitationFields = new Set(['type', 'url', 'title', 'start_index', 'end_index']);

/** A `url_citation` in canonical terms; every other annotation is kept whole. */
export function decodeAnnotation(annotation: JsonObject): Citation {
  const url = asString(annotation.url);
  const start = asNumber(annotation.start_index);
  const end = asNumber(annotation.end_index);
  const title = asString(annotation.title) ?? asString(annotation.filename);
  const whole = annotation.type !== 'url_citation' || url === undefined;
  return {
    ...(url !== undefined && { url }),
    ...(title !== undefined && { title }),
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
    extra: whole
      ? toExtra({ ...annotation })
      : toExtra(unknownFields(annotation, urlCitationFields), {
          title: title !== undefined,
          place: start !== undefined && end !== undefined,
        }),
  };
}

const imageFields = new Set(['type', 'image_url', 'file_id', 'detail']);

function decodeImage(part: JsonObject): ImagePart | undefined {
  // Chat's spelling, which some clients send here: `image_url: {url}`.
  const url = asString(part.image_url) ?? asString(asObject(part.image_url)?.url);
  const id = asString(part.file_id);
  const source: Source | undefined =
    url !== undefined
      ? (parseDataUrl(url)?.source ?? { kind: 'url', url })
      : id === undefined
        ? undefined
        : { kind: 'file-id', protocol, id };
  if (source === undefined) return undefined;
  const rest = unknownFields(part, imageFields) ?? {};
  const spelling: JsonObject = {};
  const written = source.kind === 'base64' ? dataUrl(source.mediaType, source.data) : url;
  if (part.image_url !== undefined && part.image_url !== written) spelling.image_url = part.image_url;
  if (url !== undefined && part.file_id !== undefined) rest.file_id = part.file_id;
  const detail = asString(part.detail) ?? asString(asObject(part.image_url)?.detail);
  if (part.detail === null) rest.detail = null;
  return {
    type: 'image',
    source,
    ...(detail !== undefined && { detail }),
    extra: toExtra(rest, { ...spelling, ...(detail !== part.detail && { detail: false }) }),
  };
}

const fileFields = new Set(['type', 'file_data', 'file_url', 'file_id', 'filename']);

function decodeFile(part: JsonObject): FilePart | undefined {
  const name = asString(part.filename);
  const data = asString(part.file_data);
  const url = asString(part.file_url);
  const id = asString(part.file_id);
  const rest = unknownFields(part, fileFields) ?? {};
  const spelling: JsonObject = {};
  let source: Source;
  if (data !== undefined) {
    const bytes = standardBase64(data);
    source = parseDataUrl(data)?.source ?? {
      kind: 'base64',
      mediaType: typeOfFile(name, bytes),
      data: bytes,
    };
    if (dataUrl(source.mediaType, source.data) !== data) spelling.file_data = data;
  } else if (url !== undefined) source = { kind: 'url', url };
  else if (id !== undefined) source = { kind: 'file-id', protocol, id };
  else return undefined;
  for (const [key, said] of Object.entries({ file_data: data, file_url: url, file_id: id, filename: name })) {
    const taken = key === 'filename' ? said !== undefined : key === wireField[source.kind];
    if (!taken && part[key] !== undefined) rest[key] = part[key];
  }
  return {
    type: 'file',
    source,
    ...(name !== undefined && { name }),
    extra: toExtra(rest, spelling),
  };
}

const wireField: Record<Source['kind'], string> = {
  base64: 'file_data',
  text: 'file_data',
  url: 'file_url',
  'file-id': 'file_id',
};

function decodeAudio(part: JsonObject): Part {
  const audio = asObject(part.input_audio);
  const data = asString(audio?.data);
  const format = asString(audio?.format);
  if (audio === undefined || data === undefined || format === undefined) {
    return { type: 'native', protocol, value: part } satisfies NativePart;
  }
  const mediaType = audioType(format);
  const plain =
    audioFormat(mediaType) === format && standardBase64(data) === data && Object.keys(audio).length === 2;
  return {
    type: 'audio',
    source: { kind: 'base64', mediaType, data: standardBase64(data) },
    extra: toExtra(unknownFields(part, audioFields), plain ? {} : { input_audio: audio }),
  };
}
