import { describe, expect, test } from 'bun:test';
import type { Response, StreamEvent } from '../answer.ts';
import { type EncodeContext, isProtocolError } from '../codec.ts';
import { foldEvents } from '../fold.ts';
import type { JsonObject } from '../json.ts';
import type { Request } from '../request.ts';
import { openaiChat as codec } from './index.ts';

const request: Request = { model: 'm', stream: true, messages: [] };
const contextFor = (asked: Request): EncodeContext => ({
  request: asked,
  model: 'm',
  unixSeconds: () => 7,
  newId: (prefix) => `${prefix}_new`,
});

/** The events for the given chunks, which all get an id; `end` tells that the bytes have ended. */
function eventsOf(chunks: readonly (JsonObject | string)[], asked = request, end = true): StreamEvent[] {
  const events: StreamEvent[] = [];
  const decoder = codec.streamDecoder({ request: asked });
  const emit = (event: StreamEvent): void => {
    events.push(event);
  };
  for (const chunk of chunks) {
    const data = typeof chunk === 'string' ? chunk : JSON.stringify({ id: 'x', model: 'up', ...chunk });
    decoder.decode({ event: undefined, data }, emit);
  }
  if (end) decoder.end(emit);
  return events;
}

function answerOf(events: readonly StreamEvent[]): Response {
  const fold = foldEvents();
  for (const event of events) fold.push(event);
  const result = fold.result();
  if (isProtocolError(result)) throw new Error(result.message);
  return result;
}

const delta = (value: JsonObject, finish_reason: string | null = null): JsonObject => ({
  choices: [{ index: 0, delta: value, finish_reason }],
});
const piece = (value: JsonObject): JsonObject => delta({ tool_calls: [value] });
const done = [delta({}, 'stop'), '[DONE]'];

