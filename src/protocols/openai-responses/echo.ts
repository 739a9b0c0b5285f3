/** What a response repeats of its request. */
import type { EncodeContext } from '../codec.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { asObject, asObjects } from '../json-members.ts';
import { ownOf } from './kept-fields.ts';
import { withAmount } from './same-protocol.ts';

/**
 * Fields of the request that a response repeats, and their defaults: all that the SDK's
 * `Response`, the OpenResponses schema (`ResponseResource`) and recorded answers of 2026 have.
 */
const defaults = Object.entries<Json>({
  access_programs: null,
  background: false,
  frequency_penalty: 0,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  parallel_tool_calls: true,
  presence_penalty: 0,
  previous_response_id: null,
  prompt_cache_key: null,
  prompt_cache_retention: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  service_tier: 'auto',
  store: true,
  temperature: 1,
  text: { format: { type: 'text' }, verbosity: 'medium' },
  tool_choice: 'auto',
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: 'disabled',
  user: null,
  metadata: {},
});

/** Of a client's body, what a response to it repeats. */
export function repeatedFields(body: JsonObject): JsonObject {
  const fields: JsonObject = {};
  for (const [name] of defaults) if (body[name] !== undefined) fields[name] = body[name];
  return fields;
}

/** The fields of the request that the response repeats, as its client wrote them; `reasoning` as it was asked for. */
export function echoedRequest({ request }: EncodeContext): JsonObject {
  const written = asObject(ownOf(request.extra)?.originalForm.repeated) ?? {};
  const amount = request.reasoning?.amount;
  const said = amount === undefined ? written : withAmount(written, amount, { report: () => {} });
  const fields: JsonObject = {};
  for (const [name, fallback] of defaults) {
    const value = said[name] ?? fallback;
    fields[name] = isObject(fallback) ? { ...fallback, ...asObject(value) } : value;
  }
  fields.tools = asObjects(fields.tools).map(echoedTool);
  fields.tool_choice = echoedChoice(fields.tool_choice);
  fields.text = echoedText(asObject(fields.text) ?? {});
  return fields;
}

/** A function has every field, be it null; in Chat's spelling it is written as the API would. */
function echoedTool(tool: JsonObject): JsonObject {
  if (tool.type === 'namespace') return { ...tool, tools: asObjects(tool.tools).map(echoedTool) };
  if (tool.type !== 'function') return tool;
  const { function: nested, ...flat } = tool;
  const said = flat.name === undefined ? { ...flat, ...asObject(nested) } : flat;
  return {
    ...said,
    description: said.description ?? null,
    parameters: said.parameters ?? null,
    strict: said.strict ?? false,
  };
}

/** A choice in Chat's spelling (`{type, function: {name}}`) as the API would write it. */
function echoedChoice(choice: Json | undefined): Json | undefined {
  const named = asObject(choice);
  const inner = named?.type === 'function' ? asObject(named.function) : undefined;
  return inner === undefined ? choice : { type: 'function', name: inner.name };
}

function echoedText(text: JsonObject): JsonObject {
  const format = asObject(text.format);
  if (format?.type !== 'json_schema') return text;
  return {
    ...text,
    format: { ...format, description: format.description ?? null, strict: format.strict ?? false },
  };
}
