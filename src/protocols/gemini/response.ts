/** Whole answers of `generateContent`, both ways. */

import type { Finish, OtherAnswer, Response } from '../answer.ts';
import { type AnswerBounds, usualAnswerBounds } from '../answer-bounds.ts';
import type { DecodeContext, EncodeContext } from '../codec.ts';
import { reportCut } from '../cut-call.ts';
import { foldEvents } from '../fold.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { asArray, asObject, asObjects, asString } from '../json-members.ts';
import type { Part, TextPart } from '../model.ts';
import { noAnswer } from '../no-answer.ts';
import type { ProtocolError } from '../protocol-error.ts';
import { answerCalls, answerExtra, blockReason, candidateExtra, createdOf, unwrapped } from './answer.ts';
import { createTime, encodeAnswerPart } from './answer-encode.ts';
import { chunkDecoder } from './chunk-decode.ts';
import { decodePart, isSignatureAlone, signatureAlone } from './content-decode.ts';
import { decodeErrorObject } from './errors.ts';
import { decodeFinish, encodeFinish, finishWordOf } from './finish.ts';
import { type CitedText, decodeCitations, encodeGrounding, type WrittenCitation } from './grounding.ts';
import { wantsThoughts, withoutThoughts } from './hidden-thinking.ts';
import { camelCased, compact, ownFields, protocol } from './kept-fields.ts';
import { decodeLogprobs, encodeLogprobs } from './logprobs.ts';
import { textPlaces } from './text-places.ts';
import { decodeUsage, encodeUsage } from './usage.ts';

/** Reads an answer; an error object inside a success is returned as the error it is. */
export function decodeResponse(body: JsonObject, context: DecodeContext): Response | ProtocolError {
  const answer = unwrapped(body);
  const [first, ...others] = asObjects(answer.candidates);
  if (first === undefined && answer.error !== undefined) return decodeErrorObject(undefined, answer);
  const id = asString(answer.responseId) ?? '';
  const calls = answerCalls(context, id);
  if (first !== undefined && !holdsAnswer(body)) return noAnswer('content');
  const candidate = camelCased(first ?? {});
  const ownRequest = context.request.extra?.protocol === protocol;
  const { parts, finish: end } = decodeCandidate(candidate, 0, calls, ownRequest, context.bounds);
  const blocked = blockReason(answer);
  const finish = first === undefined ? emptyFinish(blocked) : end;
  const usageMetadata = asObject(answer.usageMetadata);
  const usage = usageMetadata && decodeUsage(usageMetadata);
  const created = createdOf(answer);
  return {
    id,
    model: asString(answer.modelVersion) ?? context.request.model,
    ...(created !== undefined && { created }),
    parts,
    finish,
    ...(others.length > 0 && {
      others: others.map((other, at) =>
        decodeCandidate(camelCased(other), at + 1, calls, ownRequest, context.bounds),
      ),
    }),
    ...(usage && { usage }),
    extra: {
      protocol,
      fields: {
        ...answerExtra(answer),
        ...(usage === undefined && usageMetadata !== undefined && { usageMetadata }),
        ...(first !== undefined && { candidate: candidateExtra(candidate) ?? {} }),
        ...(others.length > 0 && { candidates: others }),
      },
    },
  };
}

/** Why there is no candidate at all. */
function emptyFinish(blocked: string | undefined): Finish {
  return blocked === undefined
    ? { reason: 'failed', message: 'it has no candidates' }
    : { reason: 'content-filter', native: blocked };
}

/** Reads a stream without `alt=sse` that was read to its end: an array of chunks. */
export function decodeChunks(chunks: readonly Json[], context: DecodeContext): Response | ProtocolError {
  const fold = foldEvents(context.bounds);
  const decoder = chunkDecoder(context);
  for (const chunk of chunks) if (isObject(chunk)) decoder.push(chunk, fold.push);
  decoder.end(fold.push);
  return fold.result();
}

function decodeCandidate(
  candidate: JsonObject,
  at: number,
  { links, reading }: ReturnType<typeof answerCalls>,
  own: boolean,
  bounds: AnswerBounds = usualAnswerBounds,
): OtherAnswer {
  const raws = asObjects(asObject(candidate.content)?.parts);
  const path = `candidates.${at}.content.parts`;
  const parts = raws.map((raw, i) => decodePart(raw, `${path}.${i}`, links, reading));
  if (!own) settleSignatures(parts);
  const texts = parts.filter((part) => part.type === 'text');
  const logprobs = decodeLogprobs(candidate.logprobsResult);
  if (logprobs !== undefined && texts[0] !== undefined) texts[0].logprobs = logprobs;
  const usual = texts.find(({ text }) => text.length > 0) ?? texts[0];
  const known = new Map<TextPart, CitedText>();
  decodeCitations(candidate, bounds, (partIndex) => {
    const named = partIndex === undefined ? undefined : parts[partIndex];
    const part = named?.type === 'text' ? named : usual;
    if (part === undefined) return undefined;
    const cited = known.get(part) ?? citedText(part);
    known.set(part, cited);
    return cited;
  });
  const called = parts.some((part) => part.type === 'tool-call');
  return { parts, finish: decodeFinish(finishWordOf(candidate), candidate, called) };
}

