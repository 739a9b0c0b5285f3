/** Reads a Chat Completions request. platform.openai.com/docs/api-reference/chat/create */

import { describe, InvalidRequest, requireArray, requireObject, requireString } from '../invalid-request.ts';
import { isObject, type JsonObject } from '../json.ts';
import { asObject, asString } from '../json-members.ts';
import type { Message, ToolResultPart } from '../model.ts';
import type { Request, Tool } from '../request.ts';
import { unwrapId } from '../signature-envelope.ts';
import { decodeAssistant } from './assistant-decode.ts';
import { decodeContent } from './content-decode.ts';
import { protocol } from './kept-fields.ts';
import {
  logprobs,
  maxTokens,
  modalities,
  output,
  readLens,
  readScalars,
  reasoning,
  scalarFields,
  stop,
  streamOptions,
  toolChoice,
} from './settings.ts';
import type { CallReading } from './tool-calls.ts';
import { decodeFunction, decodeTool, webSearchTool } from './tools.ts';

/** Fields with a canonical place and one spelling. */
const plainFields = new Set([
  ...['model', 'messages', 'tools', 'functions', 'web_search_options', 'parallel_tool_calls', 'metadata'],
  ...scalarFields,
]);
const spelledFields = new Set([
  'stream',
  ...[maxTokens, stop, toolChoice, logprobs, streamOptions, modalities, output, reasoning].flatMap(
    (setting) => setting.fields,
  ),
]);

/** Reads a request. Throws {@link InvalidRequest} naming the field. */
export function decodeRequest(body: JsonObject, envelope: { model: string; stream: boolean }): Request {
  const unread: JsonObject = {};
  for (const field in body)
    if (body[field] !== undefined && !plainFields.has(field) && !spelledFields.has(field))
      unread[field] = body[field];
  const scalars = readScalars(body);
  const user = scalars.user ?? asString(body.safety_identifier);
  // What replaces `user`, where both are there.
  if (user === body.safety_identifier) delete unread.safety_identifier;
  return {
    ...envelope,
    ...scalars,
    messages: decodeMessages(body),
    tools: decodeTools(body),
    toolChoice: readLens(toolChoice, body, unread),
    parallelToolCalls: optionalBoolean(body, 'parallel_tool_calls'),
    maxTokens: readLens(maxTokens, body, unread),
    stop: readLens(stop, body, unread),
    logprobs: readLens(logprobs, body, unread),
    reasoning: readLens(reasoning, body, unread),
    output: readLens(output, body, unread),
    modalities: readLens(modalities, body, unread),
    user,
    metadata: optionalObject(body, 'metadata'),
    includeUsage: readLens(streamOptions, body, unread),
    extra: {
      protocol,
      fields: unread,
      ...(Array.isArray(body.functions) && { originalForm: { functions: [] } }),
    },
  };
}

function optionalBoolean(body: JsonObject, field: string): boolean | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean')
    throw new InvalidRequest(field, `expected true or false, found ${describe(value)}`);
  return value;
}

function optionalObject(body: JsonObject, field: string): JsonObject | undefined {
  const value = body[field];
  return value === undefined || value === null ? undefined : requireObject(value, field);
}

/** `tools`, or the older `functions`, and the search that `web_search_options` asks for. */
function decodeTools(body: JsonObject): Tool[] | undefined {
  const tools: Tool[] = [];
  const listed = Array.isArray(body.tools) ? body.tools : undefined;
  if (listed === undefined && body.tools !== undefined && body.tools !== null)
    throw new InvalidRequest('tools', `expected an array, found ${describe(body.tools)}`);
  listed?.forEach((tool, at) => {
    tools.push(decodeTool(tool, `tools.${at}`));
  });
  if (body.functions !== undefined && body.functions !== null) {
    requireArray(body.functions, 'functions').forEach((fn, at) => {
      tools.push(decodeFunction(fn, `functions.${at}`));
    });
  }
  const search = asObject(body.web_search_options);
  if (search !== undefined) tools.push(webSearchTool(search));
  return listed === undefined && tools.length === 0 ? undefined : tools;
}

function decodeMessages(body: JsonObject): Message[] {
  const reading = requestCalls();
  return requireArray(body.messages, 'messages').map((value, at) => {
    const path = `messages.${at}`;
    const message = requireObject(value, path);
    const role = requireString(message.role, `${path}.role`);
    switch (role) {
      case 'system':
      case 'developer':
      case 'user':
        return decodePlain(message, role, path);
      case 'assistant':
        return decodeAssistantTurn(message, path, reading);
      case 'tool':
      case 'function':
        return { role: 'user', parts: [decodeToolMessage(message, role, path, reading)] };
      default:
        throw new InvalidRequest(
          `${path}.role`,
          `expected system, developer, user, assistant or tool, found ${describe(role)}`,
        );
    }
  });
}

function decodePlain(message: JsonObject, role: 'system' | 'developer' | 'user', path: string): Message {
  const name = asString(message.name);
  const { content } = message;
  if (isObject(content))
    throw new InvalidRequest(
      `${path}.content`,
      `expected text or an array of parts, found ${describe(content)}`,
    );
  return { role, parts: decodeContent(content, `${path}.content`), ...(name !== undefined && { name }) };
}

function decodeAssistantTurn(message: JsonObject, path: string, reading: RequestCalls): Message {
  const name = asString(message.name);
  const { parts } = decodeAssistant(name === undefined ? message : withoutName(message), path, reading);
  return { role: 'assistant', parts, ...(name !== undefined && { name }) };
}

function decodeToolMessage(
  message: JsonObject,
  role: 'tool' | 'function',
  path: string,
  reading: RequestCalls,
): ToolResultPart {
  const wireId = role === 'function' ? '' : (asString(message.tool_call_id) ?? '');
  const { content } = message;
  const name = asString(message.name);
  const parts = isObject(content)
    ? [{ type: 'text' as const, text: JSON.stringify(content) }]
    : decodeContent(content, `${path}.content`);
  return {
    type: 'tool-result',
    callId: reading.result(wireId),
    ...(name !== undefined && { name }),
    content: parts.map((part) =>
      part.type === 'refusal' || part.type === 'reasoning' ? { type: 'text', text: part.text } : part,
    ),
  };
}

function withoutName({ name: _name, ...unnamed }: JsonObject): JsonObject {
  return unnamed;
}

interface RequestCalls extends CallReading {
  /** The call that a result with this wire id answers. */
  result(id: string): string;
}

/** Call ids of one request: seals opened, missing ids made up, results without an id given to the oldest such call. */
function requestCalls(): RequestCalls {
  const unanswered: string[] = [];
  let made = 0;
  return {
    open(id) {
      if (id !== '') return unwrapId(id);
      const own = `call_unnamed_${++made}`;
      unanswered.push(own);
      return { id: own };
    },
    call: (name, kind, input) => ({ name, kind, input }),
    result: (id) => (id !== '' ? unwrapId(id).id : (unanswered.shift() ?? `call_unnamed_${++made}`)),
  };
}
