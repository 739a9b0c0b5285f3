/** Reads and judges a Messages request as api.anthropic.com does. */

import type { Incoming, SandboxState } from '../dialect.ts';
import { invalid, Refused } from '../failure.ts';
import type { JsonObject } from '../json.ts';
import { asArray, asNumber, asObject, asObjects, asString, membersOf } from '../json-members.ts';

import {
  type DeclaredTool,
  emptyTurn,
  type Media,
  type Prompt,
  type ToolChoice,
  type Turn,
} from '../prompt.ts';
import { base64Bytes } from '../shape.ts';
import { type Meter, meter } from '../tokens.ts';
import { blocksOf, demandConversation, type Message, messagesOf } from './conversation.ts';
import { demandShape, fault } from './errors.ts';
import { demandModel } from './model-rules.ts';
import { countBody, messageBody } from './shape.ts';

export function readMessages(incoming: Incoming, state: SandboxState): Prompt {
  const { body } = incoming;
  demandVersion(incoming.headers);
  demandWholeCharacters(body);
  demandNoThread(body);
  demandShape(body, messageBody);
  const messages = messagesOf(body);
  demandConversation(body, messages);
  const tools = demandTools(body);
  const thinking = asObject(body.thinking);
  demandModel(body, incoming.model, messages);
  demandCombinations(body, thinking);
  const count = meter();
  const turn = measure(body, messages, count);
  const maxTokens = asNumber(body.max_tokens);
  return {
    model: incoming.model,
    stream: incoming.stream,
    system: systemOf(body, messages),
    roles: messages.map((message) => message.role),
    turn,
    tools,
    choice: readChoice(body),
    parallel: asObject(body.tool_choice)?.disable_parallel_tool_use !== true,
    reasoning: {
      wanted: thinking?.type === 'enabled' || thinking?.type === 'adaptive',
      shown: thinking?.display !== 'omitted',
    },
    output: readOutput(body),
    stop: asArray(body.stop_sequences).filter((stop) => typeof stop === 'string'),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    answers: 1,
    settings: settingsOf(body),
    tokens: count.settle(state.prefixes),
  };
}

/** The tokens of a count_tokens request. */
export function countMessages(incoming: Incoming): number {
  const { body } = incoming;
  demandVersion(incoming.headers);
  demandShape(body, countBody);
  const messages = messagesOf(body);
  demandConversation(body, messages);
  demandTools(body);
  const count = meter();
  measure(body, messages, count);
  return count.total();
}

/** Anthropic's reader of JSON takes no half of a surrogate pair. It sees the body before anything else does. */
function demandWholeCharacters(body: JsonObject): void {
  // JSON.stringify writes lone surrogates as escapes, and nothing else in that way.
  const lone = /(?<!\\)(?:\\\\)*\\ud[89a-f][0-9a-f]{2}/.exec(JSON.stringify(body));
  if (lone !== null)
    throw invalid(`The request body is not valid JSON: no low surrogate in string: char ${lone.index}`);
}

/** The sandbox holds no threads, and says so as Anthropic does for requests that it cannot thread: SDKs go on without. */
function demandNoThread(body: JsonObject): void {
  if (asObject(body.thread) === undefined) return;
  throw new Refused({
    status: 400,
    kind: 'invalid-request',
    message: 'thread: this request cannot be threaded',
    details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] },
  });
}

function demandVersion(headers: Headers): void {
  if (headers.get('anthropic-version') === null) throw fault('anthropic-version', 'this header is required');
}

/** The tools, which must be named differently and hold the one that is chosen. */
function demandTools(body: JsonObject): DeclaredTool[] {
  const tools = asObjects(body.tools).map((tool): DeclaredTool => {
    const name = asString(tool.name) ?? asString(tool.type) ?? '';
    const schema = asObject(tool.input_schema);
    return schema === undefined ? { name, kind: 'hosted' } : { name, kind: 'function', schema };
  });
  for (const [i, tool] of tools.entries())
    if (tools.findIndex((other) => other.name === tool.name) !== i)
      throw fault(`tools.${i}.name`, `the tool name '${tool.name}' is not unique`);
  const choice = asObject(body.tool_choice);
  if (choice === undefined) return tools;
  if (tools.length === 0) throw fault('tool_choice', 'it may only be given together with tools');
  if (choice.type === 'tool' && !tools.some((tool) => tool.name === choice.name))
    throw fault('tool_choice.name', `the tool '${choice.name}' is not among the tools`);
  return tools;
}

