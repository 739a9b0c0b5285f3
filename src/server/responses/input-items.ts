/** What a request adds to the conversation itself, as input items: read where it is needed, and only then. */
import { parsedYielding } from '../../gateway/json-body.ts';
import type { JsonObject } from '../../protocols/json.ts';
import { asObjects } from '../../protocols/json-members.ts';
import { state } from './protocol.ts';

export interface InputItems {
  /** Long ones are parsed in turns. */
  items(): Promise<JsonObject[]>;
  /** The list as JSON; values that are not objects are permitted, and ignored. */
  json(): string;
}

export function inputOfItems(items: JsonObject[]): InputItems {
  return { items: () => Promise.resolve(items), json: () => JSON.stringify(items) };
}

/** `json`: as it gives it. */
export function inputOfJson(json: string): InputItems {
  return { items: async () => asObjects(await parsedYielding(json)), json: () => json };
}

/** That of a request's body; of large ones nothing but the bytes is kept. */
export function inputOfBody(body: Uint8Array): InputItems {
  const json = (): string => state.inputJson(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
  return { items: () => inputOfJson(json()).items(), json };
}
