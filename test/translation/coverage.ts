/** How well each pair of protocols carries each feature: measured with the codecs, in words that are data. */

import { modelTraits } from '../../src/models/known-models.ts';
import type { Response, StreamEvent } from '../../src/protocols/answer.ts';
import { type EncodeContext, type Loss, lossesInto } from '../../src/protocols/codec.ts';
import { unfoldResponse } from '../../src/protocols/fold.ts';
import { type Json, type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asArray, asObject, asObjects } from '../../src/protocols/json-members.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import type { ModelTraits } from '../../src/protocols/model-traits.ts';
import { codecs } from '../../src/protocols/registry.ts';
import type { Request } from '../../src/protocols/request.ts';
import { mendedJson } from '../../src/protocols/well-formed.ts';
import { answerOf, folded, neutral, readSse, readStream, writeStream } from '../codec-runs.ts';
import { type FactsName, factsNames } from '../facts.ts';
import { anthropicAnswer, geminiAnswer, responsesAnswer } from './accumulated.ts';
import {
  type AnswerFeature,
  at,
  greeting,
  type Heard,
  mentions,
  type Note,
  type RequestFeature,
  usualModels,
} from './feature.ts';
import type { Proof } from './proof-features.ts';

/** What became of a feature on its way. `silent` is a loss without a report: the tests allow none. */
export type Outcome = 'kept' | 'approximated' | 'impossible' | 'silent';

export interface Cell {
  outcome: Outcome;
  note: string | undefined;
  losses: Loss[];
}

const protocolOf = Object.fromEntries(protocols.map((protocol) => [factsNames[protocol], protocol]));

export const sides: readonly FactsName[] = protocols.map((protocol) => factsNames[protocol]);

function codecOf(side: FactsName) {
  const protocol: Protocol | undefined = protocolOf[side];
  if (protocol === undefined) throw new Error(`no protocol is called ${side}`);
  return codecs[protocol];
}

/** The client's request as the upstream gets it. */
export function translated(
  from: FactsName,
  to: FactsName,
  body: JsonObject,
  model = usualModels[to],
  traits?: ModelTraits,
): { body: JsonObject; losses: Loss[] } {
  // Between equal protocols the body goes through, but for signatures that are wrapped.
  const losses: Loss[] = [];
  const report = lossesInto(losses);
  if (from === to) return { body: codecOf(to).sameProtocolSignatures(body, { model, report }), losses };
  const request = codecOf(from).decodeRequest(body, { model, stream: false });
  const written = codecOf(to).encodeRequest(request, {
    model,
    stream: false,
    report,
    ...(traits !== undefined && { traits }),
  });
  return { body: JSON.parse(mendedJson(JSON.stringify(written))), losses };
}

/** What becomes of a client's wish; undefined where the client cannot say it. */
export function requestCell(feature: RequestFeature, from: FactsName, to: FactsName): Cell | undefined {
  const asked = feature.asks[from];
  if (asked === undefined) return undefined;
  const model = feature.models?.[to] ?? usualModels[to];
  const traits = feature.ofModel ? modelTraits(model) : undefined;
  const { body, losses } = translated(from, to, { ...greeting[from], ...asked }, model, traits);
  const heard = feature.heard[to]?.(body) ?? false;
  return { outcome: outcomeOf(heard, losses), note: noteOf(feature.notes?.[to], from), losses };
}

function outcomeOf(heard: Heard, losses: readonly Loss[]): Outcome {
  if (heard === 'in part') return 'approximated';
  if (heard) return losses.length === 0 ? 'kept' : 'approximated';
  if (losses.length === 0) return 'silent';
  return losses.some(({ kind }) => kind === 'dropped' || kind === 'hint') ? 'impossible' : 'approximated';
}

function noteOf(note: Note | undefined, side: FactsName): string | undefined {
  return typeof note === 'string' ? note : note?.[side];
}

// ---------------------------------------------------------------- answers

/** An upstream's answer as the client gets it: whole, and the events of a stream. */
function told(
  upstream: FactsName,
  client: FactsName,
  body: JsonObject,
  asked: JsonObject = {},
): { whole: JsonObject; stream: string; again(answer: Response): JsonObject; request: Request } {
  const source = codecOf(upstream);
  const target = codecOf(client);
  const request = target.decodeRequest({ ...greeting[client], ...asked }, { model: 'm', stream: true });
  let ids = 0;
  const context: EncodeContext = {
    request: { ...request, includeUsage: true },
    model: 'm',
    unixSeconds: () => 1,
    newId: (prefix) => `${prefix}_${ids++}`,
  };
  const answer = answerOf(source.decodeResponse(body, { request }));
  const events: StreamEvent[] = [];
  unfoldResponse(answer, (event) => events.push(event));
  const received = readStream(source, writeStream(source, events, context), request);
  const again = (read: Response): JsonObject =>
    JSON.parse(JSON.stringify(target.encodeResponse(read, context)));
  return { whole: again(answer), stream: writeStream(target, received, context), again, request };
}

