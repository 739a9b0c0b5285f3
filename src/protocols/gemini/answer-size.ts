/** What clients get of an answer, of a chunk of it, or of an interaction and its events. */
import { eachBytes, fileBytes, inputBytes, textBytes } from '../answer-size.ts';
import type { JsonObject } from '../json.ts';
import { asObject } from '../json-members.ts';
import { unwrapped } from './answer.ts';
import { camelCased } from './kept-fields.ts';

export function answerBytes(value: JsonObject): number {
  const candidates = eachBytes(unwrapped(value).candidates, ({ content }) =>
    eachBytes(asObject(content)?.parts, partBytes),
  );
  return candidates + interactionBytes(value);
}

function partBytes(part: JsonObject): number {
  const { text, functionCall, executableCode, inlineData, fileData } = camelCased(part);
  const call = camelCased(asObject(functionCall) ?? {});
  return (
    textBytes(text) +
    textBytes(call.name) +
    inputBytes(call.args) +
    eachBytes(call.partialArgs, (piece) => textBytes(camelCased(piece).stringValue)) +
    textBytes(asObject(executableCode)?.code) +
    (inlineData === undefined && fileData === undefined ? 0 : fileBytes)
  );
}

/** `steps`, or `outputs` as an earlier version has them; in a stream `step.start` and `step.delta`. ai.google.dev/api/interactions-api. */
function interactionBytes({ steps, outputs, step, delta }: JsonObject): number {
  const begun = asObject(step);
  return (
    eachBytes(steps, stepBytes) +
    eachBytes(outputs, stepBytes) +
    (begun === undefined ? 0 : stepBytes(begun)) +
    stepBytes(asObject(delta) ?? {})
  );
}

function stepBytes(step: JsonObject): number {
  const { type, text, name, arguments: input, content, summary, data } = step;
  // Results of tools and the user's speech are not written by the model.
  if (typeof type === 'string' && /result|user_input/.test(type)) return 0;
  return (
    textBytes(text) +
    textBytes(name) +
    inputBytes(input) +
    textBytes(asObject(content)?.text) +
    eachBytes(content, stepBytes) +
    eachBytes(summary, stepBytes) +
    (data === undefined ? 0 : fileBytes)
  );
}
