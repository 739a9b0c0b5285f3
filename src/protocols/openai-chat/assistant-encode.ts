/** Writes the assistant's message: the same object in a request's history and in an answer. */

import { isObject, type Json, type JsonObject } from '../json.ts';
import { asString } from '../json-members.ts';
import type { Part, ReasoningPart, TextPart, ToolCallPart } from '../model.ts';
import { encodePart, type PartOptions, reportCache } from './content-encode.ts';
import { ownFields } from './kept-fields.ts';
import { sealedDetail, signatureDetails } from './reasoning-details.ts';
import { encodeFunctionCall, isLegacyCall } from './tool-calls.ts';

/** How a message is written for one reader. */
export interface AssistantOptions extends PartOptions {
  /** Between texts that are separate in the model but one field here. */
  textSeparator: string;
  /** Whether the reader may see thinking at all. */
  reasoning: boolean;
  /** Seal signatures of other families into the message: for clients, never for upstreams. */
  seal: boolean;
  /** The wire form of a call. */
  call(part: ToolCallPart): JsonObject;
  /** The name of a call, for the older `function_call`. */
  name(part: ToolCallPart): string;
}

/** Writes a message. `fields` are this protocol's own, from {@link DecodedAssistant}; undefined for parts from elsewhere. */
export function encodeAssistant(
  parts: readonly Part[],
  fields: JsonObject | undefined,
  options: AssistantOptions,
): JsonObject {
  const message: JsonObject = { role: 'assistant' };
  const content: Part[] = [];
  const images: JsonObject[] = [];
  const calls: JsonObject[] = [];
  const thinking: ReasoningPart[] = [];
  for (const part of parts) {
    if (part.type === 'reasoning') {
      if (ownFields(part.extra)?.type === 'thinking') content.push(part);
      else thinking.push(part);
    } else if (part.type === 'tool-call') {
      if (isLegacyCall(part)) message.function_call = encodeFunctionCall(part, options.name(part));
      else calls.push(options.call(part));
    } else if (part.type === 'refusal' && ownFields(part.extra)?.type !== 'refusal') {
      message.refusal = `${asString(message.refusal) ?? ''}${part.text}`;
    } else if (
      part.type === 'image' &&
      (fields?.images || (options.seal && !Array.isArray(fields?.content)))
    ) {
      images.push(encodePart(part, options) ?? {});
    } else if (part.type === 'audio') {
      message.audio = encodeSpoken(part);
    } else {
      content.push(part);
    }
  }
  if (options.reasoning) writeReasoning(message, parts, thinking, options);
  const text = encodeContent(content, fields?.content, options);
  if (text !== undefined) message.content = text;
  else if (fields === undefined) message.content = calls.length > 0 ? null : '';
  if (images.length > 0) message.images = images;
  if (calls.length > 0) message.tool_calls = calls;
  if (fields === undefined) return message;
  const { content: hint, images: _, ...own } = fields;
  if (text === undefined && hint !== undefined) message.content = hint;
  return Object.assign(message, own);
}

/** A `content` field: one text, or a list of parts; undefined when there is no content. `hint` is the remembered form. */
export function encodeContent(
  parts: readonly Part[],
  hint: JsonObject[string],
  options: PartOptions & { textSeparator: string },
): JsonObject[string] {
  if (isObject(hint)) return hint;
  const [only] = parts;
  if (!Array.isArray(hint)) {
    if (only === undefined) return undefined;
    const texts = parts.filter((part) => part.type === 'text');
    if (texts.length === parts.length && texts.every((text) => isPlain(text, options.cache))) {
      if (texts.some((text) => text.cache !== undefined)) reportCache(options);
      return texts.map((text) => text.text).join(options.textSeparator);
    }
  }
  const list: Json[] = [];
  for (const part of parts) {
    const encoded = encodePart(part, options);
    if (encoded !== undefined) list.push(encoded);
  }
  return list.length > 0 || Array.isArray(hint) ? list : undefined;
}

function isPlain(part: TextPart, cache: boolean): boolean {
  return (part.cache === undefined || !cache) && ownFields(part.extra) === undefined;
}

function encodeSpoken(part: Extract<Part, { type: 'audio' }>): JsonObject {
  const { source, transcript } = part;
  return {
    ...(source.kind === 'file-id'
      ? { id: source.id }
      : source.kind === 'base64' && source.data !== '' && { data: source.data }),
    ...(transcript !== undefined && { transcript }),
    ...ownFields(part.extra),
  };
}

function writeReasoning(
  message: JsonObject,
  parts: readonly Part[],
  thinking: readonly ReasoningPart[],
  options: AssistantOptions,
): void {
  let text = '';
  const details: Json[] = [];
  for (const part of thinking) {
    const own = ownFields(part.extra);
    if (own === undefined) text += part.text;
    else
      for (const field in own)
        message[field] = own[field] === true ? `${asString(message[field]) ?? ''}${part.text}` : own[field];
    if (part.signature?.family === 'chat') details.push(...signatureDetails(part.signature.value));
    else if (options.seal && part.signature !== undefined)
      details.push(sealedDetail(part, part.signature, part.text.length, details.length));
  }
  if (options.seal) {
    for (const part of parts) {
      if (part.type === 'text' && part.signature !== undefined && part.signature.family !== 'chat')
        details.push(sealedDetail({}, part.signature, 0, details.length, true));
    }
  }
  if (text !== '') message.reasoning_content = text;
  if (details.length > 0) message.reasoning_details = details;
}
