/** Items of a conversation → messages: one message an item, so that items keep their order and bounds. */

import { standardBase64 } from '../base64.ts';
import { describe, InvalidRequest, requireString } from '../invalid-request.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { asArray, asObject, asObjects, asString, unknownFields } from '../json-members.ts';
import type { ImagePart, Message, Part, Signature, ToolCallPart, ToolResultPart } from '../model.ts';
import { lookUp } from '../word-table.ts';
import { decodeClientCall, decodeClientOutput } from './client-tools.ts';
import { decodeContent } from './content-decode.ts';
import { protocol, toExtra, without } from './kept-fields.ts';
import { decodeReasoningItem } from './reasoning-item.ts';
import { decodeTools, type WireNames } from './tools.ts';

const roles: Record<string, Message['role']> = {
  user: 'user',
  assistant: 'assistant',
  system: 'system',
  developer: 'developer',
};

/** Reads items in order. Signatures that travelled in items of their own return to the parts they belong to. */
export function decodeItems(items: readonly Json[], names: WireNames, path: string): Message[] {
  const messages: Message[] = [];
  let next: Signature | undefined;
  const callIds = new Map<string, string>();
  items.forEach((value, i) => {
    const at = `${path}.${i}`;
    if (!isObject(value)) throw new InvalidRequest(at, `expected an item, found ${describe(value)}`);
    if (value.type === 'reasoning') {
      const read = decodeReasoningItem(value);
      if (read.kind === 'parts') messages.push({ role: 'assistant', parts: read.parts });
      else if (read.of === 'next') next = read.signature;
      else sign(messages.at(-1)?.parts.at(-1), read.signature);
      return;
    }
    const { id, call_id: callId } = value;
    if (typeof id === 'string' && typeof callId === 'string') callIds.set(id, callId);
    const message = decodeItem(value, names, at, callIds);
    if (next !== undefined) sign(message.parts[0], next);
    next = undefined;
    messages.push(message);
  });
  return messages;
}

/** Puts a signature on the part that the provider had signed. */
export function sign(part: Part | undefined, signature: Signature): void {
  if (part?.type === 'text' || part?.type === 'tool-call' || part?.type === 'image')
    part.signature = signature;
}

/** `callIds`: by the ids of the items before it. */
function decodeItem(
  item: JsonObject,
  names: WireNames,
  path: string,
  callIds: ReadonlyMap<string, string>,
): Message {
  const type = item.type;
  if (type === undefined && item.role === undefined)
    throw new InvalidRequest(`${path}.type`, 'expected the type of an item, or a role for a message');
  if (type === undefined || type === 'message') return decodeMessage(item, path);
  if (typeof type !== 'string')
    throw new InvalidRequest(`${path}.type`, `expected a string, found ${describe(type)}`);
  switch (type) {
    case 'function_call':
    case 'custom_tool_call':
      return { role: 'assistant', parts: [decodeCall(item, names, path)] };
    case 'function_call_output':
    case 'custom_tool_call_output':
      return { role: 'user', parts: [decodeOutput(item, path)] };
    case 'tool_search_call': {
      const call = decodeClientSearch(item, names);
      if (call !== undefined) return { role: 'assistant', parts: [call] };
      break;
    }
    case 'tool_search_output': {
      const result = decodeSearchOutput(item, names);
      if (result !== undefined) return { role: 'user', parts: [result] };
      break;
    }
    case 'image_generation_call': {
      const image = decodeGeneratedImage(item);
      if (image !== undefined) return { role: 'assistant', parts: [image] };
      break;
    }
  }
  const role = /_(output|response)$/.test(type) || type === 'additional_tools' ? 'user' : 'assistant';
  const call = decodeClientCall(item, names);
  if (call !== undefined) return { role: 'assistant', parts: [call] };
  const result = decodeClientOutput(item, names, callIds);
  if (result !== undefined) return { role: 'user', parts: [result] };
  const carried = isCarriedTools(item);
  return { role, parts: [{ type: 'native', protocol, value: item, ...(carried && { carried }) }] };
}

/** Tools that the request's own have taken up: all but those that the provider runs. */
function isCarriedTools(item: JsonObject): boolean {
  return (
    item.type === 'additional_tools' &&
    decodeTools(asObjects(item.tools), 'input.tools').every(({ type }) => type !== 'hosted')
  );
}

