import { describe, expect, test } from 'bun:test';
import { type Exchange, exchanges } from '../../../test/corpus.ts';
import { loadFacts } from '../../../test/facts.ts';
import { isProtocolError } from '../codec.ts';
import { unfoldResponse } from '../fold.ts';
import { isObject, type Json } from '../json.ts';
import type { Request, Response, StreamEvent } from '../model.ts';
import { sseReader } from '../sse.ts';
import { openaiResponses as codec } from './index.ts';

const facts = await loadFacts();

function requestOf(exchange: Exchange): Request {
  const body = exchange.request?.body;
  return codec.decodeRequest(isObject(body) ? body : {}, { model: 'm', stream: true });
}

/** The canonical value as if it came from another protocol: nothing put by for this one, signatures kept. */
function neutral<T>(value: T): T {
  return JSON.parse(JSON.stringify(value, (key, inner) => (key === 'extra' ? undefined : inner)));
}

function context(request: Request) {
  let ids = 0;
  return { request, model: 'm', now: () => 0, newId: (prefix: string) => `${prefix}_${ids++}` };
}

if (facts === undefined) {
  test('the facts that acceptance counts are not here, so nothing is compared with them', () => {
    expect(facts).toBeUndefined();
  });
} else {
  const answered = exchanges('openai-responses').filter(
    ({ endpoint, response }) => endpoint === 'generate' && response !== null && response.status < 400,
  );

  /** "name: detail" of each fact that was lost. */
  const lost = (before: Json, after: Json, stream: boolean): string[] =>
    facts
      .compareResponse(
        facts.response.responses(before, stream),
        facts.response.responses(after, stream),
        'responses',
        'responses',
      )
      .filter(([, kept]) => !kept)
      .map(([name, , detail]) => `${name}: ${detail}`);

  describe('a recorded request keeps every fact, as this protocol and as if from another', () => {
    const requests = answered.filter(({ request }) => isObject(request?.body));
    test.each(requests)('$id', (exchange) => {
      const request = requestOf(exchange);
      const said = facts.request.responses(exchange.request?.body ?? {});
      for (const value of [request, neutral(request)]) {
        const written = codec.encodeRequest(value, { model: 'm', stream: true, report: () => {} });
        const compared = facts.compareRequest(
          said,
          facts.request.responses(written),
          'responses',
          'responses',
        );
        expect(compared.filter(([, kept]) => !kept)).toEqual([]);
      }
    });
  });

  describe('a recorded answer keeps every fact, streamed and whole', () => {
    test.each(answered)('$id', (exchange) => {
      const { response } = exchange;
      const request = requestOf(exchange);
      const streamed = (events: readonly StreamEvent[]): Json[] => {
        const encoder = codec.streamEncoder(context(request));
        return facts.sseEvents(events.map((event) => encoder.encode(event)).join(''));
      };
      if (response?.sse !== undefined) {
        const decoder = codec.streamDecoder({ request });
        const events: StreamEvent[] = [];
        const reader = sseReader((event) => decoder.decode(event, (out) => events.push(out)));
        reader.push(new TextEncoder().encode(response.sse));
        reader.end();
        const before = facts.sseEvents(response.sse);
        expect(lost(before, streamed(events), true)).toEqual([]);
        expect(lost(before, streamed(events.map(neutral<StreamEvent>)), true)).toEqual([]);
      } else if (isObject(response?.body) && 'output' in response.body) {
        const decoded = codec.decodeResponse(response.body, { request });
        if (isProtocolError(decoded)) throw new Error(decoded.message);
        for (const said of [decoded, neutral<Response>(decoded)]) {
          expect(lost(response.body, codec.encodeResponse(said, context(request)), false)).toEqual([]);
          const events: StreamEvent[] = [];
          unfoldResponse(said, (event) => events.push(event));
          const last = streamed(events).at(-1);
          expect(lost(response.body, isObject(last) ? (last.response ?? null) : null, false)).toEqual([]);
        }
      }
    });
  });
}
