import { describe, expect, test } from 'bun:test';
import { answerOf, readSse, readStream, writeStream } from '../../../test/codec-runs.ts';
import { type Exchange, exchanges } from '../../../test/corpus.ts';
import type { EncodeContext } from '../codec.ts';
import { isObject, type JsonObject, parseJson } from '../json.ts';
import { asArray } from '../json-members.ts';
import type { ProtocolError } from '../protocol-error.ts';
import type { Request } from '../request.ts';
import { anthropicMessages as codec } from './index.ts';

const recorded = exchanges('anthropic-messages');

// ---------------------------------------------------------------- harness

function modelOf(exchange: Exchange): string {
  const model = exchange.request?.body?.model;
  return typeof model === 'string' ? model : 'claude-test';
}

function withoutNulls(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null));
}

function requestOf(exchange: Exchange): Request {
  const body = exchange.request?.body;
  const usable = isObject(body) && Array.isArray(body.messages) ? body : { messages: [] };
  return codec.decodeRequest(usable, { model: modelOf(exchange), stream: true });
}

/** Everything a stream says, folded the way the API's documentation describes. */
function folded(text: string): JsonObject {
  const message: JsonObject = {};
  const blocks: JsonObject[] = [];
  const json: string[] = [];
  for (const { data } of readSse(text)) {
    const event = parseJson(data);
    if (!isObject(event)) continue;
    const index = typeof event.index === 'number' ? event.index : 0;
    const block = blocks[index] ?? {};
    if (event.type === 'message_start' && isObject(event.message)) Object.assign(message, event.message);
    if (event.type === 'message') return event;
    if (event.type === 'error' && isObject(event.error)) {
      message.error = { type: event.error.type, message: event.error.message };
    }
    if (event.type === 'content_block_start' && isObject(event.content_block)) {
      blocks[index] = { ...event.content_block };
      json[index] = '';
    }
    if (event.type === 'content_block_delta' && isObject(event.delta)) {
      const { delta } = event;
      if (delta.type === 'input_json_delta') json[index] += String(delta.partial_json);
      else if (delta.type === 'citations_delta')
        block.citations = [...asArray(block.citations), delta.citation ?? null];
      else {
        for (const [key, value] of Object.entries(delta)) {
          if (key === 'type' || key === 'estimated_tokens') continue;
          const own = block[key];
          block[key] = typeof own === 'string' && typeof value === 'string' ? own + value : value;
        }
      }
    }
    if (event.type === 'content_block_stop' && json[index]) block.input = parseJson(json[index] ?? '');
    if (event.type === 'message_delta') {
      Object.assign(message, event.delta);
      if (event.context_management !== undefined) message.context_management = event.context_management;
      const counts = isObject(event.usage) ? withoutNulls(event.usage) : {};
      message.usage = { ...(isObject(message.usage) ? message.usage : {}), ...counts };
    }
    if (event.type === 'message_stop') message.stopped = true;
  }
  return { ...message, content: blocks };
}

function context(request: Request): EncodeContext {
  return { request, model: request.model, unixSeconds: () => 0, newId: (prefix) => `${prefix}_new` };
}

// ---------------------------------------------------------------- specifications

describe('recorded answers', () => {
  const answers = recorded.filter(
    ({ response, endpoint }) =>
      endpoint === 'generate' &&
      response?.status === 200 &&
      isObject(response.body) &&
      response.body.type === 'message',
  );
  test.each(answers)('$id is written back as it was', (exchange) => {
    const body = exchange.response?.body;
    if (!isObject(body)) throw new Error('no body');
    const request = requestOf(exchange);
    const response = answerOf(codec.decodeResponse(body, { request }));
    const model = typeof body.model === 'string' ? body.model : '';
    expect(codec.encodeResponse(response, { ...context(request), model })).toEqual(body);
  });
});

describe('recorded streams', () => {
  const streams = recorded.filter(({ response }) => response?.status === 200 && response.sse !== undefined);
  test.each(streams)('$id says the same after decoding and encoding', (exchange) => {
    const text = exchange.response?.sse ?? '';
    const request = requestOf(exchange);
    const wanted = folded(text);
    const events = readStream(codec, text, request);
    const told = folded(writeStream(codec, events, context(request)));
    // The answer names the model as the client did, and a whole message in one event becomes a proper stream.
    expect({ ...told, model: '', type: '', stopped: true }).toEqual({
      ...wanted,
      model: '',
      type: '',
      stopped: true,
    });
    expect(events.at(-1)?.type).toBe(wanted.error === undefined ? 'end' : 'error');
  });
});

describe('recorded errors', () => {
  const failures = recorded.flatMap(({ id, response }) =>
    response !== null && response.status >= 400 && isObject(response.body)
      ? [{ id, status: response.status, body: response.body }]
      : [],
  );
  test.each(failures)('$id keeps status, type and message', ({ status, body }) => {
    const error: ProtocolError = codec.decodeError(status, JSON.stringify(body));
    const told = isObject(body.error) ? body.error : body;
    expect(error.status).toBe(status);
    expect(error.message).toBe(String(told.message));
    const written = codec.encodeError(error);
    const inner = isObject(written.error) ? written.error : {};
    expect(inner.message).toBe(error.message);
    if (isObject(body.error)) expect(inner.type).toBe(body.error.type);
  });
});
