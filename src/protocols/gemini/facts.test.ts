import { describe, expect, test } from 'bun:test';
import { type Exchange, exchanges } from '../../../test/corpus.ts';
import { loadFacts } from '../../../test/facts.ts';
import { isProtocolError } from '../codec.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Request, StreamEvent } from '../model.ts';
import { sseReader } from '../sse.ts';
import { gemini as codec } from './index.ts';
import { decodeChunks } from './response.ts';

const facts = await loadFacts();

function bodyOf(exchange: Exchange): JsonObject | undefined {
  const body = exchange.request?.body;
  return isObject(body) && body.contents !== undefined ? body : undefined;
}

function requestOf(exchange: Exchange): Request {
  return codec.decodeRequest(bodyOf(exchange) ?? { contents: [] }, { model: 'gemini-test', stream: true });
}

/** The canonical value as if it came from another protocol: nothing put by for this one, signatures kept. */
function neutral<T>(value: T): T {
  return JSON.parse(JSON.stringify(value, (key, inner) => (key === 'extra' ? undefined : inner)));
}

if (facts === undefined) {
  test('the facts that acceptance counts are not here, so nothing is compared with them', () => {
    expect(facts).toBeUndefined();
  });
} else {
  const answered = exchanges('gemini').filter(
    ({ endpoint, response }) => endpoint === 'generate' && response !== null && response.status < 400,
  );

  describe('a recorded request keeps every fact, as this protocol and as if from another', () => {
    const requests = answered.filter((exchange) => bodyOf(exchange) !== undefined);
    test.each(requests)('$id', (exchange) => {
      const said = facts.request.gemini(bodyOf(exchange) ?? {});
      const request = requestOf(exchange);
      for (const value of [request, neutral(request)]) {
        const written = codec.encodeRequest(value, { model: 'm', stream: true, report: () => {} });
        const compared = facts.compareRequest(said, facts.request.gemini(written), 'gemini', 'gemini');
        expect(compared.filter(([, kept]) => !kept)).toEqual([]);
      }
    });
  });

  describe('a recorded answer keeps every fact, streamed and whole', () => {
    const usable = answered.filter(({ tags }) => !tags.includes('no-terminal-event'));
    test.each(usable.filter(({ response }) => response?.base64 === undefined))('$id', (exchange) => {
      const { response } = exchange;
      const request = requestOf(exchange);
      const context = { request, model: 'm', now: () => 0, newId: (prefix: string) => `${prefix}_new` };
      const compare = (before: Json, after: Json, stream: boolean): void => {
        const compared = facts.compareResponse(
          facts.response.gemini(before, stream),
          facts.response.gemini(after, stream),
          'gemini',
          'gemini',
        );
        // The facts read no arguments that come piece by piece.
        const judged = exchange.tags.includes('partial-args')
          ? compared.filter(([name]) => !name.includes('tool call'))
          : compared;
        expect(judged.filter(([, kept]) => !kept)).toEqual([]);
      };
      if (response?.sse !== undefined) {
        for (const change of [(event: StreamEvent) => event, neutral<StreamEvent>]) {
          const decoder = codec.streamDecoder({ request });
          const encoder = codec.streamEncoder(context);
          let written = '';
          const emit = (event: StreamEvent): void => {
            written += encoder.encode(change(event));
          };
          const reader = sseReader((event) => decoder.decode(event, emit));
          reader.push(new TextEncoder().encode(response.sse));
          reader.end();
          decoder.end(emit);
          compare(facts.sseEvents(response.sse), facts.sseEvents(written), true);
        }
      } else if (response?.body !== undefined) {
        const { body } = response;
        const decoded = Array.isArray(body)
          ? decodeChunks(body, { request })
          : codec.decodeResponse(isObject(body) ? body : {}, { request });
        if (isProtocolError(decoded)) throw new Error(decoded.message);
        compare(body, codec.encodeResponse(decoded, context), false);
        compare(body, codec.encodeResponse(neutral(decoded), context), false);
      }
    });
  });
}