const messageFields = new Set(['type', 'role', 'content']);

function decodeMessage(item: JsonObject, path: string): Message {
  const role = requireString(item.role, `${path}.role`);
  const known = lookUp(roles, role);
  if (known === undefined)
    throw new InvalidRequest(
      `${path}.role`,
      `expected user, assistant, system or developer, found "${role}"`,
    );
  const parts =
    typeof item.content === 'string'
      ? [{ type: 'text' as const, text: item.content }]
      : asArray(item.content).map((part, i) => decodeContent(part, role, `${path}.content.${i}`));
  return { role: known, parts, extra: toExtra(unknownFields(item, messageFields)) };
}

/** Reads a `function_call` or `custom_tool_call` item under the client's name for the tool. */
export function decodeCall(item: JsonObject, names: WireNames, path: string): ToolCallPart {
  const custom = item.type === 'custom_tool_call';
  const wire = requireString(item.name, `${path}.name`);
  const name = names.fromWire(wire, asString(item.namespace));
  const field = custom ? 'input' : 'arguments';
  const given = item[field];
  const input = typeof given === 'string' ? given : given === undefined ? '' : JSON.stringify(given);
  const around = without(item, 'type', 'call_id', 'name', field);
  // Where the name contains the namespace, the tool's declaration does too.
  if (name !== wire && names.toWire(name).namespace !== undefined) delete around.namespace;
  return {
    type: 'tool-call',
    id: requireString(item.call_id, `${path}.call_id`),
    name,
    kind: custom ? 'custom' : 'function',
    input,
    extra: toExtra(undefined, { item: around, ...(given !== input && { input: given ?? null }) }),
  };
}

function decodeOutput(item: JsonObject, path: string): ToolResultPart {
  const custom = item.type === 'custom_tool_call_output';
  const content: ToolResultPart['content'] = [];
  const { output } = item;
  if (Array.isArray(output)) {
    output.forEach((value, i) => {
      const part = decodeContent(value, 'user', `${path}.output.${i}`);
      if (part.type === 'text' || part.type === 'image' || part.type === 'file' || part.type === 'audio')
        content.push(part);
      else if (part.type === 'native') content.push(part);
    });
  } else if (output !== undefined) {
    content.push({ type: 'text', text: typeof output === 'string' ? output : JSON.stringify(output) });
  }
  return {
    type: 'tool-result',
    callId: requireString(item.call_id, `${path}.call_id`),
    kind: custom ? 'custom' : 'function',
    content,
  };
}

/** Fields of an image generation item that the image part has; the others go around it. */
export function decodeGeneratedImage(item: JsonObject): ImagePart | undefined {
  const result = asString(item.result);
  if (result === undefined || result === '') return undefined;
  const data = standardBase64(result);
  const format = asString(item.output_format) ?? 'png';
  return {
    type: 'image',
    source: { kind: 'base64', mediaType: `image/${format}`, data },
    extra: toExtra(undefined, {
      item: without(item, 'type', 'result'),
      ...(data !== result && { result }),
    }),
  };
}

/** A call of the client-run `tool_search`, which other protocols know as a function. */
export function decodeClientSearch(item: JsonObject, names: WireNames): ToolCallPart | undefined {
  const id = asString(item.call_id);
  if (item.execution !== 'client' || id === undefined || !names.isSearch('tool_search')) return undefined;
  return {
    type: 'tool-call',
    id,
    name: 'tool_search',
    kind: 'function',
    input: JSON.stringify(item.arguments ?? {}),
    extra: toExtra(undefined, { item: without(item, 'type', 'call_id', 'arguments') }),
  };
}

function decodeSearchOutput(item: JsonObject, names: WireNames): ToolResultPart | undefined {
  const callId = asString(item.call_id);
  if (item.execution !== 'client' || callId === undefined || !names.isSearch('tool_search')) return undefined;
  const found = asArray(item.tools).map((tool) => asString(asObject(tool)?.name) ?? '');
  return {
    type: 'tool-result',
    callId,
    name: 'tool_search',
    kind: 'function',
    content: [{ type: 'text', text: `Tools that can be called now: ${found.join(', ') || 'none'}` }],
  };
}
