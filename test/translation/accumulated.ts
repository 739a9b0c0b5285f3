/** What a client has of a streamed answer when it puts the events together as its SDK does. */

import type { Json, JsonObject } from '../../src/protocols/json.ts';
import { asArray, asObject, asObjects, asString } from '../../src/protocols/json-members.ts';

/** The `response` of the terminal event: clients of Responses keep that. */
export function responsesAnswer(events: readonly JsonObject[]): JsonObject {
  return asObject(events.at(-1)?.response) ?? {};
}

/** The chunks' parts one behind the other, as chat sessions keep them. */
export function geminiAnswer(events: readonly JsonObject[]): JsonObject {
  const parts = events.flatMap((event) => {
    const [candidate] = asObjects(event.candidates);
    return asArray(asObject(candidate?.content)?.parts);
  });
  return { candidates: [{ content: { role: 'model', parts } }] };
}

/** The message that content blocks and their deltas make. platform.claude.com/docs/en/build-with-claude/streaming */
export function anthropicAnswer(events: readonly JsonObject[]): JsonObject {
  const content: JsonObject[] = [];
  const inputs: string[] = [];
  for (const event of events) {
    const at = Number(event.index);
    const block = content[at] ?? {};
    const { type, ...delta } = asObject(event.delta) ?? {};
    if (event.type === 'content_block_start') content[at] = { ...asObject(event.content_block) };
    else if (event.type !== 'content_block_delta') continue;
    else if (type === 'input_json_delta') inputs[at] = (inputs[at] ?? '') + asString(delta.partial_json);
    else for (const key in delta) block[key] = joined(block[key], delta[key]);
  }
  inputs.forEach((input, at) => {
    const block = content[at];
    if (block !== undefined && input !== '') block.input = JSON.parse(input);
  });
  return { content };
}

function joined(before: Json | undefined, more: Json | undefined): Json | undefined {
  return typeof before === 'string' && typeof more === 'string' ? before + more : more;
}
