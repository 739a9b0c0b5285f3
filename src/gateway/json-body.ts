/** JSON that has come: the object that a request's body is, and long texts in turns. */
import { inTurns, nextTurn } from '../ground/steps.ts';
import { InvalidRequest, isObject, type Json, type JsonObject, parseJson } from '../protocols/json.ts';
import { parsingJson } from '../protocols/json-in-steps.ts';
import { workedAtOnce } from './turn.ts';

/** What is said of a body that is something else. */
export const noObject = 'The request body must be a JSON object.';

const decoder = new TextDecoder();

/** The object. Throws {@link InvalidRequest}. */
export function parseBody(body: Uint8Array): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(body));
  } catch (error) {
    throw noJson(error);
  }
  return objectIn(value);
}

/** The same in steps, for a long body. */
export function* parsingBody(body: Uint8Array): Generator<void, JsonObject> {
  let value: unknown;
  try {
    value = yield* parsingJson(decoder.decode(body));
  } catch (error) {
    throw noJson(error);
  }
  return objectIn(value);
}

/** The same; of a long body others have their turn before, between and behind what is read. Rejects with {@link InvalidRequest}. */
export async function bodyInTurns(body: Uint8Array): Promise<JsonObject> {
  if (body.length <= workedAtOnce) return parseBody(body);
  await nextTurn();
  const value = await inTurns(parsingBody(body));
  await nextTurn();
  return value;
}

/** The value of a JSON text, undefined for what is none; others have their turn before, between and behind what is read of a long one. */
export async function parsedInTurns(text: string): Promise<Json | undefined> {
  if (text.length <= workedAtOnce) return parseJson(text);
  await nextTurn();
  try {
    return await inTurns(parsingJson(text));
  } catch {
    return undefined;
  } finally {
    await nextTurn();
  }
}

function objectIn(value: unknown): JsonObject {
  if (!isObject(value)) throw new InvalidRequest('', noObject);
  return value;
}

function noJson(error: unknown): InvalidRequest {
  const reason = error instanceof Error ? error.message.replace(/^JSON Parse error: /, '') : 'unreadable';
  return new InvalidRequest('', `The request body is not valid JSON: ${reason}.`);
}
