/** The content parts of messages and tool outputs → canonical parts. */
import { bytesSource, parseDataUrl, standardBase64, urlSource } from '../base64.ts';
import { describe, InvalidRequest } from '../invalid-request.ts';
import type { Json, JsonObject } from '../json.ts';
import { asNumber, asObject, asString, unknownFields } from '../json-members.ts';
import { audioType, typeOfFile } from '../media-types.ts';
import type { Citation, FilePart, ImagePart, NativePart, Part, Source, TextPart } from '../model.ts';
import { protocol, toExtra } from './kept-fields.ts';

/** Types of content; everything else with a `type` is an item of its own. */
export function isContentType(type: Json | undefined): boolean {
  return typeof type === 'string' && /^(input|output)_|^(text|refusal)$|_text$|_screenshot$/.test(type);
}

/** What text is called in a message of this role. */
export function textType(role: string): string {
  return role === 'assistant' ? 'output_text' : 'input_text';
}

const textFields = new Set(['type', 'text', 'annotations']);

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
      return { type: 'refusal', text: asString(part.refusal) ?? '' };
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

/** Reads a text part whose type would be `expected` by default. */
export function decodeText(part: JsonObject, text: string, expected: string): TextPart {
  const extra = toExtra(unknownFields(part, textFields), part.type === expected ? {} : { type: part.type });
  const decoded: TextPart = { type: 'text', text, extra };
  // A breakpoint of the prompt cache, where clients of other protocols have `cache_control`.
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
    url,
    title,
    start,
    end,
    extra: whole
      ? toExtra({ ...annotation })
      : toExtra(unknownFields(annotation, urlCitationFields), {
          title: title !== undefined,
          place: start !== undefined && end !== undefined,
        }),
  };
}

function decodeImage(part: JsonObject): ImagePart | undefined {
  // Chat's form, which some clients send here: `image_url: {url}`.
  const url = asString(part.image_url) ?? asString(asObject(part.image_url)?.url);
  const id = asString(part.file_id);
  const source: Source | undefined =
    url !== undefined ? urlSource(url) : id === undefined ? undefined : { kind: 'file-id', protocol, id };
  if (source === undefined) return undefined;
  return {
    type: 'image',
    source,
    detail: asString(part.detail) ?? asString(asObject(part.image_url)?.detail),
  };
}

function decodeFile(part: JsonObject): FilePart | undefined {
  const name = asString(part.filename);
  const source = fileSource(part, name);
  return source && { type: 'file', source, name };
}

function fileSource(part: JsonObject, name: string | undefined): Source | undefined {
  const data = asString(part.file_data);
  if (data !== undefined) {
    const bytes = standardBase64(data);
    return parseDataUrl(data)?.source ?? { kind: 'base64', mediaType: typeOfFile(name, bytes), data: bytes };
  }
  const url = asString(part.file_url);
  if (url !== undefined) return urlSource(url);
  const id = asString(part.file_id);
  return id === undefined ? undefined : { kind: 'file-id', protocol, id };
}

function decodeAudio(part: JsonObject): Part {
  const audio = asObject(part.input_audio);
  const data = asString(audio?.data);
  const format = asString(audio?.format);
  if (data === undefined || format === undefined) {
    return { type: 'native', protocol, value: part } satisfies NativePart;
  }
  return {
    type: 'audio',
    source: bytesSource(data, audioType(format)),
  };
}