/** What the request's own fields forbid each other, whatever the model. */
function demandCombinations(body: JsonObject, thinking: JsonObject | undefined): void {
  demandNoCitations(body);
  demandOneList(body);
  const { temperature, top_p: topP, top_k: topK } = body;
  if (thinking?.type !== 'enabled' && thinking?.type !== 'adaptive') return;
  const budget = asNumber(thinking.budget_tokens);
  if (budget !== undefined && budget >= (asNumber(body.max_tokens) ?? 0))
    throw fault('max_tokens', 'it must be greater than thinking.budget_tokens');
  if (typeof temperature === 'number' && temperature !== 1)
    throw fault('temperature', 'it may only be 1 when thinking is enabled');
  if (typeof topK === 'number') throw fault('top_k', 'it must be absent when thinking is enabled');
  if (typeof topP === 'number' && topP < 0.95)
    throw fault('top_p', 'it must be at least 0.95 when thinking is enabled');
  // Adaptive thinking is taken beside a forced call: pydantic/pydantic-ai#7283 (a recording of the live API), and, of Opus 4.8 and
  // later on Bedrock, langchain-ai/langchain-aws#1141. Models that take no forced call at all are model-facts.ts'.
  const choice = thinking.type === 'enabled' ? asObject(body.tool_choice)?.type : undefined;
  if (choice === 'any' || choice === 'tool')
    throw fault('tool_choice', 'thinking cannot be enabled when a tool call is forced');
}

/** platform.claude.com/docs/en/build-with-claude/structured-outputs: "Citations are incompatible", 400. */
function demandNoCitations(body: JsonObject): void {
  if (asObject(asObject(body.output_config)?.format) === undefined) return;
  const blocks = messagesOf(body).flatMap((message) => message.blocks);
  if (blocks.some((block) => asObject(block.citations)?.enabled === true))
    throw fault('output_config.format', 'it cannot be given where documents have citations enabled');
}

/** platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool: either list of domains, not both. */
function demandOneList(body: JsonObject): void {
  for (const [i, { allowed_domains, blocked_domains }] of asObjects(body.tools).entries())
    if (asArray(allowed_domains).length > 0 && asArray(blocked_domains).length > 0)
      throw fault(`tools.${i}`, 'only one of allowed_domains and blocked_domains may be given');
}

function systemOf(body: JsonObject, messages: readonly Message[]): string {
  const blocks = [
    ...blocksOf(body.system ?? []),
    ...messages.filter((message) => message.role === 'system').flatMap((message) => message.blocks),
  ];
  return blocks.map((block) => asString(block.text) ?? '').join('\n');
}

function readChoice(body: JsonObject): ToolChoice {
  const choice = asObject(body.tool_choice);
  switch (choice?.type) {
    case 'none':
      return { mode: 'none' };
    case 'any':
      return { mode: 'required' };
    case 'tool':
      return { mode: 'required', names: [asString(choice.name) ?? ''] };
    default:
      return { mode: 'auto' };
  }
}

function readOutput(body: JsonObject): Prompt['output'] {
  const format = asObject(asObject(body.output_config)?.format) ?? asObject(body.output_format);
  const schema = asObject(format?.schema);
  if (schema === undefined) return { json: false };
  demandClosed(schema, 'output_config.format.schema');
  return { json: true, schema };
}

