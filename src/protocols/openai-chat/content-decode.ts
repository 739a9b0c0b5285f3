import { parseDataUrl } from '../base64.ts';
import { describe, InvalidRequest, requireString } from '../invalid-request.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { asObject, asObjects, asString } from '../json-members.ts';
import { audioType } from '../media-types.ts';
import type {
  AudioPart,
  CacheMarker,
  FilePart,
  ImagePart,
  NativePart,
  ReasoningPart,
  RefusalPart,
  TextPart,
  VideoPart,
} from '../model.ts';
import { keep, protocol, rest } from './kept-fields.ts';
import { parseSource } from './media.ts';

type ContentPart =
  | TextPart
  | ImagePart
  | AudioPart
  | FilePart
  | VideoPart
  | RefusalPart
  | ReasoningPart
  | NativePart;

/** The parts of a `content` field: text, a list of parts, or nothing. Throws {@link InvalidRequest} naming `path`. */
export function decodeContent(content: Json | undefined, path: string): ContentPart[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  if (!Array.isArray(content)) return [];
  return content.map((part, at) => {
    if (typeof part === 'string') return { type: 'text', text: part };
    if (!isObject(part))
      throw new InvalidRequest(`${path}.${at}`, `expected a content part, found ${describe(part)}`);
    return decodePart(part, `${path}.${at}`);
  });
}

/** `cache_control`, as OpenRouter and other servers of Claude take it; undefined for anything but `{type: 'ephemeral', ttl?}`, which then stays among the unknown fields. */
export function readCacheControl(value: Json | undefined): CacheMarker | undefined {
  if (!isObject(value) || value.type !== 'ephemeral') return undefined;
  for (const key in value) if (key !== 'type' && key !== 'ttl') return undefined;
  if (value.ttl === undefined) return {};
  return typeof value.ttl === 'string' ? { ttl: value.ttl } : undefined;
}

const textFields = new Set(['type', 'text']);
const imageFields = new Set(['type', 'image_url']);
const audioFields = new Set(['type', 'input_audio']);
const fileFields = new Set(['type', 'file']);
const videoFields = new Set(['type', 'video_url']);
const documentFields = new Set(['type', 'document_url']);
const refusalFields = new Set(['type', 'refusal']);
const thinkingFields = new Set(['type', 'thinking']);

function decodePart(part: JsonObject, path: string): ContentPart {
  switch (part.type) {
    case 'text':
    case 'input_text':
    case 'output_text': {
      const cache = readCacheControl(part.cache_control);
      const extra = keep(
        unknown(part, textFields, cache),
        part.type === 'text' ? undefined : { type: part.type },
      );
      const text = requireString(part.text, `${path}.text`);
      return cache === undefined && extra === undefined
        ? { type: 'text', text }
        : { type: 'text', text, cache, extra };
    }
    case 'image_url':
      return decodeImage(part, path);
    case 'input_audio': {
      const audio = asObject(part.input_audio) ?? {};
      const data = requireString(audio.data, `${path}.input_audio.data`);
      const { source, exact } = audioSource(data, asString(audio.format));
      return {
        type: 'audio',
        source,
        extra: keep(
          unknown(part, audioFields, undefined),
          exact && Object.keys(audio).length === 2 ? undefined : { input_audio: audio },
        ),
      };
    }
    case 'file':
      return decodeFile(part, path);
    case 'video_url': {
      const url = requireString(urlIn(part.video_url), `${path}.video_url.url`);
      const parsed = parseDataUrl(url);
      return {
        type: 'video',
        source: parsed?.source ?? { kind: 'url', url },
        extra: keep(
          unknown(part, videoFields, undefined),
          parsed?.exact === false || !onlyUrl(part.video_url) ? { video_url: part.video_url } : undefined,
        ),
      };
    }
    case 'document_url': {
      // Some services' word for a document that its server fetches.
      const url = requireString(urlIn(part.document_url), `${path}.document_url`);
      return {
        type: 'file',
        source: parseSource(url).source,
        name: asString(part.document_name),
        extra: keep(unknown(part, documentFields, undefined) ?? {}, {
          type: 'document_url',
          document_url: part.document_url,
          file: undefined,
        }),
      };
    }
    case 'refusal':
      return {
        type: 'refusal',
        text: requireString(part.refusal, `${path}.refusal`),
        extra: keep(rest(part, refusalFields), { type: 'refusal' }),
      };
    case 'thinking': {
      const pieces = asObjects(part.thinking);
      const plain =
        pieces.length === 1 && Object.keys(pieces[0] ?? {}).length === 2 && pieces[0]?.type === 'text';
      return {
        type: 'reasoning',
        text:
          typeof part.thinking === 'string'
            ? part.thinking
            : pieces.map((piece) => asString(piece.text) ?? '').join(''),
        extra: keep(rest(part, thinkingFields), {
          type: 'thinking',
          ...(plain ? undefined : { thinking: part.thinking }),
        }),
      };
    }
    default:
      return { type: 'native', protocol, value: part };
  }
}

/** An image part, as content or as a member of an answer's `images`. */
export function decodeImage(part: JsonObject, path: string): ImagePart {
  const url = requireString(urlIn(part.image_url), `${path}.image_url.url`);
  const parsed = parseDataUrl(url);
  const inner = asObject(part.image_url);
  const detail = asString(inner?.detail);
  const standard =
    inner !== undefined &&
    parsed?.exact !== false &&
    Object.keys(inner).length === (detail === undefined ? 1 : 2);
  const cache = readCacheControl(part.cache_control);
  const extra = keep(unknown(part, imageFields, cache), standard ? undefined : { image_url: part.image_url });
  return {
    type: 'image',
    source: parsed?.source ?? { kind: 'url', url },
    detail,
    cache,
    extra,
  };
}

function decodeFile(part: JsonObject, path: string): FilePart {
  const file = asObject(part.file) ?? {};
  const name = asString(file.filename);
  const data = asString(file.file_data) ?? asString(file.file_url);
  const id = asString(file.file_id);
  if (data === undefined && id === undefined)
    throw new InvalidRequest(`${path}.file`, 'expected file_data or file_id');
  const parsed = data === undefined ? undefined : parseSource(data, name);
  const standard =
    parsed?.exact !== false &&
    file.file_url === undefined &&
    Object.keys(file).length === (name === undefined ? 1 : 2);
  const cache = readCacheControl(part.cache_control);
  return {
    type: 'file',
    source: parsed?.source ?? { kind: 'file-id', protocol, id: id ?? '' },
    name,
    cache,
    extra: keep(unknown(part, fileFields, cache), standard && name !== undefined ? undefined : { file }),
  };
}

function audioSource(
  data: string,
  format: string | undefined,
): { source: AudioPart['source']; exact: boolean } {
  const parsed = parseSource(data);
  if (format === undefined || parsed.source.kind !== 'base64') return { source: parsed.source, exact: false };
  return {
    source: { ...parsed.source, mediaType: audioType(format) },
    exact: parsed.source.data === data,
  };
}

function urlIn(value: Json | undefined): Json | undefined {
  return isObject(value) ? value.url : value;
}

function onlyUrl(value: Json | undefined): boolean {
  return isObject(value) && Object.keys(value).length === 1;
}

function unknown(
  part: JsonObject,
  known: ReadonlySet<string>,
  cache: CacheMarker | undefined,
): JsonObject | undefined {
  const left = rest(part, known);
  if (left === undefined || cache === undefined) return left;
  const { cache_control: _, ...others } = left;
  return Object.keys(others).length > 0 ? others : undefined;
}