/** An upstream's answer as the client reads it, whole and by way of a stream. */
export function answered(
  upstream: FactsName,
  client: FactsName,
  body: JsonObject,
  asked?: JsonObject,
): JsonObject[] {
  const { whole, stream, again, request } = told(upstream, client, body, asked);
  return [whole, again(folded(readStream(codecOf(client), stream, request)))];
}

/** The same as the client's SDK puts it together. */
function kept(upstream: FactsName, client: FactsName, body: JsonObject, asked?: JsonObject): JsonObject[] {
  const { whole, stream, again, request } = told(upstream, client, body, asked);
  // Only the text of a chat answer's deltas matters: its codec keeps no more of them.
  if (client === 'chat') return [whole, again(neutral(folded(readStream(codecOf(client), stream, request))))];
  const events = readSse(stream).map(({ data }) => asObject(parseJson(data)) ?? {});
  return [whole, accumulated[client](events)];
}

const accumulated = { responses: responsesAnswer, anthropic: anthropicAnswer, gemini: geminiAnswer };

/** What becomes of what an upstream says; undefined where it cannot say it. The worse of whole and streamed answers. */
export function answerCell(feature: AnswerFeature, client: FactsName, upstream: FactsName): Cell | undefined {
  const body = feature.told[upstream];
  if (body === undefined) return undefined;
  const heard = answered(upstream, client, body, feature.asks?.[client]).map(
    (answer) => feature.heard[client]?.(answer) ?? false,
  );
  const outcome = heard.includes(false) ? 'impossible' : heard.includes('in part') ? 'approximated' : 'kept';
  return { outcome, note: noteOf(feature.notes?.[client], upstream), losses: [] };
}

// ---------------------------------------------------------------- proofs

/** The answer as the client sends it back in the next request, with a result for each call and another question. */
function goneOn(client: FactsName, answer: JsonObject): JsonObject {
  const start = greeting[client];
  const ask = (field: string): Json[] => asArray(start[field]);
  switch (client) {
    case 'chat': {
      const message = asObject(at(answer, 'choices.0.message')) ?? {};
      const results = asObjects(message.tool_calls).map(({ id }) => ({
        role: 'tool',
        tool_call_id: id,
        content: 'done',
      }));
      const question = { role: 'user', content: 'Go on' };
      return { ...start, messages: [...ask('messages'), message, ...results, question] };
    }
    case 'responses': {
      const items = asObjects(answer.output);
      const results = items.flatMap(({ type, call_id }) =>
        type === 'function_call' ? [{ type: 'function_call_output', call_id, output: 'done' }] : [],
      );
      const question = { type: 'message', role: 'user', content: 'Go on' };
      return { ...start, input: [...ask('input'), ...items, ...results, question] };
    }
    case 'anthropic': {
      const results = asObjects(answer.content).flatMap(({ type, id }): JsonObject[] =>
        type === 'tool_use' ? [{ type: 'tool_result', tool_use_id: id, content: 'done' }] : [],
      );
      const content = [...results, { type: 'text', text: 'Go on' }];
      return {
        ...start,
        messages: [
          ...ask('messages'),
          { role: 'assistant', content: answer.content },
          { role: 'user', content },
        ],
      };
    }
    case 'gemini': {
      const content = asObject(at(answer, 'candidates.0.content')) ?? {};
      const results = asObjects(content.parts).flatMap(({ functionCall }): JsonObject[] => {
        const call = asObject(functionCall);
        if (call === undefined) return [];
        return [{ functionResponse: { id: call.id, name: call.name, response: { output: 'done' } } }];
      });
      const question = { role: 'user', parts: [...results, { text: 'Go on' }] };
      return { ...start, contents: [...ask('contents'), content, question] };
    }
  }
}

const weatherTools: Record<FactsName, JsonObject> = {
  chat: { tools: [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }] },
  responses: { tools: [{ type: 'function', name: 'weather', parameters: { type: 'object' } }] },
  anthropic: { tools: [{ name: 'weather', input_schema: { type: 'object' } }] },
  gemini: { tools: [{ functionDeclarations: [{ name: 'weather' }] }] },
};

/** Whether the proof comes back to its maker through this client, from whole and from streamed answers. */
export function proofReturns(proof: Proof, client: FactsName): boolean {
  return nextRequests(proof, client, proof.family).every(mentions(proof.value));
}

/** Whether another upstream is shown the proof. */
export function proofLeaks(proof: Proof, client: FactsName, other: FactsName): boolean {
  return nextRequests(proof, client, other).some(mentions(proof.value));
}

/** What `upstream` gets of a client that has the answer of the proof's maker and goes on. */
function nextRequests(proof: Proof, client: FactsName, upstream: FactsName): JsonObject[] {
  const tools = weatherTools[client];
  return kept(proof.family, client, proof.answer, tools).map(
    (answer) =>
      translated(
        client,
        upstream,
        { ...goneOn(client, answer), ...tools },
        upstream === proof.family ? proof.model : undefined,
      ).body,
  );
}
