/** Whole answers: the `chat.completion` object. platform.openai.com/docs/api-reference/chat/object */

import type { Finish, OtherAnswer, Response } from '../answer.ts';
import type { DecodeContext, EncodeContext } from '../codec.ts';
import { isFailure } from '../finish-words.ts';
import { InvalidRequest } from '../invalid-request.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { asNumber, asObject, asObjects, asString } from '../json-members.ts';
import { audioType } from '../media-types.ts';
import type { Citation, Extra, Part, ReasoningPart, Signature, ToolCallPart } from '../model.ts';
import { noAnswer } from '../no-answer.ts';
import { readLogprobs, writeLogprobs } from '../openai-logprobs.ts';
import type { ProtocolError } from '../protocol-error.ts';
import type { Request } from '../request.ts';
import { wrapId } from '../signature-envelope.ts';
import { shortHash } from '../tool-names.ts';
import { decodeAnnotation, encodeAnnotation } from './annotations.ts';
import { decodeAssistant } from './assistant-decode.ts';
import { encodeAssistant } from './assistant-encode.ts';
import { decodeErrorObject } from './errors.ts';
import { decodeFinish, encodeFinish } from './finish.ts';
import { own, protocol, rest } from './kept-fields.ts';
import { answerCalls, type CallReading, encodeToolCall } from './tool-calls.ts';
import { decodeUsage, encodeUsage, usageIn } from './usage.ts';

const bodyFields = new Set(['id', 'object', 'created', 'model', 'choices', 'usage']);
const choiceFields = new Set(['index', 'message', 'text', 'finish_reason']);

/** The media type of spoken answers to a request: the format that it asked for. */
export function spokenType(request: Request): string {
  const format = asString(asObject(own(request.extra)?.fields.audio)?.format);
  return audioType(format ?? 'wav');
}

/** Reads an answer; an error in a success is returned as the error it is. */
export function decodeResponse(body: JsonObject, context: DecodeContext): Response | ProtocolError {
  try {
    return readResponse(body, context);
  } catch (cause) {
    if (cause instanceof InvalidRequest) return malformed(cause);
    throw cause;
  }
}

/** Errors about a request by the readers of messages are the upstream's fault in an answer. */
export function malformed(cause: InvalidRequest): ProtocolError {
  const message = `The upstream's answer is not what the protocol allows: ${cause.message}`;
  return { status: 502, kind: 'server', message, code: 'invalid_response' };
}

function readResponse(body: JsonObject, { request }: DecodeContext): Response | ProtocolError {
  const [choice, ...others] = asObjects(body.choices);
  if (choice === undefined) {
    return body.error ? decodeErrorObject(undefined, body) : noAnswer('choices');
  }
  if (isObject(choice.error)) return decodeErrorObject(undefined, choice);
  if (!holdsAnswer(body)) return body.error ? decodeErrorObject(undefined, body) : noAnswer('a message');
  const id = asString(body.id) ?? '';
  const reading = answerCalls(request, () => id || shortHash(JSON.stringify(body)));
  const read = (one: JsonObject, at: number) => readChoice(one, at, reading, request);
  const { parts, finish, kept } = read(choice, 0);
  const usage = decodeUsage(usageIn(body), body.service_tier);
  const created = asNumber(body.created);
  return {
    id,
    model: asString(body.model) ?? request.model,
    ...(created !== undefined && { created }),
    parts,
    finish,
    ...(others.length > 0 && {
      others: others.map((one, at): OtherAnswer => {
        const { parts, finish } = read(one, at + 1);
        return { parts, finish };
      }),
    }),
    ...(usage !== undefined && { usage }),
    extra: {
      protocol,
      fields: {
        ...rest(body, bodyFields),
        ...(body.usage !== undefined && usage === undefined && { usage: body.usage }),
      },
      originalForm: { choices: [kept, ...others] },
    },
  };
}

