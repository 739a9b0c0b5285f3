/** Parts of a content → canonical parts. */

import { requireString } from '../invalid-request.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { asObject, asObjects, asString, unknownFields } from '../json-members.ts';
import type { Part, ReasoningPart, Signature, TextPart, ToolCallPart, ToolResultPart } from '../model.ts';
import { decodeArguments, decodeFreeText } from './arguments.ts';
import type { CallLinks } from './call-links.ts';
import { camelCased, compact, protocol, toExtra } from './kept-fields.ts';
import {
  decodeFileData,
  decodeInlineData,
  fileDataFields,
  inlineDataFields,
  type MediaPart,
} from './media.ts';
import { readSignature } from './signatures.ts';

const textFields = new Set(['text', 'thought', 'thoughtSignature']);
const callPartFields = new Set(['functionCall', 'thoughtSignature']);
const callFields = new Set(['id', 'name', 'args']);
const thoughtSpelling = { thought: true };

/** How calls in an answer become the client's again; calls in requests need none. */
export interface CallReading {
  /** The client's name for the upstream's. */
  name(wire: string): string;
  /** Whether the client's tool of this name takes free text. */
  isCustom(name: string): boolean;
}

/**
 * Reads one part. What the model has no kind for (executed code, server tool calls …) becomes a native part.
 * Throws InvalidRequest naming `path`.
 */
export function decodePart(raw: JsonObject, path: string, links: CallLinks, reading?: CallReading): Part {
  const part = camelCased(raw);
  if (isObject(part.functionCall)) return decodeCall(part, camelCased(part.functionCall), links, reading);
  if (isObject(part.functionResponse) && links.result !== undefined)
    return decodeResult(camelCased(part.functionResponse), path, links.result);
  const media = decodeMedia(part, path);
  if (media !== undefined) return media;
  if (typeof part.text === 'string') return decodeText(part, part.text);
  return { type: 'native', protocol, value: raw };
}

function decodeText(part: JsonObject, text: string): Part {
  const fields = unknownFields(part, textFields);
  const sealed = part.thoughtSignature;
  const signed = typeof sealed === 'string' && sealed.length > 0 ? readSignature(sealed) : undefined;
  if (part.thought === true) {
    return { type: 'reasoning', text, ...signed, extra: toExtra(fields, thoughtSpelling) };
  }
  const decoded: Part = { type: 'text', text };
  if (signed !== undefined) decoded.signature = signed.signature;
  if (fields !== undefined) decoded.extra = toExtra(fields);
  return decoded;
}

/** Whether the part is a text that holds nothing but a signature: in other protocols it would be an empty message. */
export function isSignatureAlone(part: Part): part is TextPart & { signature: Signature } {
  return part.type === 'text' && part.text === '' && part.signature !== undefined && part.extra === undefined;
}

/** The signature as a thought that is not shown. */
export function signatureAlone({ signature }: { signature: Signature }): ReasoningPart {
  return { type: 'reasoning', text: '', signature };
}

function decodeCall(
  part: JsonObject,
  call: JsonObject,
  links: CallLinks,
  reading: CallReading | undefined,
): ToolCallPart {
  const wireName = asString(call.name) ?? '';
  const name = reading?.name(wireName) ?? wireName;
  const custom = reading?.isCustom(name) === true;
  const decoded: ToolCallPart = {
    type: 'tool-call',
    id: links.call(wireName, asString(call.id)),
    name,
    kind: custom ? 'custom' : 'function',
    input: custom ? decodeFreeText(call.args) : decodeArguments(call.args),
  };
  const sealed = asString(part.thoughtSignature);
  if (sealed) decoded.signature = readSignature(sealed).signature;
  const fields = compact({
    ...unknownFields(part, callPartFields),
    functionCall: unknownFields(call, callFields),
  });
  if (fields !== undefined) decoded.extra = toExtra(fields);
  return decoded;
}

function decodeResult(
  result: JsonObject,
  path: string,
  link: NonNullable<CallLinks['result']>,
): ToolResultPart {
  const call = link(asString(result.name) ?? '', asString(result.id));
  const response = asObject(result.response);
  const content: ToolResultPart['content'] = [{ type: 'text', text: responseText(response ?? {}) }];
  asObjects(result.parts).forEach((raw, i) => {
    const media = decodeMedia(camelCased(raw), `${path}.functionResponse.parts.${i}`);
    content.push(media ?? { type: 'native', protocol, value: raw });
  });
  const decoded: ToolResultPart = {
    type: 'tool-result',
    callId: call.id,
    name: call.name,
    kind: 'function',
    content,
  };
  if (response !== undefined) decoded.structured = response;
  if (response?.error !== undefined && response.output === undefined && response.result === undefined)
    decoded.isError = true;
  return decoded;
}

/** Keys of a response that hold the whole of it: Google's own two, and those that clients use in their place. */
const wholeKeys = ['output', 'error', 'result', 'content'];

/** The contents of the response as text: the value of its only key where it is one of {@link wholeKeys}, else all of it as JSON. */
function responseText(response: JsonObject): string {
  const keys = Object.keys(response);
  // The form of the `ai` SDK: the name once more, and what the tool gave.
  if (keys.length === 2 && typeof response.name === 'string' && response.content !== undefined)
    return plainText(response.content);
  const [only] = keys;
  if (keys.length !== 1 || only === undefined || !wholeKeys.includes(only)) return JSON.stringify(response);
  return plainText(response[only]);
}

function plainText(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.length > 0) {
    const texts = value.map((item) => (isObject(item) ? asString(item.text) : undefined));
    if (texts.every((text) => text !== undefined)) return texts.join('');
  }
  return JSON.stringify(value ?? null);
}

/** Reads `inlineData` or `fileData`; undefined when the part has neither. */
function decodeMedia(part: JsonObject, path: string): MediaPart | undefined {
  const key = isObject(part.inlineData) ? 'inlineData' : 'fileData';
  const value = part[key];
  if (!isObject(value)) return undefined;
  const source = camelCased(value);
  const inline = key === 'inlineData';
  const decoded = inline
    ? decodeInlineData(source, `${path}.inlineData`)
    : decodeFileData(source, `${path}.fileData`);
  const { inlineData: _bytes, fileData: _file, ...rest } = part;
  if (decoded.type === 'image' && typeof rest.thoughtSignature === 'string') {
    decoded.signature = readSignature(rest.thoughtSignature).signature;
    delete rest.thoughtSignature;
  }
  const fields = compact({
    ...rest,
    [key]: unknownFields(source, inline ? inlineDataFields : fileDataFields),
  });
  if (fields !== undefined) decoded.extra = toExtra(fields);
  return decoded;
}

/** Names a part's `parts` list: one object counts as a list of one. Throws InvalidRequest naming `path`. */
export function requirePart(value: Json, path: string): JsonObject {
  if (typeof value === 'string') return { text: value };
  if (isObject(value)) return value;
  return { text: requireString(value, path) };
}