describe('a stream of a compatible server', () => {
  test('ends well without [DONE] once it said why it ended', () => {
    expect(eventsOf([delta({ content: 'a' }), delta({}, 'stop')]).at(-1)).toEqual({ type: 'end' });
  });

  test('that breaks off before does not end', () => {
    expect(eventsOf([delta({ content: 'a' })]).map(({ type }) => type)).not.toContain('end');
    expect(eventsOf([])).toEqual([]);
  });

  test('may say usage in every chunk: the last one counts', () => {
    const chunks = [1, 2, 3].map((n) => ({
      ...delta({ content: 'a' }),
      usage: { prompt_tokens: 9, completion_tokens: n, total_tokens: 9 + n },
    }));
    expect(answerOf(eventsOf([...chunks, ...done])).usage).toMatchObject({ input: 9, output: 3 });
  });

  test.each<[string, JsonObject[]]>([
    [
      'in pieces by index',
      [
        { index: 0, id: 'a', function: { name: 'f', arguments: '' } },
        { index: 1, id: 'b', function: { name: 'g', arguments: '' } },
        { index: 1, function: { arguments: '{"y":2}' } },
        { index: 0, function: { arguments: '{"x":1}' } },
      ],
    ],
    [
      'whole, without index',
      [
        { id: 'a', function: { name: 'f', arguments: '{"x":1}' } },
        { id: 'b', function: { name: 'g', arguments: '{"y":2}' } },
      ],
    ],
    [
      'whole, all with index 0 and no id',
      [
        { index: 0, id: '', function: { name: 'f', arguments: '{"x":1}' } },
        { index: 0, id: '', function: { name: 'g', arguments: '{"y":2}' } },
      ],
    ],
    [
      'with the id and the index in every piece',
      [
        { index: 0, id: 'a', function: { name: 'f', arguments: '{"x"' } },
        { index: 0, id: 'a', function: { arguments: ':1}' } },
        { index: 1, id: 'b', function: { name: 'g', arguments: '{"y":2}' } },
      ],
    ],
    [
      'with index 0 for all and ids of their own',
      [
        { index: 0, id: 'a', function: { name: 'f', arguments: '{"x":1}' } },
        { index: 0, id: 'b', function: { name: 'g', arguments: '{"y"' } },
        { index: 0, function: { arguments: ':2}' } },
      ],
    ],
    [
      'with an object for arguments',
      [
        { index: 0, id: 'a', function: { name: 'f', arguments: { x: 1 } } },
        { index: 1, id: 'b', function: { name: 'g', arguments: { y: 2 } } },
      ],
    ],
  ])('may send tool calls %s', (_, pieces) => {
    const { parts, finish } = answerOf(eventsOf([...pieces.map(piece), delta({}, 'tool_calls'), '[DONE]']));
    expect(parts).toMatchObject([
      { type: 'tool-call', name: 'f', input: '{"x":1}' },
      { type: 'tool-call', name: 'g', input: '{"y":2}' },
    ]);
    expect(new Set(parts.map((part) => part.type === 'tool-call' && part.id)).size).toBe(2);
    expect(finish.reason).toBe('tool-calls');
  });

  test.each<[string, JsonObject]>([
    ['reasoning_content', { reasoning_content: 'Hmm' }],
    ['reasoning', { reasoning: 'Hmm' }],
    ['reasoning_details', { reasoning_details: [{ type: 'reasoning.text', text: 'Hmm', index: 0 }] }],
    ['thinking parts', { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hmm' }] }] }],
  ])('may say thinking as %s', (_, said) => {
    const { parts } = answerOf(eventsOf([delta(said), delta({ content: 'Yes' }), ...done]));
    expect(parts).toMatchObject([
      { type: 'reasoning', text: 'Hmm' },
      { type: 'text', text: 'Yes' },
    ]);
  });

  test('that fails in the middle says so, and nothing after', () => {
    const events = eventsOf([
      delta({ content: 'a' }),
      { error: { message: 'Overloaded', code: 503 } },
      delta({ content: 'b' }),
      '[DONE]',
    ]);
    expect(events.at(-1)).toMatchObject({
      type: 'error',
      error: { status: 503, kind: 'overloaded', message: 'Overloaded' },
    });
  });

  test.each(['<html>', '[1]', '"text"'])('with the data %p has failed', (data) => {
    expect(eventsOf([delta({ content: 'a' }), data]).at(-1)).toMatchObject({
      type: 'error',
      error: { kind: 'server' },
    });
  });

  test('tells several answers apart', () => {
    const chunk = (index: number, content: string): JsonObject => ({
      choices: [{ index, delta: { content } }],
    });
    const starts = eventsOf([chunk(0, 'a'), chunk(1, 'b'), chunk(0, 'c'), '[DONE]']).filter(
      ({ type }) => type === 'part-start' || type === 'finish',
    );
    expect(starts.map((event) => 'choice' in event && event.choice)).toEqual([false, 1, false, 1]);
  });

  test('gives spoken answers whole', () => {
    const audio = (value: JsonObject): JsonObject => delta({ audio: value });
    const { parts } = answerOf(
      eventsOf([
        audio({ id: 'a', transcript: 'He' }),
        audio({ data: 'AAAA' }),
        audio({ data: 'AQ==', transcript: 'y' }),
        '[DONE]',
      ]),
    );
    expect(parts).toMatchObject([
      {
        type: 'audio',
        source: { kind: 'base64', mediaType: 'audio/wav', data: 'AAAAAQ==' },
        transcript: 'Hey',
      },
    ]);
  });

  test('gives calls of custom tools that went out as functions their free text back', () => {
    const asked: Request = { ...request, tools: [{ type: 'custom', name: 'patch' }] };
    const chunks = [
      piece({ index: 0, id: 'a', function: { name: 'patch', arguments: '{"inp' } }),
      piece({ index: 0, function: { arguments: 'ut":"a\\nb"}' } }),
      delta({}, 'tool_calls'),
      '[DONE]',
    ];
    expect(answerOf(eventsOf(chunks, asked)).parts).toMatchObject([
      { kind: 'custom', name: 'patch', input: 'a\nb' },
    ]);
  });
});

describe('finish reasons', () => {
  test.each([
    ['stop', 'stop'],
    ['eos', 'stop'],
    ['length', 'length'],
    ['MAX_TOKENS', 'length'],
    ['tool_calls', 'tool-calls'],
    ['function_call', 'tool-calls'],
    ['content_filter', 'content-filter'],
    ['mystery', 'other'],
  ])('%s is %s, and is kept as the server said it', (word, reason) => {
    const body = {
      id: 'x',
      choices: [{ message: { role: 'assistant', content: 'a' }, finish_reason: word }],
    };
    const decoded = codec.decodeResponse(body, { request });
    expect(decoded).toMatchObject({ finish: { reason, native: word } });
    if (isProtocolError(decoded)) return;
    expect(codec.encodeResponse(decoded, contextFor(request)).choices).toMatchObject([
      { finish_reason: word },
    ]);
  });

  test.each([
    ['pause', 'pause_turn', 'length'],
    ['stop-sequence', 'stop_sequence', 'stop'],
    ['other', 'RECITATION', 'stop'],
    ['content-filter', 'refusal', 'content_filter'],
  ] as const)('%s from elsewhere (%s) is %s for the client', (reason, native, word) => {
    const answer: Response = { id: 'x', model: 'm', parts: [], finish: { reason, native } };
    expect(codec.encodeResponse(answer, contextFor(request)).choices).toMatchObject([
      { finish_reason: word },
    ]);
  });
});

describe('a stream for a client', () => {
  const events: StreamEvent[] = [
    { type: 'start', id: 'x', model: 'up', created: 5 },
    { type: 'part-start', index: 0, part: { type: 'text', text: '' } },
    { type: 'delta', index: 0, text: 'Hi' },
    { type: 'part-end', index: 0 },
    { type: 'usage', usage: { input: 3, output: 1 } },
    { type: 'finish', finish: { reason: 'stop' } },
    { type: 'end' },
  ];
  const written = (asked: Request, told: readonly StreamEvent[]): string[] => {
    const encoder = codec.streamEncoder(contextFor(asked));
    return told
      .map((event) => encoder.encode(event))
      .join('')
      .split('\n\n')
      .slice(0, -1);
  };
  const head = '"id":"x","object":"chat.completion.chunk","created":5,"model":"m"';

  test('goes role, content, finish, usage if asked for, [DONE]', () => {
    expect(written({ ...request, includeUsage: true }, events)).toEqual([
      `data: {${head},"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}`,
      `data: {${head},"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}`,
      `data: {${head},"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`,
      `data: {${head},"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}`,
      'data: [DONE]',
    ]);
    expect(written(request, events).join('')).not.toContain('usage');
  });

  test('that fails ends with the error and without [DONE]', () => {
    const failure: StreamEvent = {
      type: 'error',
      error: { status: 529, kind: 'overloaded', message: 'Busy', type: 'overloaded_error' },
    };
    const lines = written(request, [...events.slice(0, 3), failure]);
    expect(lines.at(-1)).toBe(
      'data: {"error":{"message":"Busy","type":"overloaded_error","param":null,"code":null}}',
    );
  });

  test('of functions gets a function_call', () => {
    const asked = codec.decodeRequest(
      { messages: [], functions: [{ name: 'f' }] },
      { model: 'm', stream: true },
    );
    const call: StreamEvent[] = [
      events[0] ?? { type: 'end' },
      {
        type: 'part-start',
        index: 0,
        part: { type: 'tool-call', id: 'c', name: 'f', kind: 'function', input: '' },
      },
      { type: 'delta', index: 0, text: '{}' },
      { type: 'part-end', index: 0 },
      { type: 'finish', finish: { reason: 'tool-calls' } },
      { type: 'end' },
    ];
    const text = written(asked, call).join('');
    expect(text).toContain('{"function_call":{"name":"f","arguments":""}}');
    expect(text).toContain('{"function_call":{"arguments":"{}"}}');
    expect(text).toContain('"finish_reason":"function_call"');
  });
});

describe('an error of any shape', () => {
  test.each<[string, number, string, object]>([
    [
      'OpenAI',
      429,
      '{"error":{"message":"Slow down. Please try again in 1m2.5s.","type":"tokens","code":"rate_limit_exceeded","param":null}}',
      { kind: 'rate-limit', type: 'tokens', code: 'rate_limit_exceeded', retryAfter: 62.5 },
    ],
    [
      'milliseconds to wait',
      429,
      '{"error":{"message":"Please try again in 250ms."}}',
      { kind: 'rate-limit', retryAfter: 0.25 },
    ],
    [
      'no money',
      429,
      '{"error":{"message":"Pay","type":"insufficient_quota","code":"insufficient_quota"}}',
      { kind: 'billing' },
    ],
  ])('%s', (_, status, body, expected) => {
    expect(codec.decodeError(status, body)).toMatchObject({ status, ...expected });
  });

  test('inside a success is an error', () => {
    const decoded = codec.decodeResponse({ error: { message: 'No', code: 402 } }, { request });
    expect(decoded).toMatchObject({ status: 402, kind: 'billing', message: 'No' });
    expect(codec.decodeResponse({}, { request })).toMatchObject({ status: 502, kind: 'server' });
  });

  test("of Google gets OpenAI's words", () => {
    expect(
      codec.encodeError({
        status: 429,
        kind: 'rate-limit',
        message: 'Slow',
        type: 'RESOURCE_EXHAUSTED',
        code: '429',
      }),
    ).toEqual({ error: { message: 'Slow', type: 'rate_limit_error', param: null, code: '429' } });
  });
});
