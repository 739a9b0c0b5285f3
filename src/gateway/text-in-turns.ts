/** The text of a JSON value for a client or a provider, others having their turn while a long one is written. */
import { runYielding } from '../ground/steps.ts';
import type { Json } from '../protocols/json.ts';
import { writingJson } from '../protocols/json-text-in-steps.ts';
import { mendedJson, mendingJson } from '../protocols/well-formed.ts';
import { workedAtOnce } from './yield-for.ts';

/** As `JSON.stringify`. `length`: about how long the text is; a short one is written at once. */
export function jsonInTurns(value: Json, length: number): string | Promise<string> {
  return length <= workedAtOnce ? JSON.stringify(value) : runYielding(writingJson(value));
}

/** As {@link mendedJson}. */
export function mendedInTurns(json: string): string | Promise<string> {
  return json.length <= workedAtOnce ? mendedJson(json) : runYielding(mendingJson(json));
}
