/** The law of recorded traffic that every codec keeps: no fact is lost, neither at home nor on the way from elsewhere. */
import { describe, expect, test } from 'bun:test';
import type { StreamEvent } from '../src/protocols/answer.ts';
import type { Codec, EncodeContext } from '../src/protocols/codec.ts';
import { unfoldResponse } from '../src/protocols/fold.ts';
import { isObject, type Json, type JsonObject } from '../src/protocols/json.ts';
import { asObject } from '../src/protocols/json-members.ts';
import type { Request } from '../src/protocols/request.ts';
import { withTextDocuments } from '../src/protocols/text-documents.ts';
import { answerOf, neutral, readStream, writeStream } from './codec-runs.ts';
import { type Exchange, exchanges } from './corpus.ts';
import { type Fact, factsNames, loadFacts } from './facts.ts';

/** What is special about the recordings of a protocol. */
export interface FactLaws {
  codec: Codec;
  /** The body of a conversation's request; undefined for recordings of other calls. */
  bodyOf(exchange: Exchange): JsonObject | undefined;
  /** Whether the recorded answer is one that the facts can read. */
  isRead?(exchange: Exchange): boolean;
  /** The whole answer that a stream's last event repeats, in protocols where it does. */
  repeated?(last: Json | undefined): Json;
  /** The facts to judge by, where the facts misread some. */
  judged?(exchange: Exchange, compared: Fact[]): Fact[];
}

/** As JSON text says it: without undefined members. */
const plain = (value: JsonObject): JsonObject => JSON.parse(JSON.stringify(value));

/** The facts without the documents that are told as text: all of a text arrives, but no file. */
function withoutTexts(compared: Fact[], { messages }: Request, written: JsonObject): Fact[] {
  const text = JSON.stringify(written);
  const texts = withTextDocuments(messages, () => {})
    .flatMap(({ parts }, at) => parts.filter((_, place) => messages[at]?.parts[place]?.type === 'file'))
    .filter((part) => part.type === 'text' && text.includes(JSON.stringify(part.text).slice(1, -1)));
  let told = texts.length;
  return compared.filter(([fact, kept]) => kept || fact !== 'file' || told-- <= 0);
}

/** Declares the tests. */
export async function describeFacts({ codec, bodyOf, isRead, repeated, judged }: FactLaws): Promise<void> {
  const facts = await loadFacts();
  const name = factsNames[codec.protocol];
  const answered = exchanges(codec.protocol).filter(
    ({ endpoint, response }) => endpoint === 'generate' && response !== null && response.status < 400,
  );
  const requestOf = (exchange: Exchange): Request => {
    const body = bodyOf(exchange) ?? { messages: [], contents: [] };
    return codec.decodeRequest(body, {
      model: typeof body.model === 'string' ? body.model : 'm',
      stream: true,
    });
  };
  const lost = (compared: Fact[]): string[] =>
    compared.filter(([, kept]) => !kept).map(([fact, , detail]) => `${fact}: ${detail}`);

  describe('a recorded request keeps every fact as if from another protocol', () => {
    test.each(answered.filter((exchange) => bodyOf(exchange) !== undefined))('$id', (exchange) => {
      const said = facts.request[name](bodyOf(exchange) ?? {});
      const request = neutral(requestOf(exchange));
      const written = codec.encodeRequest(request, { model: 'm', stream: request.stream, report: () => {} });
      const compared = facts.compareRequest(said, facts.request[name](plain(written)), name, name);
      expect(lost(withoutTexts(compared, request, written))).toEqual([]);
    });
  });

  describe('a recorded answer keeps every fact, streamed and whole', () => {
    test.each(answered.filter((exchange) => isRead?.(exchange) ?? true))('$id', (exchange) => {
      const { sse, body } = exchange.response ?? {};
      const request = requestOf(exchange);
      let ids = 0;
      const context: EncodeContext = {
        // Claude's clients are told of thinking if they asked for it.
        request: { ...request, includeUsage: true, reasoning: { show: 'auto' } },
        model: 'm',
        unixSeconds: () => 0,
        newId: (prefix) => `${prefix}_${ids++}`,
      };
      const keeps = (before: Json, after: Json, stream: boolean): void => {
        const [said, told] = [facts.response[name](before, stream), facts.response[name](after, stream)];
        const compared = facts.compareResponse(said, told, name, name);
        expect(lost(judged?.(exchange, compared) ?? compared)).toEqual([]);
      };
      if (sse !== undefined) {
        const events = readStream(codec, sse, request);
        for (const told of [events, neutral(events)])
          keeps(facts.sseEvents(sse), facts.sseEvents(writeStream(codec, told, context)), true);
      } else if (body !== undefined) {
        const decoded = answerOf(
          Array.isArray(body) && codec.decodeChunks !== undefined
            ? codec.decodeChunks(body.filter(isObject), { request })
            : codec.decodeResponse(asObject(body) ?? {}, { request }),
        );
        for (const told of [decoded, neutral(decoded)]) {
          keeps(body, plain(codec.encodeResponse(told, context)), false);
          if (repeated === undefined) continue;
          const events: StreamEvent[] = [];
          unfoldResponse(told, (event) => events.push(event));
          keeps(body, repeated(facts.sseEvents(writeStream(codec, events, context)).at(-1)), false);
        }
      }
    });
  });
}
