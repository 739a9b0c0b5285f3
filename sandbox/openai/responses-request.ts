/** Reads and judges a Responses request as api.openai.com does. */

import type { Incoming, SandboxState } from '../dialect.ts';
import { invalid, Refused } from '../failure.ts';
import { type Json, type JsonObject, lookUp } from '../json.ts';
import { asArray, asBoolean, asNumber, asObject, asObjects, asString, membersOf } from '../json-members.ts';
import { type DeclaredTool, emptyTurn, type Prompt, type ToolChoice, type Turn } from '../prompt.ts';
import { unseal } from '../seal.ts';
import { type Meter, meter } from '../tokens.ts';
import { demandShape } from './errors.ts';
import { demandResponsesModel } from './model-rules.ts';
import { bodyShape, hostedToolTypes } from './responses-shape.ts';
import { demandFormat, demandParameters } from './schema-rules.ts';
import * as shared from './shared-shapes.ts';

/** The mark in a call's id that the reasoning item with the same rest must come back with it. */
export const reasonedMark = 'sandboxr';

export function readResponses(incoming: Incoming, state: SandboxState): Prompt {
  const { body } = incoming;
  demandShape(body, bodyShape);
  if (body.background === true)
    throw invalid('The sandbox has no background responses.', 'background', 'unsupported_parameter');
  const items = conversationOf(body, state);
  demandPairs(items);
  demandReasoning(items, body.store !== false, state);
  demandResponsesModel(body, incoming.model);
  const count = meter();
  const tools = readTools(body, count);
  const instructions = asString(body.instructions) ?? '';
  count.add(instructions);
  const systemTexts = [
    ...(instructions === '' ? [] : [instructions]),
    ...items
      .filter((item) => item.role === 'system' || item.role === 'developer')
      .map((item) => shared.joinedText(item.content)),
  ];
  const reasoning = asObject(body.reasoning);
  const maxTokens = asNumber(body.max_output_tokens);
  return {
    model: incoming.model,
    stream: incoming.stream,
    system: systemTexts.join('\n'),
    roles: items.map((item) => asString(item.role) ?? asString(item.type) ?? ''),
    turn: readTurns(items, count),
    tools,
    choice: readChoice(body, tools),
    parallel: asBoolean(body.parallel_tool_calls) ?? true,
    reasoning: {
      wanted: reasoning !== undefined && reasoning.effort !== 'none',
      shown: asString(reasoning?.summary ?? reasoning?.generate_summary) !== undefined,
    },
    output: readOutput(body, items),
    stop: [],
    ...(maxTokens === undefined ? {} : { maxTokens }),
    answers: 1,
    settings: settingsOf(body),
    tokens: count.settle(state.prefixes),
  };
}

/** The input items with those of the response that they continue, and references resolved. */
export function conversationOf(body: JsonObject, state: SandboxState): JsonObject[] {
  const previous = asString(body.previous_response_id);
  const before = previous === undefined ? [] : state.responses.conversation(previous);
  if (before === undefined)
    throw invalid(
      `Previous response with id '${previous}' not found.`,
      'previous_response_id',
      'previous_response_not_found',
    );
  const { input } = body;
  if (input === undefined && previous === undefined && asObject(body.prompt) === undefined)
    throw invalid(`One of 'input', 'previous_response_id' or 'prompt' is required.`, 'input');
  const own: JsonObject[] =
    typeof input === 'string'
      ? [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] }]
      : asObjects(input);
  return [...before, ...own.map((item) => resolve(item, state))];
}

function resolve(item: JsonObject, state: SandboxState): JsonObject {
  if (item.type !== 'item_reference') return item;
  const id = asString(item.id) ?? '';
  const kept = state.responses.item(id);
  if (kept === undefined) throw itemNotFound(id);
  return kept;
}

