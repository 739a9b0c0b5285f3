/** How the protocol spells things, and what marks canonical data as its own. */
import { extrasOf } from '../extra.ts';
import type { JsonObject } from '../json.ts';
import type { NameRule } from '../tool-names.ts';

export const protocol = 'gemini' as const;

export const { toExtra, ownFields, ownForm } = extrasOf(protocol);

/** Function names. Source: ai.google.dev/api/caching#FunctionDeclaration (64 characters are what every deployment takes). */
export const toolNameRule: NameRule = { maxLength: 64, forbidden: /[^a-zA-Z0-9_.:-]/g, first: /[a-zA-Z_]/ };

/**
 * The node with its own keys in camelCase: Google's JSON mapping accepts both spellings of every field
 * (protobuf.dev/programming-guides/json). The node itself when nothing is to change; nested nodes are left alone.
 */
export function camelCased(node: JsonObject): JsonObject {
  for (const key in node) {
    if (key.indexOf('_') > 0) {
      const copy: JsonObject = {};
      for (const name in node) {
        copy[name.length > longestName ? name : inCamelCase(name)] = node[name];
      }
      return copy;
    }
  }
  return node;
}

/** Characters of a field's name: longer ones are none of Google's. */
const longestName = 128;

function inCamelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

/** True for models before Gemini 3. They know neither thought signature checks, nor levels, nor media in function responses. */
export function isOlderModel(model: string): boolean {
  return /gemini-(1|2)[.-]/.test(model) || /gemma|learnlm/.test(model);
}

/** The object without fields that are undefined; undefined when none is left. */
export function compact(fields: JsonObject): JsonObject | undefined {
  let result: JsonObject | undefined;
  for (const key in fields) {
    if (fields[key] === undefined) continue;
    result ??= {};
    result[key] = fields[key];
  }
  return result;
}

/** The members whose values go on as they are written: other protocols have calls' arguments, and results, as text. */
export const exactMembers: ReadonlySet<string> = new Set(['args', 'response']);
