/** The body of `POST /v1/messages` → a canonical request. */

import { describe, InvalidRequest, requireArray, requireObject } from '../invalid-request.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { asNumber, asObject, asString, unknownFields } from '../json-members.ts';
import type { Message, Part, Signature, ToolCallPart } from '../model.ts';
import type { Request } from '../request.ts';
import { openedThinking } from '../signature-envelope.ts';
import { decodeBlock, plainTools } from './content-decode.ts';
import { protocol } from './kept-fields.ts';
import { decodeOutput, decodeReasoning } from './settings.ts';
import { decodeToolChoice, decodeTools } from './tools.ts';

/** Fields with a canonical place. */
const known = new Set([
  ...[
    'model',
    'stream',
    'messages',
    'system',
    'max_tokens',
    'temperature',
    'top_p',
    'top_k',
    'stop_sequences',
  ],
  ...['tools', 'tool_choice', 'service_tier', 'thinking', 'output_config', 'output_format'],
]);

/**
 * Reads a request. `extra` is always there: it marks the request as this protocol's own.
 * Throws InvalidRequest naming the field.
 */
export function decodeRequest(body: JsonObject, envelope: { model: string; stream: boolean }): Request {
  const fields: JsonObject = { ...unknownFields(body, known) };
  const unknownConfig = unknownFields(asObject(body.output_config) ?? {}, outputConfigFields);
  if (unknownConfig !== undefined) fields.output_config = unknownConfig;
  const number = (field: string): number | undefined => {
    const value = body[field];
    if (value === undefined || value === null) return undefined;
    const number = asNumber(value);
    if (number !== undefined) return number;
    throw new InvalidRequest(field, `expected a number, found ${describe(value)}`);
  };
  const user = asString(asObject(body.metadata)?.user_id);
  if (user !== undefined) {
    const rest = unknownFields(requireObject(body.metadata, 'metadata'), new Set(['user_id']));
    if (rest === undefined) delete fields.metadata;
    else fields.metadata = rest;
  }
  return {
    model: envelope.model,
    stream: envelope.stream,
    messages: decodeMessages(body),
    extra: { protocol, fields, originalForm: decodeOriginalForm(body) },
    maxTokens: number('max_tokens'),
    temperature: number('temperature'),
    topP: number('top_p'),
    topK: number('top_k'),
    stop: isGiven(body.stop_sequences) ? decodeStop(body.stop_sequences) : undefined,
    tools: isGiven(body.tools) ? decodeTools(body.tools) : undefined,
    ...(isGiven(body.tool_choice) && decodeToolChoice(body.tool_choice)),
    reasoning: decodeReasoning(body),
    output: decodeOutput(body),
    serviceTier: asString(body.service_tier),
    user,
  };
}

const outputConfigFields = new Set(['effort', 'format']);

/** What {@link wantsThinking} asks of the client's own words. */
function decodeOriginalForm({ thinking, output_config }: JsonObject): JsonObject {
  return {
    ...(thinking !== undefined && { thinking }),
    ...(output_config !== undefined && { output_config }),
  };
}

function isGiven(value: Json | undefined): boolean {
  return value !== undefined && value !== null;
}

function decodeStop(value: Json | undefined): string[] {
  return requireArray(value, 'stop_sequences').map((item, i) => {
    if (typeof item === 'string') return item;
    throw new InvalidRequest(`stop_sequences.${i}`, `expected a string, found ${describe(item)}`);
  });
}

/** The system field comes first. */
function decodeMessages(body: JsonObject): Message[] {
  const messages: Message[] = [];
  if (isGiven(body.system)) {
    const parts = decodeContent(body.system, 'system');
    if (parts.length > 0) messages.push({ role: 'system', parts });
  }
  requireArray(body.messages, 'messages').forEach((value, i) => {
    const path = `messages.${i}`;
    const message = requireObject(value, path);
    const parts = decodeContent(message.content, `${path}.content`);
    switch (message.role) {
      case 'user':
      case 'system':
        messages.push({ role: message.role, parts });
        break;
      case 'assistant':
        messages.push({ role: 'assistant', parts: signedThinking(placeSignatures(parts)) });
        break;
      default:
        throw new InvalidRequest(
          `${path}.role`,
          `expected "user", "assistant" or "system", found ${describe(message.role)}`,
        );
    }
  });
  return messages;
}

function decodeContent(content: Json | undefined, path: string): Part[] {
  if (typeof content === 'string') return content.length > 0 ? [{ type: 'text', text: content }] : [];
  if (!Array.isArray(content))
    throw new InvalidRequest(path, `expected a string or an array, found ${describe(content)}`);
  return content.map((value, i): Part => {
    if (isObject(value) && value.type === 'compaction' && typeof value.content === 'string') {
      // The summary replaces the turns before it, so other protocols must get its text.
      return { type: 'text', text: value.content };
    }
    return decodeBlock(value, `${path}.${i}`, plainTools);
  });
}

/**
 * Puts Gemini's signatures back where they were: an empty thinking block that carries one belongs to the call
 * behind it, else to the text beside it.
 */
function placeSignatures(parts: Part[]): Part[] {
  if (!parts.some(isCarrier)) return parts;
  const placed: Part[] = [];
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    if (part === undefined) continue;
    const signature = isCarrier(part) ? part.signature : undefined;
    if (signature === undefined) {
      placed.push(part);
      continue;
    }
    const next = parts[i + 1];
    const before = placed.at(-1);
    if (next?.type === 'tool-call' || next?.type === 'text') {
      placed.push({ ...next, signature });
      i++;
    } else if (before?.type === 'text' && before.signature === undefined) {
      placed[placed.length - 1] = { ...before, signature };
    } else {
      placed.push(part);
    }
  }
  return placed;
}

/** A signature of thinking that came back in a call's id gets a part of its own before the text, or before its call. */
function signedThinking(parts: Part[]): Part[] {
  const isSealed = (part: Part): part is ToolCallPart & { signature: Signature } =>
    part.type === 'tool-call' && part.signature !== undefined && part.signature.family !== 'gemini';
  if (!parts.some(isSealed)) return parts;
  const placed: Part[] = [];
  for (const part of parts) {
    if (!isSealed(part)) {
      placed.push(part);
      continue;
    }
    const { signature, ...call } = part;
    const first = placed.every(({ type }) => type !== 'tool-call' && type !== 'reasoning');
    placed.splice(first ? 0 : placed.length, 0, openedThinking(signature));
    placed.push(call);
  }
  return placed;
}

function isCarrier(part: Part): part is Extract<Part, { type: 'reasoning' }> {
  return part.type === 'reasoning' && part.text === '' && part.signature?.family === 'gemini';
}

/**
 * Throws {@link InvalidRequest} for a request of a message thread: the service remembers the conversation, and the next
 * request brings only what is new. Others remember nothing. The code is the one that Anthropic's SDKs go by: their
 * tool runner, which makes a thread unasked, then sends the conversation whole
 * (`thread_unsupported_request` in `lib/threads` of @anthropic-ai/sdk).
 */
export function demandNoThread(body: JsonObject): void {
  if (asObject(body.thread) === undefined) return;
  throw new InvalidRequest(
    'thread',
    'message threads are kept by Anthropic alone; send the whole conversation to this model',
    'thread_unsupported_request',
  );
}