function itemNotFound(id: string): Refused {
  return new Refused({
    status: 404,
    kind: 'invalid-request',
    message: `Item with id '${id}' not found; items are kept only where store is true.`,
    param: 'input',
  });
}

const outputOf: Record<string, string> = {
  function_call: 'function_call_output',
  custom_tool_call: 'custom_tool_call_output',
};

/** Every call has an output of its kind, and every output a call before it. */
function demandPairs(items: readonly JsonObject[]): void {
  const open = new Map<string, string>();
  for (const [i, item] of items.entries()) {
    const id = asString(item.call_id) ?? '';
    const type = asString(item.type) ?? 'message';
    const answer = lookUp(outputOf, type);
    if (answer !== undefined) {
      if (open.has(id)) throw invalid(`Two calls have the call_id '${id}'.`, `input[${i}].call_id`);
      open.set(id, answer);
    } else if (type === 'function_call_output' || type === 'custom_tool_call_output') {
      if (open.get(id) !== type) throw invalid(`No tool call found for ${type} with call_id ${id}.`, 'input');
      open.delete(id);
    }
  }
  const [unanswered] = open.keys();
  if (unanswered !== undefined) throw invalid(`No tool output found for call ${unanswered}.`, 'input');
}

/** Reasoning comes back whole, with what followed it; calls that came after reasoning come back with it. */
function demandReasoning(items: readonly JsonObject[], stored: boolean, state: SandboxState): void {
  const seen = new Set<string>();
  for (const [i, item] of items.entries()) {
    const id = asString(item.id);
    if (item.type === 'reasoning') {
      demandEncrypted(item, i, stored, state);
      const rest = id ?? unseal('reasoning', asString(item.encrypted_content) ?? '');
      if (rest !== undefined) seen.add(rest);
      const next = items[i + 1];
      if (next === undefined || next.role === 'user' || asString(next.type)?.endsWith('_output'))
        throw invalid(`Item '${id}' of type 'reasoning' came without the item that followed it.`, 'input');
    } else if (id?.startsWith(`fc_${reasonedMark}`) || id?.startsWith(`ctc_${reasonedMark}`)) {
      const needed = `rs_${id.slice(id.indexOf('_') + 1 + reasonedMark.length).split('_')[0]}`;
      if (!seen.has(needed))
        throw invalid(
          `Item '${id}' of type '${item.type}' came without its 'reasoning' item '${needed}'.`,
          'input',
        );
    }
  }
}

function demandEncrypted(item: JsonObject, i: number, stored: boolean, state: SandboxState): void {
  const encrypted = asString(item.encrypted_content);
  const id = asString(item.id);
  if (encrypted === undefined) {
    if (id !== undefined && stored && state.responses.item(id) !== undefined) return;
    throw itemNotFound(id ?? '');
  }
  const sealed = unseal('reasoning', encrypted);
  if (sealed === undefined || (id !== undefined && sealed !== id))
    throw invalid(
      `The encrypted content of item '${id ?? i}' could not be verified.`,
      `input[${i}].encrypted_content`,
      'invalid_encrypted_content',
    );
}

function readTools(body: JsonObject, count: Meter): DeclaredTool[] {
  return asObjects(body.tools).map((tool, i) => {
    count.add(JSON.stringify(tool));
    const type = asString(tool.type) ?? '';
    const name = asString(tool.name) ?? type;
    if (type === 'custom') return { name, kind: 'custom' };
    if (type !== 'function') return { name, kind: 'hosted' };
    const schema = asObject(tool.parameters) ?? {};
    demandParameters(tool.parameters, name, `tools[${i}].parameters`, tool.strict === true);
    return { name, kind: 'function', schema };
  });
}

