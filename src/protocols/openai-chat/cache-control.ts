/** `cache_control` on parts, tools and messages, as OpenRouter and other servers of Claude take it. */
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { CacheMarker } from '../model.ts';

/** The marker; undefined for anything but `{type: 'ephemeral', ttl?}`, which then stays among the unknown fields. */
export function readCacheControl(value: Json | undefined): CacheMarker | undefined {
  if (!isObject(value) || value.type !== 'ephemeral') return undefined;
  for (const key in value) if (key !== 'type' && key !== 'ttl') return undefined;
  if (value.ttl === undefined) return {};
  return typeof value.ttl === 'string' ? { ttl: value.ttl } : undefined;
}

export function writeCacheControl(cache: CacheMarker): JsonObject {
  return cache.ttl === undefined ? { type: 'ephemeral' } : { type: 'ephemeral', ttl: cache.ttl };
}
