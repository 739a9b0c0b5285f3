/** Writes content parts. */
import { sourceBase64 } from '../base64.ts';
import type { LossReport } from '../codec.ts';
import type { JsonObject } from '../json.ts';
import { asString } from '../json-members.ts';
import type { CacheMarker, FilePart, Part } from '../model.ts';
import { overlay, ownFields, protocol } from './kept-fields.ts';
import { audioFormat, fileNameFor, knownFileId, sourceUrl } from './media.ts';

/** How parts are written for one upstream or client. */
export interface PartOptions {
  /** Whether the upstream understands `cache_control`. */
  cache: boolean;
  report: LossReport;
}

/** The wire form of a content part; undefined, and a report, when chat has none. */
export function encodePart(part: Part, options: PartOptions): JsonObject | undefined {
  const base = encodeKnown(part, options);
  if (base === undefined || !('extra' in part) || part.extra === undefined) return base;
  return overlay(base, ownFields(part.extra));
}

function encodeKnown(part: Part, options: PartOptions): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return part.cache === undefined
        ? { type: 'text', text: part.text }
        : { type: 'text', text: part.text, cache_control: cacheControl(part.cache, options) };
    case 'image': {
      const url = sourceUrl(part.source);
      if (url === undefined) return drop(options, 'messages.image', 'files are known to their provider only');
      const image_url = part.detail === undefined ? { url } : { url, detail: part.detail };
      return { type: 'image_url', image_url, cache_control: cacheControl(part.cache, options) };
    }
    case 'audio': {
      const data = sourceBase64(part.source);
      if (data === undefined) return drop(options, 'messages.audio', 'chat takes audio as bytes only');
      const mediaType = 'mediaType' in part.source ? (part.source.mediaType ?? 'audio/wav') : 'audio/wav';
      return { type: 'input_audio', input_audio: { data, format: audioFormat(mediaType) } };
    }
    case 'file':
      return encodeFile(part, options);
    case 'video': {
      const url = sourceUrl(part.source);
      return url === undefined
        ? drop(options, 'messages.video', 'files are known to their provider only')
        : { type: 'video_url', video_url: { url } };
    }
    case 'refusal':
      return { type: 'refusal', refusal: part.text };
    case 'reasoning':
      return { type: 'thinking', thinking: [{ type: 'text', text: part.text }] };
    case 'native':
      if (part.carried === true && part.protocol !== protocol) return undefined;
      return part.protocol === protocol
        ? part.value
        : drop(options, `messages.${asString(part.value.type) ?? 'part'}`, `only ${part.protocol} has it`);
    default:
      return undefined;
  }
}

function encodeFile(part: FilePart, options: PartOptions): JsonObject | undefined {
  const cache_control = cacheControl(part.cache, options);
  if (part.citations) options.report('dropped', 'messages.document.citations', 'chat has no place');
  if (part.context !== undefined) options.report('dropped', 'messages.document.context', 'chat has no place');
  const id = knownFileId(part.source);
  if (id !== undefined)
    return { type: 'file', file: overlay({ file_id: id, filename: part.name }, undefined), cache_control };
  const data = sourceUrl(part.source);
  if (data === undefined) return drop(options, 'messages.file', 'files are known to their provider only');
  if (part.source.kind === 'url') {
    // Compatible servers (OpenRouter) fetch URLs in `file_data`; OpenAI answers 400, which is better than dropping the file.
    options.report(
      'approximated',
      'messages.file',
      'the URL is sent in file.file_data, which OpenAI itself rejects',
    );
  }
  const filename = part.name ?? fileNameFor('mediaType' in part.source ? part.source.mediaType : undefined);
  return { type: 'file', file: { filename, file_data: data }, cache_control };
}

function cacheControl(cache: CacheMarker | undefined, options: PartOptions): JsonObject | undefined {
  if (cache === undefined) return undefined;
  if (options.cache) return writeCacheControl(cache);
  reportCache(options);
  return undefined;
}

/** `cache_control`, for servers that take it. */
export function writeCacheControl(cache: CacheMarker): JsonObject {
  return cache.ttl === undefined ? { type: 'ephemeral' } : { type: 'ephemeral', ttl: cache.ttl };
}

/** Reports that a cache breakpoint is lost. */
export function reportCache({ report }: PartOptions): void {
  report('approximated', 'messages.cache_control', 'the upstream caches automatically');
}

function drop(options: PartOptions, field: string, detail: string): undefined {
  options.report('dropped', field, detail);
  return undefined;
}
