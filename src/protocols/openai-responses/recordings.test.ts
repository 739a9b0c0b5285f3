import { describe, expect, test } from 'bun:test';
import { answerOf, folded, readSse, readStream, writeStream } from '../../../test/codec-runs.ts';
import { type Exchange, exchanges } from '../../../test/corpus.ts';
import type { StreamEvent } from '../answer.ts';
import { unfoldResponse } from '../fold.ts';
import { InvalidRequest } from '../invalid-request.ts';
import { isObject, type JsonObject } from '../json.ts';
import { asArray, asObject } from '../json-members.ts';
import type { Request } from '../request.ts';
import type { SseEvent } from '../sse.ts';
import { openaiResponses as codec } from './index.ts';

const recorded = exchanges('openai-responses');

function requestOf(exchange: Exchange): Request {
  const body = exchange.request?.body;
  const model = typeof body?.model === 'string' ? body.model : 'm';
  return codec.decodeRequest(isObject(body) ? body : {}, { model, stream: body?.stream === true });
}

function context(exchange: Exchange, model: string) {
  let ids = 0;
  return {
    request: requestOf(exchange),
    model,
    unixSeconds: () => 1_700_000_000,
    newId: (prefix: string) => `${prefix}_new${ids++}`,
  };
}

/** The response object of the last event that has one. */
function lastResponse(events: readonly SseEvent[]): JsonObject | undefined {
  const last = events.findLast(({ data }) => data.includes('"response":'));
  return last && asObject(JSON.parse(last.data).response);
}

/** The status "Invalid value: 'tool'" is the API's own answer: a request that it refuses need not be read. */
const refused = (exchange: Exchange): boolean => (exchange.response?.status ?? 0) >= 400;

describe('a recorded request is read, or refused where the API refused it', () => {
  const requests = recorded.filter(({ request }) => isObject(request?.body));
  test.each(requests)('$id', (exchange) => {
    try {
      const { messages } = requestOf(exchange);
      expect(messages.length > 0).toBe(exchange.request?.body?.input !== undefined);
    } catch (error) {
      if (!(error instanceof InvalidRequest) || !refused(exchange)) throw error;
    }
  });
});

describe('a recorded answer comes back as it was', () => {
  const answers = recorded.filter(
    ({ response }) =>
      isObject(response?.body) &&
      response.status < 400 &&
      isObject(response.body) &&
      'output' in response.body,
  );
  test.each(answers)('$id', (exchange) => {
    const body = asObject(exchange.response?.body) ?? {};
    const response = answerOf(codec.decodeResponse(body, { request: requestOf(exchange) }));
    expect(codec.encodeResponse(response, context(exchange, response.model))).toEqual(body);
    const events: StreamEvent[] = [];
    unfoldResponse(response, (event) => events.push(event));
    expect(codec.encodeResponse(folded(events), context(exchange, response.model))).toEqual(body);
  });
});

/** As JSON text says it: -0 is 0. */
function plain(value: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(value));
}

/**
 * The final response of a recording, in the words of the items' own events. Three things differ between the two:
 * Codex backends leave the items out of the final response; the API seals `encrypted_content` anew for each event;
 * one upstream gives an item another id when it ends. Items whose end was never told by itself come last.
 */
function finalOf(events: readonly SseEvent[]): JsonObject {
  const told = new Map<unknown, { at: number; item: JsonObject }>();
  const ids = new Map<unknown, JsonObject['id']>();
  for (const { data } of events) {
    const event = data === '[DONE]' ? {} : JSON.parse(data);
    if (event.type === 'response.output_item.added') ids.set(event.output_index, event.item.id);
    if (event.type === 'response.output_item.done') {
      const began = ids.get(event.output_index);
      const item = event.item.type === 'reasoning' && began ? { ...event.item, id: began } : event.item;
      told.set(event.item.id, { at: event.output_index, item });
    }
  }
  const final = lastResponse(events) ?? {};
  const all = asArray(final.output);
  const untold = all.length > told.size ? all.filter((item) => !told.has(asObject(item)?.id)) : [];
  const items = [...told.values()].sort((left, right) => left.at - right.at).map(({ item }) => item);
  return plain({ ...final, output: [...items, ...untold] });
}

describe('a recorded stream ends in the same response', () => {
  const streams = recorded.filter(({ response }) => response?.sse !== undefined && response.status < 400);
  test.each(streams)('$id', (exchange) => {
    const sse = exchange.response?.sse ?? '';
    const events = readStream(codec, sse, requestOf(exchange));
    const last = events.at(-1);
    if (last?.type === 'error') {
      expect(sse).toContain(JSON.stringify(last.error.message).slice(1, -1));
      return;
    }
    const wanted = finalOf(readSse(sse));
    if (!/"type": ?"response\.(completed|incomplete|done)"/.test(sse)) {
      // A recording that was cut before its terminal event.
      expect(last?.type).not.toBe('end');
      return;
    }
    expect(last?.type).toBe('end');
    const model = typeof wanted.model === 'string' ? wanted.model : '';
    const written = writeStream(codec, events, context(exchange, model));
    expect(lastResponse(readSse(written))).toEqual(wanted);
    expect(plain(codec.encodeResponse(folded(events), context(exchange, model)))).toEqual(wanted);
  });
});

describe('a recorded error keeps status, type, code and message', () => {
  const errors = recorded.filter(
    ({ response }) => response !== null && response.status >= 400 && response.body !== undefined,
  );
  test.each(errors)('$id', ({ response }) => {
    const error = codec.decodeError(response?.status ?? 0, JSON.stringify(response?.body));
    expect(error.status).toBe(response?.status ?? 0);
    expect(codec.encodeError(error)).toEqual(asObject(response?.body) ?? {});
  });
});
