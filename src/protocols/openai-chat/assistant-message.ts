/** The assistant's message: the same object in a request's history and in an answer. */
import type { Json, JsonObject } from '../json.ts';
import { asObject, asObjects, asString, isObject } from '../json.ts';
import type { Part, ReasoningPart, Signature, TextPart, ToolCallPart } from '../model.ts';
import { decodeContent, decodeImage, encodePart, type PartOptions, reportCache } from './content.ts';
import { keep, ownFields, protocol, rest } from './own-extra.ts';
import {
  detailsSignature,
  detailsText,
  openDetails,
  sealedDetail,
  signatureDetails,
} from './reasoning-details.ts';
import {
  type CallReading,
  decodeFunctionCall,
  decodeToolCall,
  encodeFunctionCall,
  geminiSignature,
  isLegacyCall,
  isNamed,
} from './tool-calls.ts';

/** The parts of a message; `fields` and `spelling` are what the model has no place for. */
export interface DecodedAssistant {
  parts: Part[];
  fields?: JsonObject;
  spelling?: JsonObject;
}

/** Reads a message. `audioType` is the media type of spoken answers. Throws {@link InvalidRequest} below `path`. */
export function decodeAssistant(
  message: JsonObject,
  path: string,
  reading: CallReading,
  audioType = 'audio/wav',
): DecodedAssistant {
  const consumed = new Set(['role', 'content']);
  const spelling: JsonObject = {};
  const parts: Part[] = decodeReasoning(message, consumed);
  const { content } = message;
  if (isObject(content)) parts.push({ type: 'text', text: JSON.stringify(content) });
  else parts.push(...decodeContent(content, `${path}.content`));
  if (Array.isArray(content)) spelling.content = [];
  else if (content === null || content === '' || isObject(content)) spelling.content = content;
  if (typeof message.refusal === 'string' && message.refusal !== '') {
    consumed.add('refusal');
    parts.push({ type: 'refusal', text: message.refusal });
  }
  if (Array.isArray(message.images) && message.images.length > 0) {
    consumed.add('images');
    spelling.images = [];
    asObjects(message.images).forEach((image, at) => {
      parts.push(decodeImage(image, `${path}.images.${at}`));
    });
  }
  const audio = asObject(message.audio);
  if (audio !== undefined && (audio.data || audio.id)) {
    consumed.add('audio');
    parts.push(decodeAudio(audio, audioType));
  }
  const calls = decodeCalls(message, consumed, reading);
  const fields = rest(message, consumed);
  delete fields?.content;
  signText(parts, message);
  return {
    parts: withCalls(parts, calls),
    ...(fields !== undefined && Object.keys(fields).length > 0 && { fields }),
    ...(Object.keys(spelling).length > 0 && { spelling }),
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

function decodeAudio(audio: JsonObject, mediaType: string): Part {
  const { data, transcript, ...others } = audio;
  const bytes = asString(data);
  const extra = keep(others);
  if (!bytes)
    return { type: 'audio', source: { kind: 'file-id', protocol, id: asString(audio.id) ?? '' }, extra };
  return {
    type: 'audio',
    source: { kind: 'base64', mediaType, data: bytes },
    ...(typeof transcript === 'string' && { transcript }),
    extra,
  };
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

/** `true` stands for the part's own text. */
function placed(value: Json, text: string): Json {
  return value === text ? true : value;
}

/** The signed parts, each with its share of the text; what is left over belongs to the last one. */
function unsealedParts(text: string, sealed: ReturnType<typeof openDetails>): ReasoningPart[] {
  const parts: ReasoningPart[] = [];
  let at = 0;
  for (const { signature, length, redacted, summary, id, onText } of sealed) {
    if (onText) continue;
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
 * The parts and the calls behind them. A signature of thinking that came back inside a call's id stands on the thinking
 * before that call again: on text that has none yet, else on a part of its own.
 */
function withCalls(parts: readonly Part[], calls: readonly ToolCallPart[]): Part[] {
  const all = [...parts];
  calls.forEach((call, at) => {
    const { signature } = call;
    if (signature !== undefined && ownFields(call.extra)?.extra_content === undefined) {
      const thought = signature.family !== 'gemini';
      const known = all.some(
        (part) => part.type === 'reasoning' && part.signature?.value === signature.value,
      );
      if (known || thought) delete call.signature;
      if (!known && thought) signThinking(all, signature, at === 0);
    }
    all.push(call);
  });
  return all;
}

function signThinking(parts: Part[], signature: Signature, first: boolean): void {
  const bare = parts.findLast((part) => part.type === 'reasoning' && part.signature === undefined);
  if (bare?.type === 'reasoning') bare.signature = signature;
  else if (first) parts.unshift({ type: 'reasoning', text: '', signature });
  else parts.push({ type: 'reasoning', text: '', signature });
}

/** How a message is written for one reader. */
export interface AssistantOptions extends PartOptions {
  /** Between texts that stand apart in the model but are one field here. */
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

/** A `content` field: one text, or a list of parts; undefined when there is nothing to say. `hint` is the remembered form. */
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
    ...(source.kind === 'file-id' ? { id: source.id } : source.kind === 'base64' && { data: source.data }),
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
