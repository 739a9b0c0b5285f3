/** JSON that has come: the object that a request's body is, and long texts, read while yielding to others. */
import { runYielding, yieldToEventLoop } from '../ground/steps.ts';
import {
  exactWithin,
  mayHoldInexact,
  parseExactly,
  parseJsonWithin,
  parseWithin,
} from '../protocols/exact-numbers.ts';
import { InvalidRequest } from '../protocols/invalid-request.ts';
import { isObject, type Json, type JsonObject } from '../protocols/json.ts';
import { parsingJson } from '../protocols/json-in-steps.ts';
import { workedAtOnce } from './yield-for.ts';

/** The message about any other body. */
export const noObject = 'The request body must be a JSON object.';

const decoder = new TextDecoder();

/** The object; below members of the names in `exact`, numbers that JavaScript cannot hold stay as they are written. Throws {@link InvalidRequest}. */
export function parseBody(body: Uint8Array, exact: ReadonlySet<string> = none): JsonObject {
  try {
    return objectIn(parseWithin(decoder.decode(body), exact));
  } catch (error) {
    throw error instanceof InvalidRequest ? error : noJson(error);
  }
}

/** The same in steps, for a long body. */
export function* parsingBody(
  body: Uint8Array,
  exact: ReadonlySet<string> = none,
): Generator<void, JsonObject> {
  try {
    return objectIn(yield* parsingText(decoder.decode(body), exact));
  } catch (error) {
    throw error instanceof InvalidRequest ? error : noJson(error);
  }
}

/** The same; of a long body others have their turn before, between and behind what is read. Rejects with {@link InvalidRequest}. */
export async function bodyYielding(body: Uint8Array): Promise<JsonObject> {
  if (body.length <= workedAtOnce) return parseBody(body);
  await yieldToEventLoop();
  const value = await runYielding(parsingBody(body));
  await yieldToEventLoop();
  return value;
}

/**
 * The value of a JSON text, undefined for what is none; others have their turn before, between and behind what is read of a long one. For
 * `exact` see {@link parseBody}.
 */
export async function parsedYielding(
  text: string,
  exact: ReadonlySet<string> = none,
): Promise<Json | undefined> {
  if (text.length <= workedAtOnce) return parseJsonWithin(text, exact);
  await yieldToEventLoop();
  try {
    return await runYielding(parsingText(text, exact));
  } catch {
    return undefined;
  } finally {
    await yieldToEventLoop();
  }
}

function* parsingText(text: string, exact: ReadonlySet<string>): Generator<void, Json> {
  const isExact = mayHoldInexact(text, exact);
  if (exact.size > 0 && text.length > workedAtOnce) yield;
  if (!isExact) return yield* parsingJson(text);
  const value = yield* parsingJson(text, undefined, parseExactly);
  yield;
  return exactWithin(value, exact);
}

const none: ReadonlySet<string> = new Set();

function objectIn(value: unknown): JsonObject {
  if (!isObject(value)) throw new InvalidRequest('', noObject);
  return value;
}

function noJson(error: unknown): InvalidRequest {
  const reason = error instanceof Error ? error.message.replace(/^JSON Parse error: /, '') : 'unreadable';
  return new InvalidRequest('', `The request body is not valid JSON: ${reason}.`);
}
