/** Writes generateContent answers: whole and as chunks. */
import type {
  Candidate,
  FinishReason,
  GenerateContentResponse,
  GenerateContentResponseUsageMetadata,
  MediaModality,
  Part,
} from '@google/genai';
import type { Exchange, StreamText } from '../dialect.ts';
import { isObject, parseJson } from '../json.ts';
import type { Reply } from '../reply.ts';
import { digest, seal } from '../seal.ts';
import type { SseEvent } from '../sse.ts';

/** The answer as it is on the wire: the SDK's class without its getters, its enums as their words. */
type WireUsage = Omit<
  GenerateContentResponseUsageMetadata,
  'trafficType' | 'initialPromptTokenCount' | 'promptTokensDetails'
> & { promptTokensDetails: { modality: `${MediaModality}`; tokenCount: number }[] };
type WireCandidate = Omit<Candidate, 'finishReason'> & { finishReason?: `${FinishReason}` };
export type WireAnswer = Pick<GenerateContentResponse, 'modelVersion' | 'responseId'> & {
  candidates: WireCandidate[];
  usageMetadata: WireUsage;
};

const finishes: Record<Reply['finish'], `${FinishReason}`> = {
  stop: 'STOP',
  'stop-sequence': 'STOP',
  length: 'MAX_TOKENS',
  'tool-calls': 'STOP',
  refusal: 'SAFETY',
};

export function writeGemini(exchange: Exchange): WireAnswer {
  const { prompt, reply } = exchange;
  return {
    candidates: Array.from(
      { length: prompt.answers },
      (_, index): WireCandidate => ({
        content: {
          role: 'model',
          parts: [
            ...thoughtParts(exchange, [reply.reasoning.join('')]),
            ...textParts([reply.text.join('')]).map((part) => ({ ...part, ...textSignature(exchange) })),
            ...callParts(exchange),
          ],
        },
        finishReason: finishes[reply.finish],
        index,
      }),
    ),
    usageMetadata: usageOf(exchange),
    ...tail(exchange),
  };
}

export function streamGemini(exchange: Exchange): StreamText {
  const { prompt, reply } = exchange;
  const events: SseEvent[] = [];
  const { modelVersion, responseId } = tail(exchange);
  const promptTokenCount = prompt.tokens.input;
  /** What has been counted so far: Google sends it with every chunk. */
  const soFar = (candidatesTokenCount: number): WireUsage => ({
    promptTokenCount,
    candidatesTokenCount,
    totalTokenCount: promptTokenCount + candidatesTokenCount,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: promptTokenCount }],
  });
  const send = (answer: WireAnswer): void => {
    events.push({ event: undefined, data: JSON.stringify(answer) });
  };
  for (let index = 0; index < prompt.answers; index++) {
    const parts = [
      ...thoughtParts(exchange, reply.reasoning),
      ...textParts(reply.text),
      ...callParts(exchange),
    ];
    for (const [i, part] of parts.entries())
      send({
        candidates: [{ content: { role: 'model', parts: [part] }, index }],
        usageMetadata: soFar(i + 1),
        modelVersion,
        responseId,
      });
  }
  const finishAt = events.length;
  send({
    candidates: Array.from(
      { length: prompt.answers },
      (_, index): WireCandidate => ({
        content: { role: 'model', parts: [lastPart(exchange)] },
        finishReason: finishes[reply.finish],
        index,
      }),
    ),
    usageMetadata: usageOf(exchange),
    modelVersion,
    responseId,
  });
  return { events, finishAt };
}

/** Gemini ends a streamed answer with an empty text; it carries the signature of what was thought before plain text. */
function lastPart(exchange: Exchange): Part {
  return { text: '', ...textSignature(exchange) };
}

function textSignature({ reply }: Exchange): Pick<Part, 'thoughtSignature'> {
  return reply.reasoning.length > 0 && reply.calls.length === 0
    ? { thoughtSignature: seal('text', digest(reply.text.join(''))) }
    : {};
}

function thoughtParts({ prompt, reply }: Exchange, pieces: readonly string[]): Part[] {
  if (!prompt.reasoning.shown || reply.secret || reply.reasoning.length === 0) return [];
  return pieces.map((text) => ({ text, thought: true }));
}

function textParts(pieces: readonly string[]): Part[] {
  return pieces.filter((text) => text !== '').map((text) => ({ text }));
}

/** Only the first of parallel calls is signed. https://ai.google.dev/gemini-api/docs/thought-signatures */
function callParts({ reply, state }: Exchange): Part[] {
  return reply.calls.map((call, i): Part => {
    const args = parseJson(call.input);
    return {
      functionCall: { id: state.newId('').slice(0, 8), name: call.name, args: isObject(args) ? args : {} },
      ...(i === 0 && reply.reasoning.length > 0 ? { thoughtSignature: seal('call', call.name) } : {}),
    };
  });
}

function usageOf({ prompt, reply }: Exchange): WireUsage {
  const { input, cacheRead } = prompt.tokens;
  const { reasoning } = reply.usage;
  const output = (reply.usage.output - reasoning) * prompt.answers;
  return {
    promptTokenCount: input,
    // Thoughts are counted beside the candidates, not among them.
    candidatesTokenCount: output,
    totalTokenCount: input + output + reasoning * prompt.answers,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: input }],
    ...(cacheRead === 0 ? {} : { cachedContentTokenCount: cacheRead }),
    ...(reasoning === 0 ? {} : { thoughtsTokenCount: reasoning * prompt.answers }),
  };
}

function tail({ prompt, state }: Exchange): Pick<WireAnswer, 'modelVersion' | 'responseId'> {
  return { modelVersion: prompt.model, responseId: state.newId('') };
}
