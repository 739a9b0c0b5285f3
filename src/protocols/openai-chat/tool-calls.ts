/** Tool calls of an assistant message, in requests and in answers. */

import { argumentsToCustomInput, isCustomTool } from '../custom-tool.ts';
import type { JsonObject } from '../json.ts';
import { asObject, asString } from '../json-members.ts';
import type { Signature, ToolCallPart } from '../model.ts';
import type { Request } from '../request.ts';
import { isNative, keep, looseText, overlay, ownFields, rest } from './kept-fields.ts';
import { wireNames } from './tools.ts';

/** How a reader of messages names calls. */
export interface CallReading {
  /** The canonical id of a call whose wire id is `id` (empty where the server gave none). */
  open(id: string): { id: string; signature?: Signature };
  /** The client's name, kind and input of a call. */
  call(
    name: string,
    kind: ToolCallPart['kind'],
    input: string,
  ): Pick<ToolCallPart, 'name' | 'kind' | 'input'>;
}

const callFields = new Set(['id', 'type', 'function']);
const customCallFields = new Set(['id', 'type', 'custom']);
const functionFields = new Set(['name', 'arguments']);
const customFields = new Set(['name', 'input']);

/** The signature that Google's compatible endpoint puts on a call or a message. */
export function geminiSignature(node: JsonObject): Signature | undefined {
  const google = asObject(asObject(node.extra_content)?.google);
  const value = asString(google?.thought_signature);
  return value === undefined || value === '' ? undefined : { family: 'gemini', value };
}

/** One member of `tool_calls`. */
export function decodeToolCall(call: JsonObject, reading: CallReading): ToolCallPart {
  const custom = asObject(call.custom);
  const isCustom = custom !== undefined && (call.type === 'custom' || !isNamed(call.function));
  const inner = (isCustom ? custom : asObject(call.function)) ?? {};
  const field = isCustom ? 'input' : 'arguments';
  const wireId = asString(call.id) ?? '';
  const opened = reading.open(wireId);
  const signature = geminiSignature(call) ?? opened.signature;
  const unread = isCustom
    ? rest(call, customCallFields, { custom: rest(inner, customFields) })
    : rest(call, callFields, { function: rest(inner, functionFields) });
  const originalForm = {
    ...(wireId === '' && { id: call.id }),
    ...(typeof inner[field] !== 'string' && { [isCustom ? 'custom' : 'function']: inner }),
    ...(call.type === undefined && { type: undefined }),
  };
  const extra = keep(unread, Object.keys(originalForm).length > 0 ? originalForm : undefined);
  return {
    type: 'tool-call',
    id: opened.id,
    ...reading.call(
      asString(inner.name) ?? '',
      isCustom ? 'custom' : 'function',
      looseText(inner[field] ?? undefined),
    ),
    ...(signature !== undefined && { signature }),
    ...(extra !== undefined && { extra }),
  };
}

/** True for the object of a call with a name: some servers send empty `function_call` and `custom` objects along. */
export function isNamed(value: JsonObject[string]): value is JsonObject {
  return Boolean(asString(asObject(value)?.name));
}

/** The older `function_call`, of which a message has one at most. */
export function decodeFunctionCall(call: JsonObject, reading: CallReading): ToolCallPart {
  const opened = reading.open('');
  return {
    type: 'tool-call',
    id: opened.id,
    ...reading.call(asString(call.name) ?? '', 'function', looseText(call.arguments)),
    extra: keep(rest(call, functionFields) ?? {}, { legacy: true }),
  };
}

/** True for a call that was read from `function_call`. */
export function isLegacyCall(part: ToolCallPart): boolean {
  return ownFields(part.extra)?.legacy === true;
}

/** The wire form of a call, under the id and the name that the other side is to see. */
export function encodeToolCall(
  part: Pick<ToolCallPart, 'kind' | 'input' | 'extra' | 'signature'>,
  id: string,
  name: string,
): JsonObject {
  const fields = ownFields(part.extra);
  const google: JsonObject =
    fields === undefined && part.signature?.family === 'gemini'
      ? { extra_content: { google: { thought_signature: part.signature.value } } }
      : {};
  if (part.kind === 'custom') {
    const custom = overlay({ name, input: part.input }, asObject(fields?.custom));
    return { id, type: 'custom', ...google, ...fields, custom };
  }
  const fn = overlay({ name, arguments: part.input }, asObject(fields?.function));
  return { id, type: 'function', ...google, ...fields, function: fn };
}

export function encodeFunctionCall(part: ToolCallPart, name: string): JsonObject {
  const { legacy: _, ...fields } = ownFields(part.extra) ?? {};
  return { name, arguments: part.input, ...fields };
}

/**
 * Reads the calls of one answer to `request`: names as the client gave them, calls of its custom tools as such, and an
 * id made of `seed` (what is unique to the answer) where the server gave none.
 */
export function answerCalls(request: Request, seed: () => string): CallReading {
  const names = wireNames(request);
  const translated = !isNative(request);
  let made = 0;
  return {
    open: (id) => ({ id: id !== '' ? id : `call_${seed()}_${made++}` }),
    call(wireName, kind, input) {
      const name = names.fromWire(wireName);
      return translated && kind === 'function' && isCustomTool(request, name)
        ? { name, kind: 'custom', input: argumentsToCustomInput(input) }
        : { name, kind, input };
    },
  };
}