function readChoice(body: JsonObject, tools: readonly DeclaredTool[]): ToolChoice {
  const choice = body.tool_choice;
  if (choice === 'required' && tools.length === 0)
    throw invalid("Tool choice 'required' must be specified with 'tools' parameter.", 'tool_choice');
  if (choice === 'none' || choice === 'required') return { mode: choice };
  const chosen = asObject(choice);
  if (chosen === undefined) return { mode: 'auto' };
  const nodes = chosen.type === 'allowed_tools' ? asObjects(chosen.tools) : [chosen];
  // Provider-run tools have several names (web_search, web_search_preview); api.openai.com takes any for any.
  const names = nodes.map((node) => asString(node.name) ?? asString(node.type) ?? '');
  for (const name of names)
    if (!tools.some((tool) => tool.name === name) && !hostedToolTypes.includes(name))
      throw invalid(`The tool choice names '${name}', which is not among the tools.`, 'tool_choice');
  return { mode: chosen.mode === 'auto' ? 'auto' : 'required', names };
}

function readOutput(body: JsonObject, items: readonly JsonObject[]): Prompt['output'] {
  const format = asObject(asObject(body.text)?.format);
  if (format?.type === 'json_object') {
    const said = items.map((item) => shared.joinedText(item.content));
    // "Response input messages must contain the word 'json'": the instructions are none of them.
    shared.demandJsonWord(said.join('\n'), 'input');
    return { json: true };
  }
  if (format?.type !== 'json_schema') return { json: false };
  const schema = asObject(format.schema) ?? {};
  demandFormat(schema, asString(format.name) ?? '', 'text.format.schema', format.strict === true);
  return { json: true, schema };
}

function settingsOf(body: JsonObject): JsonObject {
  const settings = membersOf(body, [
    'temperature',
    'top_p',
    'max_output_tokens',
    'reasoning',
    'service_tier',
    'truncation',
  ]);
  const verbosity = asObject(body.text)?.verbosity;
  if (verbosity !== undefined) settings.verbosity = verbosity;
  return settings;
}

// ---------------------------------------------------------------- turns

function readTurns(items: readonly JsonObject[], count: Meter): Turn {
  const names = new Map<string, string>();
  let turn = emptyTurn();
  for (const item of items) {
    const type = asString(item.type) ?? 'message';
    if (lookUp(outputOf, type) !== undefined) {
      names.set(asString(item.call_id) ?? '', asString(item.name) ?? '');
      turn = emptyTurn();
      count.add(JSON.stringify(item.arguments ?? item.input));
    } else if (type === 'function_call_output' || type === 'custom_tool_call_output') {
      readOutputItem(item, names, turn, count);
    } else if (item.role === 'assistant' || type === 'reasoning') {
      turn = emptyTurn();
      count.add(shared.joinedText(item.content));
    } else if (item.role === 'user') {
      readContent(item.content, turn, count);
    } else {
      count.add(shared.joinedText(item.content));
    }
    count.boundary();
  }
  return turn;
}

function readOutputItem(item: JsonObject, names: Map<string, string>, turn: Turn, count: Meter): void {
  const content: Turn = emptyTurn();
  readContent(item.output, content, count);
  turn.media.push(...content.media);
  turn.results.push({
    name: names.get(asString(item.call_id) ?? '') ?? '',
    text: shared.joinedText(item.output),
    isError: false,
  });
}

function readContent(content: Json | undefined, turn: Turn, count: Meter): void {
  if (typeof content === 'string') {
    turn.text = content;
    count.add(content);
    return;
  }
  for (const part of asArray(content)) {
    const node = asObject(part) ?? {};
    const text = asString(node.text);
    if (text !== undefined) {
      turn.text = text;
      count.add(text);
    } else if (node.type === 'input_image') {
      turn.media.push(shared.mediaFrom('image', asString(node.image_url) ?? asString(node.file_id) ?? ''));
      count.addMedia(JSON.stringify(node));
    } else {
      const place = asString(node.file_data) ?? asString(node.file_url) ?? asString(node.file_id) ?? '';
      turn.media.push(shared.mediaFrom('document', place, asString(node.filename)));
      count.addMedia(JSON.stringify(node));
    }
  }
}