function citedText(part: TextPart): CitedText {
  return {
    text: part.text,
    places: textPlaces(),
    cite(citation) {
      part.citations ??= [];
      part.citations.push(citation);
    },
  };
}

/** A signature on an empty text belongs to the text before it; without one it is a thought that is not shown. */
function settleSignatures(parts: Part[]): void {
  for (let i = parts.length - 1; i >= 0; i--) {
    const part = parts[i];
    if (part === undefined || !isSignatureAlone(part)) continue;
    const before = parts[i - 1];
    if (before?.type === 'text' && before.signature === undefined) {
      before.signature = part.signature;
      parts.splice(i, 1);
    } else parts[i] = signatureAlone(part);
  }
}

/** Writes an answer as the API does. */
export function encodeResponse(response: Response, context: EncodeContext): JsonObject {
  const own = ownFields(response.extra);
  const { candidate, candidates, usageMetadata, ...rest } = own ?? {};
  const first =
    own !== undefined && candidate === undefined ? [] : [encodeCandidate(response, 0, own, context)];
  const others = Array.isArray(candidates)
    ? candidates
    : (response.others ?? []).map((answer, at) => encodeCandidate(answer, at + 1, undefined, context));
  const id = response.id || (own === undefined ? context.newId('gen') : '');
  return {
    ...(first.length > 0 && { candidates: [...first, ...others] }),
    ...(response.usage === undefined
      ? compact({ usageMetadata })
      : { usageMetadata: encodeUsage(response.usage) }),
    modelVersion: context.model,
    ...(own === undefined && createTime(response.created)),
    ...(id.length > 0 && { responseId: id }),
    ...rest,
  };
}

function encodeCandidate(
  answer: Pick<Response, 'parts' | 'finish'>,
  index: number,
  own: JsonObject | undefined,
  { request, report }: Pick<EncodeContext, 'request' | 'report'>,
): JsonObject {
  const parts: JsonObject[] = [];
  const citations: WrittenCitation[] = [];
  const shown = own !== undefined || wantsThoughts(request) ? answer.parts : withoutThoughts(answer.parts);
  for (const part of shown) {
    if (own === undefined && part.type === 'tool-call' && part.cut === true) {
      reportCut(part, report);
      continue;
    }
    if (part.type === 'text') cite(part, parts.length, citations);
    parts.push(...encodeAnswerPart(part));
  }
  // Google's clients leave out of their history what has no part.
  if (parts.length === 0 && own === undefined) parts.push({ text: '' });
  const grounding = own === undefined ? encodeGrounding(citations) : undefined;
  const tokens = answer.parts.flatMap((part) => (part.type === 'text' ? (part.logprobs ?? []) : []));
  const reason = encodeFinish(answer.finish, own !== undefined);
  return {
    ...(parts.length > 0 && { content: { parts, role: 'model' } }),
    ...(reason.length > 0 && { finishReason: reason }),
    index,
    ...(grounding !== undefined && { groundingMetadata: grounding }),
    ...encodeLogprobs(tokens),
    ...asObject(own?.candidate),
  };
}

function cite(part: TextPart, partIndex: number, citations: WrittenCitation[]): void {
  for (const citation of part.citations ?? []) citations.push({ citation, text: part.text, partIndex });
}

/** {@link Codec.holdsAnswer}: a candidate has parts or has ended, or the prompt was blocked; wrapped by Code Assist or not. */
export function holdsAnswer(body: JsonObject): boolean {
  const answer = unwrapped(body);
  return (
    (Array.isArray(answer.candidates) && answer.candidates.some(saysSomething)) ||
    blockReason(answer) !== undefined
  );
}

/** Whether a candidate has a part with something in it, or an end. */
function saysSomething(candidate: Json): boolean {
  if (!isObject(candidate)) return false;
  if (candidate.finishReason || candidate.finish_reason) return true;
  return asObjects(asObject(candidate.content)?.parts).some((part) => Object.keys(part).length > 0);
}

/** {@link Codec.mayBeGivenUp}: whether an answer looks like that, wrapped by Code Assist or not. */
export function mayBeGivenUp(body: JsonObject): boolean {
  const answer = asObject(body.response) ?? body;
  const [candidate] = asObjects(answer.candidates);
  return candidate === undefined || asArray(asObject(candidate.content)?.parts).length === 0;
}