/** The contents of one choice; `kept` holds what the model does not cover. */
function readChoice(
  choice: JsonObject,
  at: number,
  reading: CallReading,
  request: Request,
): { parts: Part[]; finish: Finish; kept: JsonObject } {
  const message = asObject(choice.message) ?? spelledAsText(choice) ?? {};
  const path = `choices.${at}.message`;
  const { parts, fields, originalForm } = decodeAssistant(message, path, reading, spokenType(request));
  const messageRest = { ...fields, ...originalForm };
  if (takeAnnotations(parts, messageRest.annotations)) delete messageRest.annotations;
  const logprobs = readLogprobs(asObject(choice.logprobs)?.content);
  const text = parts.find((part) => part.type === 'text');
  if (logprobs !== undefined && text !== undefined) text.logprobs = logprobs;
  const choiceRest = rest(choice, choiceFields) ?? {};
  const finish = asString(choice.finish_reason);
  if (finish === '') choiceRest.finish_reason = '';
  const called = parts.some((part) => part.type === 'tool-call');
  return { parts, finish: decodeFinish(finish, called), kept: { ...choiceRest, message: messageRest } };
}

/** The message of a choice that has its text where the older completions have it, as some servers answer any request. */
export function spelledAsText({ text }: JsonObject): JsonObject | undefined {
  return typeof text === 'string' ? { content: text } : undefined;
}

/** Puts URL citations on the last text; false when the list has other entries and stays unchanged. */
function takeAnnotations(parts: readonly Part[], annotations: Json | undefined): boolean {
  if (!Array.isArray(annotations) || annotations.length === 0) return false;
  const text = parts.findLast((part) => part.type === 'text');
  const citations = annotations.flatMap((annotation): Citation[] => {
    const citation = decodeAnnotation(annotation);
    return citation === undefined ? [] : [citation];
  });
  if (text?.type !== 'text' || citations.length === 0) return false;
  text.citations = citations;
  return citations.length === annotations.length;
}

/** Whether the client speaks of `functions`, and so expects a `function_call`. */
export function wantsFunctionCall(request: Request): boolean {
  return own(request.extra)?.originalForm?.functions !== undefined;
}

export interface CallSealer {
  /** A thinking part is complete; the client was shown `textLength` UTF-16 units of it. */
  thought(part: Pick<ReasoningPart, 'redacted' | 'signature'>, textLength: number): void;
  /** The id that the client sees. */
  id(part: ToolCallPart): string;
}

/**
 * Seals signatures into call ids: a call's own, else that of the thinking before it, for clients that give back ids
 * but not the fields they do not know. Calls from this protocol keep their ids.
 */
export function callSealer(): CallSealer {
  let pending: Signature | undefined;
  return {
    thought({ redacted, signature }, textLength) {
      if (redacted || signature === undefined || signature.family === 'chat') return;
      // Anthropic takes thinking back as it was shown, or not at all.
      const needsText = signature.family === 'anthropic' && textLength > 0;
      pending = needsText ? { ...signature, textLength } : signature;
    },
    id(part) {
      if (own(part.extra) !== undefined) return part.id;
      const signature = part.signature ?? pending;
      if (part.signature === undefined) pending = undefined;
      return signature?.family === 'chat' ? part.id : wrapId(part.id, signature);
    },
  };
}

/** Writes an answer for a chat client. */
export function encodeResponse(response: Response, context: EncodeContext): JsonObject {
  const extra = own(response.extra);
  const [kept, ...keptOthers] = asObjects(extra?.originalForm?.choices);
  // Answers of this protocol are written back as they came.
  const others =
    keptOthers.length > 0
      ? keptOthers
      : (response.others ?? []).map((answer, at) => encodeChoice(answer, at + 1, undefined, context));
  return {
    id: response.id || extra ? response.id : context.newId('chatcmpl'),
    object: 'chat.completion',
    created: response.created ?? context.unixSeconds(),
    model: context.model,
    choices: [encodeChoice(response, 0, extra && (kept ?? {}), context), ...others],
    ...(response.usage !== undefined && { usage: encodeUsage(response.usage) }),
    ...extra?.fields,
  };
}

/** One choice. `kept` is what this protocol's decoder put by; undefined for answers from elsewhere. */
function encodeChoice(
  answer: Pick<Response, 'parts' | 'finish'>,
  index: number,
  kept: JsonObject | undefined,
  context: EncodeContext,
): JsonObject {
  const native = kept !== undefined;
  const { message: keptMessage, ...choiceRest } = kept ?? {};
  const legacy = wantsFunctionCall(context.request);
  const parts = legacy ? asFunctionCalls(answer.parts) : answer.parts.filter(isSayable);
  const ids = sealedIds(parts);
  const message = encodeAssistant(parts, asObject(keptMessage), {
    cache: false,
    report: () => {},
    textSeparator: '',
    reasoning: true,
    seal: true,
    call: (part) => encodeToolCall(part, ids.get(part) ?? part.id, part.name),
    name: (part) => part.name,
  });
  if (!native) finishForeign(message, answer.parts, context);
  const annotations = annotationsOf(answer.parts);
  if (annotations.length > 0) message.annotations ??= annotations;
  const tokens = answer.parts.flatMap((part) => (part.type === 'text' ? (part.logprobs ?? []) : []));
  return {
    index,
    message,
    finish_reason: encodeFinish(answer.finish, native, legacy),
    ...(tokens.length > 0
      ? { logprobs: { content: writeLogprobs(tokens), refusal: null } }
      : !native && { logprobs: null }),
    ...choiceRest,
  };
}

