/** Reads and judges a Chat Completions request as api.openai.com does. */

import type { Incoming, SandboxState } from '../dialect.ts';
import { invalid } from '../failure.ts';
import type { JsonObject } from '../json.ts';
import { asArray, asBoolean, asNumber, asObject, asObjects, asString, membersOf } from '../json-members.ts';
import { type DeclaredTool, emptyTurn, type Prompt, type ToolChoice } from '../prompt.ts';
import { base64Bytes } from '../shape.ts';
import { type Meter, meter } from '../tokens.ts';
import { bodyShape } from './chat-shape.ts';
import { demandShape } from './errors.ts';
import { demandChatModel } from './model-rules.ts';
import { demandFormat, demandParameters } from './schema-rules.ts';
import * as shared from './shared-shapes.ts';

export function readChat(incoming: Incoming, state: SandboxState): Prompt {
  const { body } = incoming;
  demandShape(body, bodyShape);
  const messages = asObjects(body.messages);
  const count = meter();
  const tools = readTools(body, count);
  const system = readSystem(messages);
  demandCombinations(body, tools);
  demandChatModel(body, incoming.model);
  demandAnsweredCalls(messages);
  return {
    model: incoming.model,
    stream: incoming.stream,
    system,
    roles: messages.map((message) => asString(message.role) ?? ''),
    turn: readTurns(messages, count),
    tools,
    choice: readChoice(body, tools),
    parallel: asBoolean(body.parallel_tool_calls) ?? true,
    reasoning: {
      wanted: typeof body.reasoning_effort === 'string' && body.reasoning_effort !== 'none',
      shown: true,
    },
    output: readOutput(body, messages),
    stop: asArray(body.stop).filter((stop) => typeof stop === 'string'),
    ...readLimit(body),
    answers: asNumber(body.n) ?? 1,
    settings: settingsOf(body),
    tokens: count.settle(state.prefixes),
  };
}

function readLimit(body: JsonObject): { maxTokens?: number } {
  const maxTokens = asNumber(body.max_completion_tokens) ?? asNumber(body.max_tokens);
  return maxTokens === undefined ? {} : { maxTokens };
}

function settingsOf(body: JsonObject): JsonObject {
  return membersOf(body, [
    'temperature',
    'top_p',
    'seed',
    'presence_penalty',
    'frequency_penalty',
    'max_tokens',
    'max_completion_tokens',
    'stop',
    'reasoning_effort',
    'verbosity',
    'service_tier',
  ]);
}

function readTools(body: JsonObject, count: Meter): DeclaredTool[] {
  return asObjects(body.tools).map((tool, i) => {
    count.add(JSON.stringify(tool));
    const custom = asObject(tool.custom);
    if (custom !== undefined) return { name: asString(custom.name) ?? '', kind: 'custom' };
    const declared = asObject(tool.function) ?? {};
    const name = asString(declared.name) ?? '';
    const schema = asObject(declared.parameters) ?? {};
    demandParameters(declared.parameters, name, `tools[${i}].function.parameters`, declared.strict === true);
    return { name, kind: 'function', schema };
  });
}

function readSystem(messages: readonly JsonObject[]): string {
  return messages
    .filter((message) => message.role === 'system' || message.role === 'developer')
    .map((message) => shared.joinedText(message.content))
    .join('\n');
}

function readTurns(messages: readonly JsonObject[], count: Meter): Prompt['turn'] {
  const names = new Map<string, string>();
  let turn = emptyTurn();
  for (const message of messages) {
    if (message.role === 'assistant') {
      turn = emptyTurn();
      count.add(shared.joinedText(message.content));
      for (const call of asObjects(message.tool_calls)) {
        const called = asObject(call.function) ?? asObject(call.custom);
        names.set(asString(call.id) ?? '', asString(called?.name) ?? '');
        count.add(JSON.stringify(called));
      }
    } else if (message.role === 'tool') {
      const content = shared.joinedText(message.content);
      count.add(content);
      turn.results.push({
        name: names.get(asString(message.tool_call_id) ?? '') ?? '',
        text: content,
        isError: false,
      });
    } else if (message.role === 'user') {
      readUser(message, turn, count);
    } else {
      count.add(shared.joinedText(message.content));
    }
    count.boundary();
  }
  return turn;
}

