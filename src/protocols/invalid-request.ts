/** What a client got wrong, and the readers of the fields that a request must have. */
import { isObject, type Json, type JsonObject } from './json.ts';

/** An invalid request of the client: `path` names the field (`messages.2.content`), `message` what was expected. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest';
  constructor(
    readonly path: string,
    message: string,
    /** What programs go by, where the protocol has a word for it. */
    readonly code?: string,
  ) {
    super(path ? `${path}: ${message}` : message);
  }
}

/** What was found, in words for an error message. */
export function describe(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  return `the ${typeof value} ${(typeof value === 'number' ? String(value) : JSON.stringify(value)).slice(0, 40)}`;
}

/** The field as a non-empty string. Throws {@link InvalidRequest} naming `path`. */
export function requireString(value: Json | undefined, path: string): string {
  if (typeof value !== 'string')
    throw new InvalidRequest(path, `expected a string, found ${describe(value)}`);
  return value;
}

/** The field as an array. Throws {@link InvalidRequest} naming `path`. */
export function requireArray(value: Json | undefined, path: string): Json[] {
  if (!Array.isArray(value)) throw new InvalidRequest(path, `expected an array, found ${describe(value)}`);
  return value;
}

/** The field as an object. Throws {@link InvalidRequest} naming `path`. */
export function requireObject(value: Json | undefined, path: string): JsonObject {
  if (!isObject(value)) throw new InvalidRequest(path, `expected an object, found ${describe(value)}`);
  return value;
}
