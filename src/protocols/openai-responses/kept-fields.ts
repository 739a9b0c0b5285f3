/** What marks canonical data as this protocol's own, so that answers are written back in its own words. */

import type { JsonObject } from '../json.ts';
import { asObject } from '../json-members.ts';
import type { Extra } from '../model.ts';
import type { NameRule } from '../tool-names.ts';

/** This folder's protocol. */
export const protocol = 'openai-responses' as const;

/** Function and custom tool names: `^[a-zA-Z0-9_-]{1,64}$` (platform.openai.com/docs/api-reference/responses/create, `tools[].name`). */
export const toolNameRule: NameRule = { maxLength: 64, forbidden: /[^a-zA-Z0-9_-]/g };

/** "string too long. Expected a string with maximum length 64": the API's answer to a longer `call_id`. */
export const callIdLength = 64;

/**
 * What this protocol's decoders put by. `fields` holds what the model does not cover. `spelling` holds:
 * - of a request, `repeated`: the members that the response repeats;
 * - of a tool, how its calls look: `namespace`, `clientSearch`, `clientTool`;
 * - of an answer's part, `item`: the fields of the item around it (`id`, `status`, `phase` …); a part that has it begins an item;
 *   `joined`: the part belongs to the item of the part before it; the name of a field for the way in which it was written.
 */
export interface Own {
  fields: JsonObject;
  originalForm: JsonObject;
}

/** What was put by for this protocol; undefined when the node came from elsewhere. */
export function ownOf(extra: Extra | undefined): Own | undefined {
  return extra?.protocol === protocol
    ? { fields: extra.fields, originalForm: extra.originalForm ?? {} }
    : undefined;
}

/** The extra of a node; `spelling` without keys is left out. */
export function toExtra(fields: JsonObject | undefined, originalForm: JsonObject = {}): Extra {
  const extra: Extra = { protocol, fields: fields ?? {} };
  if (Object.keys(originalForm).length > 0) extra.originalForm = originalForm;
  return extra;
}

/** The fields of the item that a part came in; undefined when the part came from elsewhere or goes on an item. */
export function itemOf(extra: Extra | undefined): JsonObject | undefined {
  return extra?.protocol === protocol ? asObject(extra.originalForm?.item) : undefined;
}

/** Whether the part belongs to the item of the part before it. */
export function isJoined(extra: Extra | undefined): boolean {
  return extra?.protocol === protocol && extra.originalForm?.joined === true;
}

/** The value without the named fields. */
export function without(value: JsonObject, ...names: string[]): JsonObject {
  const rest: JsonObject = {};
  for (const key in value) if (value[key] !== undefined && !names.includes(key)) rest[key] = value[key];
  return rest;
}

/** The members whose values go on as they are written: they are text, and some servers have the object itself there. */
export const exactMembers: ReadonlySet<string> = new Set(['arguments']);
