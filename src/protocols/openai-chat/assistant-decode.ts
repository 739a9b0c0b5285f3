/** Reads the assistant's message: the same object in a request's history and in an answer. */

import { isObject, type Json, type JsonObject } from '../json.ts';
import { asObject, asObjects, asString } from '../json-members.ts';
import type { AudioPart, Part, ReasoningPart, Signature, ToolCallPart } from '../model.ts';
import { decodeContent, decodeImage } from './content-decode.ts';
import { keep, ownFields, protocol, rest } from './kept-fields.ts';
import { detailsSignature, detailsText, openDetails } from './reasoning-details.ts';
import {
  type CallReading,
  decodeFunctionCall,
  decodeToolCall,
  geminiSignature,
  isNamed,
} from './tool-calls.ts';

/** The parts of a message; `fields` and `spelling` are what the model has no place for. */
export interface DecodedAssistant {
  parts: Part[];
  fields?: JsonObject;
  originalForm?: JsonObject;
}

/** Reads a message. `audioType` is the media type of spoken answers. Throws {@link InvalidRequest} below `path`. */
export function decodeAssistant(
  message: JsonObject,
  path: string,
  reading: CallReading,
  audioType = 'audio/wav',
): DecodedAssistant {
  const consumed = new Set(['role', 'content']);
  const originalForm: JsonObject = {};
  const parts: Part[] = decodeReasoning(message, consumed);
  const { content } = message;
  if (isObject(content)) parts.push({ type: 'text', text: JSON.stringify(content) });
  else parts.push(...decodeContent(content, `${path}.content`));
  if (Array.isArray(content)) originalForm.content = [];
  else if (content === null || content === '' || isObject(content)) originalForm.content = content;
  if (typeof message.refusal === 'string' && message.refusal !== '') {
    consumed.add('refusal');
    parts.push({ type: 'refusal', text: message.refusal });
  }
  if (Array.isArray(message.images) && message.images.length > 0) {
    consumed.add('images');
    originalForm.images = [];
    asObjects(message.images).forEach((image, at) => {
      parts.push(decodeImage(image, `${path}.images.${at}`));
    });
  }
  const audio = asObject(message.audio);
  if (audio !== undefined && (audio.data || audio.id || audio.transcript)) {
    consumed.add('audio');
    parts.push(decodeAudio(audio, audioType, parts.some(isSaid)));
  }
  const calls = decodeCalls(message, consumed, reading);
  const fields = rest(message, consumed);
  delete fields?.content;
  signText(parts, message);
  return {
    parts: withCalls(parts, calls),
    ...(fields !== undefined && Object.keys(fields).length > 0 && { fields }),
    ...(Object.keys(originalForm).length > 0 && { originalForm }),
  };
}

function decodeCalls(message: JsonObject, consumed: Set<string>, reading: CallReading): ToolCallPart[] {
  const calls: ToolCallPart[] = [];
  if (isNamed(message.function_call)) {
    consumed.add('function_call');
    calls.push(decodeFunctionCall(message.function_call, reading));
  }
  if (Array.isArray(message.tool_calls) && message.tool_calls.length > 0) {
    consumed.add('tool_calls');
    for (const call of asObjects(message.tool_calls)) calls.push(decodeToolCall(call, reading));
  }
  const [first] = calls;
  const signature = geminiSignature(message);
  if (first !== undefined && first.signature === undefined && signature !== undefined) {
    first.signature = signature;
    first.extra ??= keep({});
  }
  return calls;
}

function decodeAudio(audio: JsonObject, mediaType: string, said: boolean): Part {
  const { data, transcript, ...others } = audio;
  const bytes = asString(data);
  const text = asString(transcript);
  if (!bytes && !text)
    return {
      type: 'audio',
      source: { kind: 'file-id', protocol, id: asString(audio.id) ?? '' },
      extra: keep(others),
    };
  return speech(bytes ?? '', mediaType, text, said, others);
}

/**
 * Speech with its transcript. Where the answer's text has it already, the transcript is kept for clients of this
 * protocol alone: the others read both as text.
 */
export function speech(
  data: string,
  mediaType: string,
  transcript: string | undefined,
  said: boolean,
  fields: JsonObject,
): AudioPart {
  const source = { kind: 'base64' as const, mediaType, data };
  if (said && transcript) return { type: 'audio', source, extra: keep({ ...fields, transcript }) };
  return {
    type: 'audio',
    source,
    ...(transcript !== undefined && { transcript }),
    extra: keep(fields),
  };
}

function isSaid(part: Part): boolean {
  return part.type === 'text' && part.text.trim().length > 0;
}