/** Chat answers hold text, thinking, refusals, images, speech and calls; the rest is for protocols that know it. */
export function isSayable(part: Part): boolean {
  if (part.type === 'native') return part.protocol === protocol;
  return part.type !== 'file' && part.type !== 'video' && part.type !== 'tool-result';
}

function sealedIds(parts: readonly Part[]): Map<ToolCallPart, string> {
  const sealer = callSealer();
  const ids = new Map<ToolCallPart, string>();
  for (const part of parts) {
    if (part.type === 'reasoning') sealer.thought(part, part.text.length);
    else if (part.type === 'tool-call') ids.set(part, sealer.id(part));
  }
  return ids;
}

/** The members that OpenAI's own answers always have, and that its clients need beside the parts. */
function finishForeign(message: JsonObject, parts: readonly Part[], context: EncodeContext): void {
  message.refusal ??= null;
  if (message.content === '' && parts.every((part) => part.type !== 'text')) message.content = null;
  const audio = asObject(message.audio);
  if (audio === undefined) return;
  audio.id ??= context.newId('audio');
  audio.expires_at ??= context.unixSeconds() + 3600;
  audio.transcript ??= '';
}

/** The choice's own fields in an extra of this protocol, without its message. */
export function choiceFieldsOf(extra: Extra | undefined): JsonObject | undefined {
  const { message: _, ...fields } = asObjects(extra?.originalForm?.choices)[0] ?? {};
  return Object.keys(fields).length > 0 ? fields : undefined;
}

function annotationsOf(parts: readonly Part[]): JsonObject[] {
  const annotations: JsonObject[] = [];
  let at = 0;
  for (const part of parts) {
    if (part.type !== 'text') continue;
    for (const citation of part.citations ?? []) {
      const annotation = encodeAnnotation(citation, at, at + part.text.length);
      if (annotation !== undefined) annotations.push(annotation);
    }
    at += part.text.length;
  }
  return annotations;
}

/** The first call in the older form; clients that speak it know one call an answer. */
function asFunctionCalls(parts: readonly Part[]): Part[] {
  let seen = false;
  return parts.flatMap((part): Part[] => {
    if (part.type !== 'tool-call') return [part];
    if (seen) return [];
    seen = true;
    return [
      { ...part, extra: { protocol, fields: own(part.extra)?.fields ?? {}, originalForm: { legacy: true } } },
    ];
  });
}

/** {@link Codec.holdsAnswer}: a choice has a message with content, or a reason for none. */
export function holdsAnswer({ choices }: JsonObject): boolean {
  return Array.isArray(choices) && choices.some(saysSomething);
}

function saysSomething(choice: Json): boolean {
  if (!isObject(choice)) return false;
  const { finish_reason: word } = choice;
  const message = choice.message ?? spelledAsText(choice);
  if (isObject(message)) return Boolean(word) || hasContent(message);
  // Azure leaves the message out where its filter has taken it away, others where there is nothing in it.
  return (message ?? null) === null && typeof word === 'string' && word !== '';
}

/** Whether a message has more than a role; an empty text counts, as servers send it for an empty answer. */
function hasContent(message: JsonObject): boolean {
  for (const key in message) {
    const value = message[key];
    if (key === 'role' || value === null || (Array.isArray(value) && value.length === 0)) continue;
    return true;
  }
  return false;
}

/** {@link Codec.mayBeGivenUp}: whether a completion looks like that. */
export function mayBeGivenUp({ choices }: JsonObject): boolean {
  const list = asObjects(choices);
  const [choice] = list;
  if (choice === undefined) return false;
  const message = asObject(choice.message) ?? spelledAsText(choice);
  return (!message?.content && !message?.tool_calls) || list.some((one) => isFailure(one.finish_reason));
}
