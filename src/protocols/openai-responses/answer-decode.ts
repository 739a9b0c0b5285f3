/** The `output` of an answer → canonical parts. */

import { isObject, type Json, type JsonObject } from '../json.ts';
import { asArray, asString, unknownFields } from '../json-members.ts';
import type { Part, Signature } from '../model.ts';
import { readLogprobs } from '../openai-logprobs.ts';
import { foreignClientCall } from './client-tools.ts';
import { decodeText } from './content-decode.ts';
import { decodeCall, decodeClientSearch, decodeGeneratedImage, sign } from './item-decode.ts';
import { protocol, toExtra, without } from './kept-fields.ts';
import { phaseSignature } from './phase.ts';
import { decodeReasoningItem } from './reasoning-item.ts';
import type { WireNames } from './tools.ts';

/** Reads output items in order; those that only this protocol has become native parts. */
export function decodeOutputItems(items: Json | undefined, names: WireNames): Part[] {
  const parts: Part[] = [];
  let next: Signature | undefined;
  for (const item of asArray(items)) {
    if (!isObject(item)) continue;
    const before = parts.length;
    if (item.type === 'reasoning') {
      const read = decodeReasoningItem(item);
      if (read.kind === 'parts') parts.push(...read.parts);
      else if (read.of === 'next') next = read.signature;
      else sign(parts.at(-1), read.signature);
      continue;
    }
    if (item.type === 'message') parts.push(...decodeMessageItem(item, names));
    else parts.push(decodeOtherItem(item, names));
    if (next !== undefined) sign(parts[before], next);
    next = undefined;
  }
  return parts;
}

/** Whether the item is a call that the client is to answer. */
export function isClientCall(item: JsonObject, names: WireNames): boolean {
  if (typeof item.name !== 'string' || typeof item.call_id !== 'string') return false;
  if (item.type === 'function_call') return true;
  // Some providers report tools that they ran themselves as custom calls.
  return (
    item.type === 'custom_tool_call' && names.isDeclared(names.fromWire(item.name, asString(item.namespace)))
  );
}

/** An item that is neither message nor reasoning. */
export function decodeOtherItem(item: JsonObject, names: WireNames): Part {
  if (isClientCall(item, names)) return decodeCall(item, names, 'output');
  switch (item.type) {
    case 'tool_search_call': {
      const call = decodeClientSearch(item, names);
      if (call !== undefined) return call;
      break;
    }
    case 'image_generation_call': {
      const image = decodeGeneratedImage(item);
      if (image !== undefined) return image;
      break;
    }
  }
  const call = names.foreign ? foreignClientCall(item, names) : undefined;
  return call ?? { type: 'native', protocol, value: item };
}

/** The fields of a message item that its content parts do not have. */
export function messageFields(item: JsonObject): JsonObject {
  const rest = without(item, 'type', 'content');
  if (rest.role === 'assistant') delete rest.role;
  return rest;
}

function decodeMessageItem(item: JsonObject, names: WireNames): Part[] {
  const phase = names.foreign ? phaseSignature(item) : undefined;
  const around = messageFields(item);
  const content =
    typeof item.content === 'string' ? [{ type: 'output_text', text: item.content }] : asArray(item.content);
  const parts: Part[] = [];
  for (const value of content) {
    if (!isObject(value)) continue;
    const part = decodeOutputContent(value);
    if (part.type === 'native') {
      parts.push(part);
      continue;
    }
    const place = parts.length > 0 ? { joined: true } : { item: around };
    const extra = toExtra(part.extra?.fields, { ...part.extra?.originalForm, ...place });
    parts.push(
      part.type === 'text' && phase !== undefined ? { ...part, signature: phase, extra } : { ...part, extra },
    );
  }
  if (parts.length === 0)
    parts.push({ type: 'text', text: '', extra: toExtra(undefined, { item: around, empty: true }) });
  return parts;
}

const refusalFields = new Set(['type', 'refusal']);

/** A content part of a message of the assistant. */
export function decodeOutputContent(
  value: JsonObject,
): Extract<Part, { type: 'text' | 'refusal' | 'native' }> {
  if (value.type === 'refusal') {
    return {
      type: 'refusal',
      text: asString(value.refusal) ?? '',
      extra: toExtra(unknownFields(value, refusalFields)),
    };
  }
  if (typeof value.text === 'string') {
    const part = decodeText(value, value.text, 'output_text');
    const logprobs = readLogprobs(value.logprobs);
    return logprobs === undefined ? part : { ...part, logprobs };
  }
  return { type: 'native', protocol, value };
}
