/** What a request of the Responses API says itself, as input items: read where it is needed, and only then. */
import { parsedYielding } from '../../gateway/json-body.ts';
import { openBrace, openBracket, quote } from '../../protocols/ascii.ts';
import type { JsonObject } from '../../protocols/json.ts';
import { asObjects, asString } from '../../protocols/json-members.ts';
import { eachMember, keyOf, type Span } from '../../protocols/json-span.ts';

export interface SaidInput {
  /** Long ones are parsed in turns. */
  items(): Promise<JsonObject[]>;
  /** The list as JSON; what is no object may stand in it, and counts for nothing. */
  json(): string;
}

export function inputOfItems(items: JsonObject[]): SaidInput {
  return { items: () => Promise.resolve(items), json: () => JSON.stringify(items) };
}

/** `json`: as it gives it. */
export function inputOfJson(json: string): SaidInput {
  return { items: async () => asObjects(await parsedYielding(json)), json: () => json };
}

/** That of a request's body; of large ones nothing but the bytes is kept. */
export function inputOfBody(body: Uint8Array): SaidInput {
  const json = (): string => listIn(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
  return { items: () => inputOfJson(json()).items(), json };
}

/** The `input` of a request as a list of items: a text is the user's message. */
export function inputItems(input: JsonObject['input']): JsonObject[] {
  const text = asString(input);
  return text === undefined ? asObjects(input) : [{ role: 'user', content: text }];
}

/** The same in the bytes of the request. */
function listIn(bytes: Buffer): string {
  let input: Span | undefined;
  eachMember(bytes, 0, (keyStart, keyEnd, start, end) => {
    if (keyOf(bytes, keyStart, keyEnd, 'input'.length) === 'input') input = { start, end };
  });
  if (input === undefined) return '[]';
  const text = bytes.toString('utf8', input.start, input.end);
  switch (bytes[input.start]) {
    case openBracket:
      return text;
    case openBrace:
      return `[${text}]`;
    case quote:
      return `[{"role":"user","content":${text}}]`;
    default:
      return '[]';
  }
}
