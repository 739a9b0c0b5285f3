import { describe, expect, test } from 'bun:test';
import type { StreamEvent } from '../answer.ts';
import type { JsonObject } from '../json.ts';
import type { Request } from '../request.ts';
import { openaiResponses as codec } from './index.ts';

const request: Request = {
  model: 'm',
  stream: true,
  messages: [],
  tools: [{ type: 'function', name: 'read' }],
};

function decode(...events: (JsonObject | string)[]): StreamEvent[] {
  const out: StreamEvent[] = [];
  const decoder = codec.streamDecoder({ request });
  for (const event of events) {
    const data = typeof event === 'string' ? event : JSON.stringify(event);
    decoder.decode({ event: undefined, data }, (said) => out.push(said));
  }
  decoder.end((said) => out.push(said));
  return out;
}

/** What the events say, without what was put by for the way back. */
function said(events: StreamEvent[]): unknown {
  return JSON.parse(JSON.stringify(events, (key, value) => (key === 'extra' ? undefined : value)));
}

const created = { type: 'response.created', response: { id: 'resp_1', model: 'm' } };
const completed = (output: JsonObject[] = []): JsonObject => ({
  type: 'response.completed',
  response: { id: 'resp_1', model: 'm', status: 'completed', output },
});
const message = {
  type: 'message',
  id: 'msg_1',
  content: [{ type: 'output_text', text: 'Hello', annotations: [] }],
};
const call = { type: 'function_call', id: 'fc_1', call_id: 'c', name: 'read', arguments: '{"a":1}' };
const start = { type: 'start', id: 'resp_1', model: 'm' };
const hello = [
  { type: 'part-start', index: 0, part: { type: 'text', text: '' } },
  { type: 'delta', index: 0, text: 'Hello' },
  { type: 'part-end', index: 0 },
];
const stop = [{ type: 'finish', finish: { reason: 'stop', native: 'completed' } }, { type: 'end' }];

