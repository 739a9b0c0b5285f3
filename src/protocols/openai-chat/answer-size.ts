/** What clients get of an answer or a chunk of it: `choices`, those of the older completions too. */
import { eachBytes, fileBytes, inputBytes, textBytes } from '../answer-size.ts';
import type { Json, JsonObject } from '../json.ts';
import { asObject } from '../json-members.ts';

export function answerBytes(answer: JsonObject): number {
  return eachBytes(answer.choices, ({ delta, message, text }) => {
    const said = asObject(delta) ?? asObject(message);
    return said === undefined ? textBytes(text) : messageBytes(said);
  });
}

function messageBytes(message: JsonObject): number {
  return (
    contentBytes(message.content) +
    reasoningBytes(message) +
    textBytes(message.refusal) +
    textBytes(asObject(message.audio)?.transcript) +
    eachBytes(message.tool_calls, callBytes) +
    functionBytes(message.function_call) +
    eachBytes(message.images, () => fileBytes)
  );
}

function contentBytes(content: Json | undefined): number {
  return typeof content === 'string'
    ? textBytes(content)
    : eachBytes(content, ({ text, thinking, image_url: image }) =>
        image === undefined
          ? textBytes(text) + eachBytes(thinking, (part) => textBytes(part.text))
          : fileBytes,
      );
}

/** Services write the same reasoning in several places: the longest is all of it. */
function reasoningBytes({ reasoning_content, reasoning, reasoning_details }: JsonObject): number {
  const details = eachBytes(reasoning_details, ({ text, summary }) => textBytes(text) + textBytes(summary));
  return Math.max(textBytes(reasoning_content), textBytes(reasoning), details);
}

function callBytes({ function: called, custom }: JsonObject): number {
  return functionBytes(called) + functionBytes(custom);
}

function functionBytes(called: Json | undefined): number {
  const { name, arguments: input, input: text } = asObject(called) ?? {};
  return textBytes(name) + inputBytes(input) + inputBytes(text);
}