function readUser(message: JsonObject, turn: Prompt['turn'], count: Meter): void {
  if (typeof message.content === 'string') {
    turn.text = message.content;
    count.add(message.content);
    return;
  }
  for (const part of asObjects(message.content)) {
    const text = asString(part.text);
    if (text !== undefined) {
      turn.text = text;
      count.add(text);
      continue;
    }
    count.addMedia(JSON.stringify(part));
    const image = asString(asObject(part.image_url)?.url);
    const audio = asObject(part.input_audio);
    const file = asObject(part.file);
    if (image !== undefined) turn.media.push(shared.mediaFrom('image', image));
    else if (audio !== undefined)
      turn.media.push({
        kind: 'audio',
        mediaType: audio.format === 'wav' ? 'audio/wav' : 'audio/mpeg',
        bytes: base64Bytes(asString(audio.data) ?? ''),
      });
    else if (file !== undefined)
      turn.media.push(
        shared.mediaFrom(
          'document',
          asString(file.file_data) ?? asString(file.file_id) ?? '',
          asString(file.filename),
        ),
      );
  }
}

function readChoice(body: JsonObject, tools: readonly DeclaredTool[]): ToolChoice {
  const choice = body.tool_choice;
  if (choice === 'none' || choice === 'required') return { mode: choice };
  const chosen = asObject(choice);
  if (chosen === undefined) return { mode: 'auto' };
  const allowed = asObject(chosen.allowed_tools);
  const nodes = allowed === undefined ? [chosen] : asObjects(allowed.tools);
  const names = nodes.map(
    (node) => asString((asObject(node.function) ?? asObject(node.custom) ?? node).name) ?? '',
  );
  for (const name of names)
    if (!tools.some((tool) => tool.name === name))
      throw invalid(`The tool choice names '${name}', which is not among the tools.`, 'tool_choice');
  return { mode: allowed?.mode === 'auto' ? 'auto' : 'required', names };
}

function readOutput(body: JsonObject, messages: readonly JsonObject[]): Prompt['output'] {
  const format = asObject(body.response_format);
  if (format?.type === 'json_object') {
    shared.demandJsonWord(
      messages.map((message) => shared.joinedText(message.content)).join('\n'),
      'messages',
    );
    return { json: true };
  }
  const wanted = asObject(format?.json_schema);
  if (wanted === undefined) return { json: false };
  const schema = asObject(wanted.schema) ?? {};
  if (wanted.schema !== undefined)
    demandFormat(schema, asString(wanted.name) ?? '', 'response_format', wanted.strict === true);
  return { json: true, schema };
}

/** Fields that api.openai.com refuses in each other's presence or absence. */
function demandCombinations(body: JsonObject, tools: readonly DeclaredTool[]): void {
  if (typeof body.max_tokens === 'number' && typeof body.max_completion_tokens === 'number')
    throw invalid(
      'max_tokens and max_completion_tokens cannot both be set.',
      'max_tokens',
      'invalid_parameter_combination',
    );
  if (asObject(body.stream_options) !== undefined && body.stream !== true)
    throw invalid('stream_options needs stream to be true.', 'stream_options');
  if (asArray(body.modalities).includes('audio') && asObject(body.audio) === undefined)
    throw invalid(`audio is required where modalities has 'audio'.`, 'audio');
  if (asObject(body.metadata) !== undefined && body.store !== true)
    throw invalid(`The 'metadata' parameter is only allowed when 'store' is enabled.`, 'metadata');
  if (typeof body.top_logprobs === 'number' && body.logprobs !== true)
    throw invalid('top_logprobs needs logprobs to be true.', 'top_logprobs');
  for (const field of ['tool_choice', 'parallel_tool_calls'])
    if (tools.length === 0 && body[field] !== undefined && body[field] !== null && body[field] !== 'none')
      throw invalid(`${field} is allowed only with tools.`, field);
}

/** Every call is answered by tool messages right behind it, and every tool message answers a call. */
function demandAnsweredCalls(messages: readonly JsonObject[]): void {
  let open = new Set<string>();
  messages.forEach((message, i) => {
    if (message.role === 'tool') {
      if (!open.delete(asString(message.tool_call_id) ?? ''))
        throw invalid(
          `The tool message answers '${message.tool_call_id}', which the assistant message before it did not call.`,
          `messages[${i}].tool_call_id`,
        );
      return;
    }
    demandNoneOpen(open, `messages[${i}]`);
    const calls = asObjects(message.tool_calls).map((call) => asString(call.id) ?? '');
    open = new Set(calls);
    if (open.size !== calls.length) throw invalid('Two tool calls have one id.', `messages[${i}].tool_calls`);
    if (message.role === 'assistant' && calls.length === 0 && isSilent(message))
      throw invalid('An assistant message needs content or tool calls.', `messages[${i}].content`);
  });
  demandNoneOpen(open, `messages[${messages.length - 1}]`);
}

function isSilent(message: JsonObject): boolean {
  const said = [message.content, message.refusal, message.audio, message.function_call];
  return said.every((field) => field === undefined || field === null);
}

function demandNoneOpen(open: ReadonlySet<string>, param: string): void {
  if (open.size === 0) return;
  throw invalid(
    `Tool messages must follow an assistant message with tool_calls; without an answer: ${[...open].join(', ')}.`,
    param,
  );
}