/** Structured output takes closed objects and no numeric bounds. https://docs.claude.com/en/docs/build-with-claude/structured-outputs */
function demandClosed(schema: JsonObject, path: string): void {
  if (schema.type === 'object' && schema.additionalProperties !== false)
    throw fault(path, `'additionalProperties' must be false for objects`);
  for (const bound of ['minimum', 'maximum', 'multipleOf', 'minLength', 'maxLength'])
    if (schema[bound] !== undefined) throw fault(path, `the property '${bound}' is not supported`);
  for (const group of ['properties', '$defs', 'definitions'])
    for (const [key, value] of Object.entries(asObject(schema[group]) ?? {}))
      demandClosed(asObject(value) ?? {}, `${path}.${group}.${key}`);
  for (const key of ['items', 'anyOf', 'allOf'])
    for (const value of asObjects(schema[key])) demandClosed(value, `${path}.${key}`);
}

function settingsOf(body: JsonObject): JsonObject {
  const settings = membersOf(body, [
    'temperature',
    'top_p',
    'top_k',
    'max_tokens',
    'stop_sequences',
    'thinking',
    'service_tier',
  ]);
  const effort = asObject(body.output_config)?.effort;
  if (effort !== undefined) settings.effort = effort;
  return settings;
}

// ---------------------------------------------------------------- turns

/** Counts tools, system and messages in the order in which Anthropic caches them, and reads the last turn. */
function measure(body: JsonObject, messages: readonly Message[], count: Meter): Turn {
  for (const tool of asObjects(body.tools)) {
    const { cache_control: _, ...rest } = tool;
    count.add(JSON.stringify(rest));
    marked(tool, count);
  }
  for (const block of blocksOf(body.system ?? [])) {
    count.add(asString(block.text) ?? '');
    marked(block, count);
  }
  const names = new Map<string, string>();
  let turn = emptyTurn();
  for (const message of messages) {
    if (message.role === 'assistant') turn = emptyTurn();
    for (const block of message.blocks) {
      readBlock(block, message.role === 'user' ? turn : emptyTurn(), names, count);
      marked(block, count);
    }
  }
  if (asObject(body.cache_control) !== undefined) count.boundary();
  return turn;
}

/** Anthropic caches only up to the marks. */
function marked(node: JsonObject, count: Meter): void {
  if (asObject(node.cache_control) !== undefined) count.boundary();
}

function readBlock(block: JsonObject, turn: Turn, names: Map<string, string>, count: Meter): void {
  switch (block.type) {
    case 'text':
      turn.text = asString(block.text) ?? '';
      count.add(turn.text);
      break;
    case 'image':
    case 'document':
      turn.media.push(mediaOf(block));
      count.addMedia(JSON.stringify(block.source));
      break;
    case 'tool_use':
      names.set(asString(block.id) ?? '', asString(block.name) ?? '');
      count.add(JSON.stringify(block.input));
      break;
    case 'tool_result':
      readResult(block, turn, names, count);
      break;
    default:
      count.add(asString(block.thinking) ?? asString(block.data) ?? JSON.stringify(block));
  }
}

function readResult(block: JsonObject, turn: Turn, names: Map<string, string>, count: Meter): void {
  const inner = emptyTurn();
  const texts: string[] = [];
  for (const part of blocksOf(block.content)) {
    readBlock(part, inner, names, count);
    if (part.type === 'text') texts.push(asString(part.text) ?? '');
  }
  turn.media.push(...inner.media);
  turn.results.push({
    name: names.get(asString(block.tool_use_id) ?? '') ?? '',
    text: texts.join('\n'),
    isError: block.is_error === true,
  });
}

function mediaOf(block: JsonObject): Media {
  const kind = block.type === 'image' ? 'image' : 'document';
  const source = asObject(block.source) ?? {};
  const named = typeof block.title === 'string' ? { name: block.title } : {};
  const mediaType = asString(source.media_type);
  const data = asString(source.data);
  if (mediaType === undefined || data === undefined)
    return { kind, url: asString(source.url) ?? asString(source.file_id) ?? 'hand', ...named };
  const bytes = source.type === 'text' ? new TextEncoder().encode(data).byteLength : base64Bytes(data);
  return { kind, mediaType, bytes, ...named };
}
