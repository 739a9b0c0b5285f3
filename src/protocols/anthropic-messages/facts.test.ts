import { describe, expect, test } from 'bun:test';
import { type Exchange, exchanges } from '../../../test/corpus.ts';
import { loadFacts } from '../../../test/facts.ts';
import { isProtocolError } from '../codec.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Request, StreamEvent } from '../model.ts';
import { sseReader } from '../sse.ts';
import { anthropicMessages as codec } from './index.ts';

const facts = await loadFacts();

function bodyOf(exchange: Exchange): JsonObject | undefined {
  const body = exchange.request?.body;
  return isObject(body) && Array.isArray(body.messages) ? body : undefined;
}

function requestOf(exchange: Exchange): Request {
  return codec.decodeRequest(bodyOf(exchange) ?? { messages: [] }, { model: 'claude-test', stream: true });
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
  const answered = exchanges('anthropic-messages').filter(
    ({ endpoint, response }) => endpoint === 'generate' && response !== null && response.status < 400,
  );

  describe('a recorded request keeps every fact, as this protocol and as if from another', () => {
    const requests = answered.filter((exchange) => bodyOf(exchange) !== undefined);
    test.each(requests)('$id', (exchange) => {
      const body = bodyOf(exchange) ?? {};
      const request = requestOf(exchange);
      const said = facts.request.anthropic(body);
      for (const value of [request, neutral(request)]) {
        const written = codec.encodeRequest(value, { model: 'm', stream: true, report: () => {} });
        const compared = facts.compareRequest(
          said,
          facts.request.anthropic(written),
          'anthropic',
          'anthropic',
        );
        expect(compared.filter(([, kept]) => !kept)).toEqual([]);
      }
    });
  });

  describe('a recorded answer keeps every fact, streamed and whole', () => {
    test.each(answered.filter(({ response }) => response?.base64 === undefined))('$id', (exchange) => {
      const { response } = exchange;
      const request = requestOf(exchange);
      const context = { request, model: 'm', now: () => 0, newId: (prefix: string) => `${prefix}_new` };
      const compare = (before: Json, after: Json, stream: boolean): void => {
        const compared = facts.compareResponse(
          facts.response.anthropic(before, stream),
          facts.response.anthropic(after, stream),
          'anthropic',
          'anthropic',
        );
        expect(compared.filter(([, kept]) => !kept)).toEqual([]);
      };
      if (response?.sse !== undefined) {
        // One deployment tells the whole message in one event, which the facts cannot read.
        if (response.sse.startsWith('event: message\n')) return;
        for (const change of [(event: StreamEvent) => event, neutral<StreamEvent>]) {
          const decoder = codec.streamDecoder({ request });
          const encoder = codec.streamEncoder(context);
          let written = '';
          const reader = sseReader((event) =>
            decoder.decode(event, (canonical) => {
              written += encoder.encode(change(canonical));
            }),
          );
          reader.push(new TextEncoder().encode(response.sse));
          reader.end();
          compare(facts.sseEvents(response.sse), facts.sseEvents(written), true);
        }
      } else if (isObject(response?.body)) {
        const decoded = codec.decodeResponse(response.body, { request });
        if (isProtocolError(decoded)) throw new Error(decoded.message);
        compare(response.body, codec.encodeResponse(decoded, context), false);
        compare(response.body, codec.encodeResponse(neutral(decoded), context), false);
      }
    });
  });
}
