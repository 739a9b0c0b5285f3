/** What clients get of a message, or of an event of its stream. */
import { eachBytes, inputBytes, textBytes } from '../answer-size.ts';
import type { JsonObject } from '../json.ts';
import { asObject } from '../json-members.ts';

export function answerBytes(value: JsonObject): number {
  const begun = asObject(value.content_block);
  if (begun !== undefined) return blockBytes(begun);
  const { text, thinking, partial_json: input } = asObject(value.delta) ?? {};
  return textBytes(text) + textBytes(thinking) + textBytes(input) + eachBytes(value.content, blockBytes);
}

/** Calls have a name, the client's as the provider's; results of the latter have none. */
function blockBytes({ text, thinking, name, input }: JsonObject): number {
  return (
    textBytes(text) + textBytes(thinking) + (name === undefined ? 0 : textBytes(name) + inputBytes(input))
  );
}