describe('an upstream stream', () => {
  test('whose text comes only with the end of its item', () => {
    expect(
      said(
        decode(created, { type: 'response.output_item.done', output_index: 0, item: message }, completed()),
      ),
    ).toEqual([start, ...hello, ...stop]);
  });
  test('that says again that it has begun says nothing new; one that begins so begins', () => {
    const goesOn = { type: 'response.in_progress', response: { id: 'resp_1', model: 'm' } };
    expect(said(decode(created, goesOn, completed([message])))).toEqual([start, ...hello, ...stop]);
    expect(said(decode(goesOn, completed([message])))).toEqual([start, ...hello, ...stop]);
  });
  test('whose text comes only with the last event', () => {
    expect(said(decode(created, completed([message])))).toEqual([start, ...hello, ...stop]);
  });
  test('whose text comes as deltas and again with every end is told once', () => {
    const place = { output_index: 0, content_index: 0 };
    const events = decode(
      created,
      { type: 'response.output_item.added', output_index: 0, item: { ...message, content: [] } },
      { type: 'response.output_text.delta', ...place, delta: 'Hel' },
      { type: 'response.output_text.delta', ...place, delta: 'lo' },
      { type: 'response.output_text.done', ...place, text: 'Hello' },
      { type: 'response.content_part.done', ...place, part: message.content[0] ?? {} },
      { type: 'response.output_item.done', output_index: 0, item: message },
      { type: 'response.done', response: { status: 'completed', output: [message] } },
    );
    expect(events.filter(({ type }) => type === 'delta')).toEqual([
      { type: 'delta', index: 0, text: 'Hel' },
      { type: 'delta', index: 0, text: 'lo' },
    ]);
    expect(events.at(-1)).toEqual({ type: 'end' });
  });
  test('whose calls interleave keeps their arguments apart', () => {
    const events = decode(
      created,
      { type: 'response.output_item.added', output_index: 0, item: { ...call, arguments: '' } },
      { type: 'response.output_item.added', output_index: 1, item: { ...call, call_id: 'd', arguments: '' } },
      { type: 'response.function_call_arguments.delta', output_index: 1, delta: '{"b":' },
      { type: 'response.function_call_arguments.delta', output_index: 0, delta: '{"a":' },
      { type: 'response.function_call_arguments.done', output_index: 1, arguments: '{"b":2}' },
      { type: 'response.output_item.done', output_index: 0, item: call },
      completed(),
    );
    const input = (index: number): string =>
      events
        .flatMap((event) => (event.type === 'delta' && event.index === index ? [event.text] : []))
        .join('');
    expect([input(0), input(1)]).toEqual(['{"a":1}', '{"b":2}']);
    expect(events.at(-2)).toMatchObject({ finish: { reason: 'tool-calls' } });
  });
  test('whose summary has several parts puts an empty line between them', () => {
    const events = decode(
      created,
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { type: 'reasoning', id: 'rs_1', summary: [] },
      },
      { type: 'response.reasoning_summary_text.delta', output_index: 0, summary_index: 0, delta: 'One' },
      { type: 'response.reasoning_summary_text.delta', output_index: 0, summary_index: 1, delta: 'Two' },
      {
        type: 'response.output_item.done',
        output_index: 0,
        item: { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAAA' },
      },
      completed(),
    );
    expect(events.flatMap((event) => (event.type === 'delta' ? [event.text] : [])).join('')).toBe(
      'One\n\nTwo',
    );
    expect(events).toContainEqual({
      type: 'signature',
      index: 0,
      signature: { family: 'openai', value: 'gAAAA' },
    });
  });
  test('with an image gives the image', () => {
    const item = {
      type: 'image_generation_call',
      id: 'ig_1',
      result: 'aGk=',
      output_format: 'webp',
      status: 'completed',
    };
    expect(
      said(decode(created, { type: 'response.output_item.done', output_index: 0, item }, completed())),
    ).toContainEqual({
      type: 'part-start',
      index: 0,
      part: { type: 'image', source: { kind: 'base64', mediaType: 'image/webp', data: 'aGk=' } },
    });
  });
  test('with events that only inform goes on', () => {
    expect(
      said(
        decode(
          created,
          { type: 'codex.rate_limits', limits: {} },
          { type: 'keepalive' },
          completed([message]),
        ),
      ),
    ).toEqual([start, ...hello, ...stop]);
  });
  test('that ends without its terminal event does not end', () => {
    expect(decode(created).map(({ type }) => type)).toEqual(['start']);
  });
  test('that is not JSON is an error', () => {
    expect(decode(created, 'oops').at(-1)).toMatchObject({ type: 'error', error: { status: 502 } });
  });
  test.each<[string, JsonObject, number]>([
    [
      'rate_limit_exceeded',
      { type: 'response.failed', response: { error: { code: 'rate_limit_exceeded', message: 'x' } } },
      429,
    ],
    [
      'context_length_exceeded',
      { type: 'response.failed', response: { error: { code: 'context_length_exceeded', message: 'x' } } },
      400,
    ],
    [
      'server_error',
      { type: 'error', error: { type: 'server_error', code: 'server_error', message: 'x' } },
      500,
    ],
    ['invalid_prompt', { type: 'error', code: 'invalid_prompt', message: 'x', param: null }, 400],
    [
      'usage_limit_reached',
      { error: { type: 'usage_limit_reached', message: 'x', resets_in_seconds: 60 } },
      429,
    ],
  ])('that fails with %s has the status of that failure', (_code, event, status) => {
    const last = decode(created, event, completed()).at(-1);
    expect(last).toMatchObject({ type: 'error', error: { status, message: 'x' } });
    if (status === 429 && event.error !== undefined)
      expect(last).toMatchObject({ error: { retryAfter: 60 } });
  });
});

describe('an error answer', () => {
  test.each<[string, number, string, object]>([
    [
      'of the API',
      429,
      '{"error":{"message":"m","type":"t","param":null,"code":"insufficient_quota"}}',
      { kind: 'billing', message: 'm', type: 't', code: 'insufficient_quota' },
    ],
    [
      'of its usage limit',
      429,
      '{"error":{"type":"usage_limit_reached","message":"m","resets_in_seconds":5}}',
      { kind: 'rate-limit', retryAfter: 5 },
    ],
  ])('%s', (_name, status, body, wanted) => {
    expect(codec.decodeError(status, body)).toMatchObject({ status, ...wanted });
  });
});
