import { describe, expect, test } from 'bun:test';
import { answerOf, readStream, writeStream } from '../../../test/codec-runs.ts';
import { type Exchange, exchanges } from '../../../test/corpus.ts';
import type { Response, StreamEvent } from '../answer.ts';
import { isProtocolError } from '../codec.ts';
import { foldEvents } from '../fold.ts';
import { isObject, type Json, type JsonObject, parseJson } from '../json.ts';
import { asObject } from '../json-members.ts';
import type { ProtocolError } from '../protocol-error.ts';
import type { Request } from '../request.ts';
import { openaiChat as codec } from './index.ts';

const recorded = exchanges('openai-chat').filter(({ endpoint }) => endpoint === 'generate');
const answered = recorded.filter(({ response }) => response !== null && response.status < 400);

const without = (value: JsonObject, ...fields: string[]): JsonObject =>
  Object.fromEntries(Object.entries(value).filter(([field]) => !fields.includes(field)));

function requestOf(exchange: Exchange): Request {
  const body = exchange.request?.body ?? { messages: [] };
  return codec.decodeRequest(body, {
    model: typeof body.model === 'string' ? body.model : 'model',
    stream: body.stream === true,
  });
}

/** As JSON says it: without undefined members. */
const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value));

describe('a recorded answer is the same after decoding and encoding', () => {
  /** Every answer says what it is, of which model and when it was made, and every choice has a message and a finish reason. */
  const complete = (body: JsonObject): JsonObject => {
    const choices = Array.isArray(body.choices) ? body.choices.filter(isObject) : [];
    const [first, ...others] = choices;
    return {
      object: 'chat.completion',
      created: 0,
      model: '',
      ...body,
      choices: [
        { finish_reason: 'stop', ...first, message: { role: 'assistant', ...asObject(first?.message) } },
        ...others,
      ],
    };
  };

  const whole = answered.filter(({ response }) => isObject(response?.body));
  test.each(whole)('$id', (exchange) => {
    const body = asObject(exchange.response?.body) ?? {};
    const request = requestOf(exchange);
    const decoded = answerOf(codec.decodeResponse(body, { request }));
    const model = typeof body.model === 'string' ? body.model : '';
    const encoded = codec.encodeResponse(decoded, {
      request,
      model,
      unixSeconds: () => 0,
      newId: (prefix) => prefix,
    });
    expect(plain(encoded)).toEqual(plain(complete(body)));
  });
});

function rewritten(events: readonly StreamEvent[], request: Request): string {
  const start = events.find((event) => event.type === 'start');
  return writeStream(codec, events, {
    request: { ...request, includeUsage: true },
    model: start?.type === 'start' ? start.model : 'model',
    unixSeconds: () => 0,
    newId: (prefix) => prefix,
  });
}

function resultOf(events: readonly StreamEvent[]): Response | ProtocolError {
  const fold = foldEvents();
  for (const event of events) fold.push(event);
  return fold.result();
}

describe('a recorded stream adds up to the same answer after decoding and encoding', () => {
  /** Every stream says when it began and why it ended; errors say a type. */
  const complete = (result: Response | ProtocolError): Json =>
    isProtocolError(result)
      ? plain({ type: 'invalid_request_error', ...result })
      : plain({ ...result, created: result.created ?? 0, finish: { ...result.finish, native: undefined } });

  const streams = answered.filter(({ response }) => response?.sse !== undefined);
  test.each(streams)('$id', (exchange) => {
    const request = requestOf(exchange);
    const events = readStream(codec, exchange.response?.sse ?? '', request);
    const first = resultOf(events);
    const second = resultOf(readStream(codec, rewritten(events, request), request));
    const [before, after] = [complete(first), complete(second)];
    if (isProtocolError(first) && first.type === undefined) {
      expect(without(asObject(after) ?? {}, 'type')).toEqual(without(asObject(before) ?? {}, 'type'));
    } else {
      expect(after).toEqual(before);
    }
  });

  test.each(streams)('$id: events are in order and name parts that are open', (exchange) => {
    const events = readStream(codec, exchange.response?.sse ?? '', requestOf(exchange));
    const open = new Set<number>();
    let last = -1;
    for (const event of events) {
      if (event.type === 'part-start') {
        expect(event.index).toBeGreaterThan(last);
        last = event.index;
        open.add(event.index);
      } else if ('index' in event) {
        expect(open.has(event.index)).toBe(true);
        if (event.type === 'part-end') open.delete(event.index);
      }
    }
    const types = events.map((event) => event.type);
    if (types.length > 1) expect(types[0]).toBe('start');
    if (types.at(-1) === 'end') expect([...open]).toEqual([]);
    expect(types.filter((type) => type === 'end' || type === 'error').length).toBeLessThanOrEqual(1);
  });
});

describe('a recorded error keeps its status, message, type and code', () => {
  const failed = recorded.filter(({ response }) => response !== null && response.status >= 400);
  test.each(failed)('$id', ({ response }) => {
    const body = response?.sse ?? JSON.stringify(response?.body);
    const said = asObject(parseJson(body)) ?? {};
    const error = codec.decodeError(response?.status ?? 0, body);
    const told = asObject(codec.encodeError(error).error) ?? {};
    const original = asObject(said.error) ?? { message: said.error };
    expect(error.status).toBe(response?.status ?? 0);
    expect(told.message).toEqual(original.message);
    if (original.type) expect(told.type).toEqual(original.type);
    if (original.code) expect(told.code).toEqual(String(original.code));
    if (original.param) expect(told.param).toEqual(original.param);
  });
});
