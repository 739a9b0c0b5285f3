/** What marks canonical data as this protocol's own, so that it is written back in its own words. */
import type { JsonObject } from '../json.ts';
import type { Extra } from '../model.ts';
import type { NameRule } from '../tool-names.ts';

export const protocol = 'anthropic-messages' as const;

/** Tool names: `^[a-zA-Z0-9_-]{1,128}$` (platform.claude.com/docs/en/api/messages/create, `tools[].name`). */
export const toolNameRule: NameRule = { maxLength: 128, forbidden: /[^a-zA-Z0-9_-]/g };

/** Tool call ids: `^[a-zA-Z0-9_-]+$`; 64 characters are what every deployment of the API takes. */
export const callIdLength = 64;

/** The fields that this protocol's decoder put by; undefined when the node came from elsewhere. */
export function ownFields(extra: Extra | undefined): JsonObject | undefined {
  return extra?.protocol === protocol ? extra.fields : undefined;
}

/** Fields to put by; undefined when there are none. */
export function toExtra(fields: JsonObject | undefined): Extra | undefined {
  return fields && { protocol, fields };
}
