/** What this protocol keeps beside the canonical model, and how it gets it back. */
import { extrasOf } from '../extra.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Extra, Protocol } from '../model.ts';
import type { Request } from '../request.ts';

export const protocol = 'openai-chat' satisfies Protocol;

/** `keep`: an extra of this protocol; undefined when there is nothing to keep. */
export const { toExtra: keep, ownWords: ownFields } = extrasOf(protocol);

/** The node's extra if this protocol's decoder wrote it. */
export function own(extra: Extra | undefined): Extra | undefined {
  return extra?.protocol === protocol ? extra : undefined;
}

/** True when the request was read from this protocol: only its answers are read and written with it. */
export function isNative(request: Request): boolean {
  return request.extra?.protocol === protocol;
}

/**
 * The members of `value` that are not in `known`, and the known ones that are null, with nested rests under their own
 * names; undefined when nothing is left.
 */
export function rest(
  value: JsonObject,
  known: ReadonlySet<string>,
  nested?: Record<string, JsonObject | undefined>,
): JsonObject | undefined {
  let left: JsonObject | undefined;
  for (const key in value) {
    if (value[key] === undefined || (known.has(key) && value[key] !== null)) continue;
    left ??= {};
    left[key] = value[key];
  }
  for (const key in nested) {
    if (nested[key] === undefined) continue;
    left ??= {};
    left[key] = nested[key];
  }
  return left;
}

/** `base` without its undefined members, overlaid with `over`. */
export function overlay(base: JsonObject, over: JsonObject | undefined): JsonObject {
  const out: JsonObject = {};
  for (const key in base) if (base[key] !== undefined) out[key] = base[key];
  return over === undefined ? out : Object.assign(out, over);
}

/** The text of a JSON value where text is expected: text itself, nothing for null, else JSON. */
export function looseText(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

/** The members whose values go on as they are written: they are text, and some servers have the object itself there. */
export const exactMembers: ReadonlySet<string> = new Set(['arguments']);
