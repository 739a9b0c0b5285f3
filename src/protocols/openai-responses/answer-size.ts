/** What clients get of a response, or of an event of its stream. */
import { eachBytes, fileBytes, inputBytes, textBytes } from '../answer-size.ts';
import type { JsonObject } from '../json.ts';
import { asObject } from '../json-members.ts';

/** Sound comes in base64; its transcript has a delta of its own. */
const sound = /audio\.delta$/;

/** What is `done` repeats what came in deltas, and the last event repeats all of it. */
export function answerBytes(value: JsonObject): number {
  const { type, delta, item } = value;
  if (typeof type !== 'string' || !type.startsWith('response.')) return eachBytes(value.output, itemBytes);
  if (type.endsWith('.delta')) return sound.test(type) ? 0 : textBytes(delta);
  if (type === 'response.output_item.added') return textBytes(asObject(item)?.name);
  if (type === 'response.output_item.done') return textBytes(asObject(item)?.result) > 0 ? fileBytes : 0;
  return 0;
}

/** An item of the output; the results of a tool that the provider runs are not written by the model. */
function itemBytes(item: JsonObject): number {
  const { type, name, arguments: input, input: text, code, result, encrypted_content: sealed } = item;
  return (
    eachBytes(item.content, (part) => textBytes(part.text) + textBytes(part.refusal)) +
    eachBytes(item.summary, (part) => textBytes(part.text)) +
    textBytes(name) +
    inputBytes(input) +
    inputBytes(text) +
    textBytes(code) +
    (textBytes(result) > 0 ? fileBytes : 0) +
    // A conversation that was made shorter is all that its client gets.
    (type === 'compaction' ? textBytes(sealed) : 0)
  );
}
