/** What marks canonical data as this protocol's own: its answers are written back in its own words. */
import { extrasOf } from '../extra.ts';
import type { JsonObject } from '../json.ts';
import type { Extra } from '../model.ts';
import type { NameRule } from '../tool-names.ts';

export const protocol = 'anthropic-messages' as const;

export const { toExtra, ownFields, ownForm } = extrasOf(protocol);

/** Tool names: `^[a-zA-Z0-9_-]{1,128}$` (platform.claude.com/docs/en/api/messages/create, `tools[].name`). */
export const toolNameRule: NameRule = { maxLength: 128, forbidden: /[^a-zA-Z0-9_-]/g };

/** Tool call ids: `^[a-zA-Z0-9_-]+$`; 64 characters are what every deployment of the API takes. */
export const callIdLength = 64;

/** The wire fields to write as they were found: unknown ones, and known ones in a spelling of their own. */
export function ownWords(extra: Extra | undefined): JsonObject | undefined {
  if (extra?.protocol !== protocol) return undefined;
  return extra.originalForm === undefined ? extra.fields : { ...extra.fields, ...extra.originalForm };
}
