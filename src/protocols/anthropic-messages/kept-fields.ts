/** What marks canonical data as this protocol's own: its answers are written back in its own words. */
import { extrasOf } from '../extra.ts';
import type { NameRule } from '../tool-names.ts';

export const protocol = 'anthropic-messages' as const;

export const { toExtra, ownFields, ownWords, ownForm } = extrasOf(protocol);

/** Tool names: `^[a-zA-Z0-9_-]{1,128}$` (platform.claude.com/docs/en/api/messages/create, `tools[].name`). */
export const toolNameRule: NameRule = { maxLength: 128, forbidden: /[^a-zA-Z0-9_-]/g };

/** Tool call ids: `^[a-zA-Z0-9_-]+$`; 64 characters are what every deployment of the API takes. */
export const callIdLength = 64;

/** The members whose values go on as they are written: other protocols have calls' inputs as text. */
export const exactMembers: ReadonlySet<string> = new Set(['input']);