function decodeReasoning(message: JsonObject, consumed: Set<string>): ReasoningPart[] {
  const content = asString(message.reasoning_content);
  const plain = asString(message.reasoning);
  const details = Array.isArray(message.reasoning_details) ? message.reasoning_details : [];
  const text = content || plain || detailsText(details);
  if (text === '' && details.length === 0) return [];
  consumed.add('reasoning_content').add('reasoning').add('reasoning_details');
  const sealed = openDetails(details);
  if (sealed.length > 0) return unsealedParts(text, sealed);
  const standard = content !== undefined && content === text && plain === undefined;
  const { reasoning_content, reasoning } = message;
  return [
    {
      type: 'reasoning',
      text,
      ...(details.length > 0 && { signature: detailsSignature(details) }),
      ...(!standard && {
        extra: keep(undefined, {
          ...(reasoning_content !== undefined && { reasoning_content: placed(reasoning_content, text) }),
          ...(reasoning !== undefined && { reasoning: placed(reasoning, text) }),
        }),
      }),
    },
  ];
}

/** `true` means the part's own text. */
function placed(value: Json, text: string): Json {
  return value === text ? true : value;
}

/** The signed parts, each with its share of the text; what is left over belongs to the last one. */
function unsealedParts(text: string, sealed: ReturnType<typeof openDetails>): ReasoningPart[] {
  const parts: ReasoningPart[] = [];
  const covered = sealed.reduce((sum, { length, onText }) => (onText ? sum : sum + length), 0);
  const complete = text.length >= covered;
  let at = 0;
  for (const { signature, length, redacted, summary, id, onText } of sealed) {
    // Anthropic takes thinking back as it was shown, or not at all.
    if (onText || (!complete && length > 0 && signature.family === 'anthropic')) continue;
    parts.push({
      type: 'reasoning',
      text: text.slice(at, at + length),
      ...(summary && { summary }),
      signature,
      ...(redacted && { redacted }),
      ...(id !== undefined && { id }),
    });
    at += length;
  }
  const last = parts.findLast((part) => !part.redacted);
  const left = text.slice(at);
  if (left === '') return parts;
  if (last === undefined) parts.push({ type: 'reasoning', text: left });
  else last.text += left;
  return parts;
}

/** Puts a sealed signature of the answer's text back where it came from. */
function signText(parts: readonly Part[], message: JsonObject): void {
  if (!Array.isArray(message.reasoning_details)) return;
  const signed = openDetails(message.reasoning_details).findLast((detail) => detail.onText);
  const text = parts.findLast((part) => part.type === 'text');
  if (signed !== undefined && text?.type === 'text') text.signature = signed.signature;
}

/**
 * The parts and the calls behind them. A signature of thinking that came back inside a call's id belongs to the reasoning
 * before that call again: on text that has none yet, else on a part of its own.
 */
function withCalls(parts: readonly Part[], calls: readonly ToolCallPart[]): Part[] {
  const all = [...parts];
  // There may be thousands of calls, each with a signature: what is looked for is looked up.
  let thinking: Thinking | undefined;
  calls.forEach((call, at) => {
    const { signature } = call;
    if (signature !== undefined && ownFields(call.extra)?.extra_content === undefined) {
      thinking ??= thinkingIn(all);
      const thought = signature.family !== 'gemini';
      const known = thinking.signatures.has(signature.value);
      if (known || thought) delete call.signature;
      if (!known && thought) signThinking(all, thinking, signature, at === 0);
    }
    all.push(call);
  });
  return all;
}

/** The thinking among parts: the signed parts, and last those without a signature. */
interface Thinking {
  signatures: Set<string>;
  bare: ReasoningPart[];
}

function thinkingIn(parts: readonly Part[]): Thinking {
  const thinking: Thinking = { signatures: new Set(), bare: [] };
  for (const part of parts) {
    if (part.type !== 'reasoning') continue;
    if (part.signature === undefined) thinking.bare.push(part);
    else thinking.signatures.add(part.signature.value);
  }
  return thinking;
}

function signThinking(
  parts: Part[],
  { signatures, bare }: Thinking,
  signature: Signature,
  first: boolean,
): void {
  const last = bare.at(-1);
  const { textLength, ...signed } = signature;
  const text = last?.text ?? '';
  // Some clients keep no thinking, others the last piece of a stream.
  if (textLength !== undefined && text.length !== textLength) return;
  signatures.add(signature.value);
  if (last !== undefined) {
    last.signature = signed;
    bare.pop();
  } else if (first) parts.unshift({ type: 'reasoning', text: '', signature });
  else parts.push({ type: 'reasoning', text: '', signature });
}
