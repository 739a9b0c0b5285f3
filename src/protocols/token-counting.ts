/** How one protocol asks for the number of tokens of a request, and answers it. */
import type { JsonObject } from './json.ts';

export interface TokenCounting {
  /** The request that a counting request of a client is about; the body itself where it is not wrapped. */
  counted?(body: JsonObject): JsonObject;
  /** The body for the provider's counting endpoint; undefined where the protocol has none. */
  ask?(body: JsonObject, model: string): JsonObject;
  /** The answer to a client. */
  answer(tokens: number): JsonObject;
}

/** Those of these fields that the body has: counting endpoints refuse the others. */
export function fieldsOf(body: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.flatMap((name) => (body[name] === undefined ? [] : [[name, body[name]]])));
}
