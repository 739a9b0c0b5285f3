import { describe, expect, test } from 'bun:test';
import type { Response, StreamEvent } from '../answer.ts';
import { type DecodeContext, type EncodeContext, isProtocolError, type Loss, lossesInto } from '../codec.ts';
import { foldEvents } from '../fold.ts';
import { type JsonObject, parseJson } from '../json.ts';
import { asObject, asObjects } from '../json-members.ts';
import { codecs } from '../registry.ts';
import type { Request } from '../request.ts';
import { gemini as codec } from './index.ts';

const request: Request = { model: 'm', stream: true, messages: [{ role: 'user', parts: [] }] };
const asked: DecodeContext = { request };
const context: EncodeContext = {
  request,
  model: 'm',
  unixSeconds: () => 0,
  newId: (prefix) => `${prefix}_1`,
};

function decode(body: JsonObject): Response {
  const answer = codec.decodeResponse(body, asked);
  if (isProtocolError(answer)) throw new Error(answer.message);
  return answer;
}

function eventsOf(...chunks: (JsonObject | string)[]): StreamEvent[] {
  const events: StreamEvent[] = [];
  const decoder = codec.streamDecoder(asked);
  for (const chunk of chunks) {
    const data = typeof chunk === 'string' ? chunk : JSON.stringify(chunk);
    decoder.decode({ event: undefined, data }, (event) => events.push(event));
  }
  decoder.end((event) => events.push(event));
  return events;
}

const chunk = (parts: JsonObject[], more: JsonObject = {}): JsonObject => ({
  candidates: [{ content: { parts, role: 'model' }, index: 0, ...more }],
  responseId: 'r',
});

// ---------------------------------------------------------------- reading

describe('an answer of Gemini', () => {
  test.each([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content-filter'],
    ['RECITATION', 'content-filter'],
    ['PROHIBITED_CONTENT', 'content-filter'],
    ['BLOCKLIST', 'content-filter'],
    ['SPII', 'content-filter'],
    ['IMAGE_SAFETY', 'content-filter'],
    ['NO_IMAGE', 'content-filter'],
    ['MODEL_ARMOR', 'content-filter'],
    ['MALFORMED_FUNCTION_CALL', 'failed'],
    ['OTHER', 'failed'],
    ['A_NEW_REASON', 'other'],
  ])('that ended with %s ended with %s, and says %s to its own clients', (native, reason) => {
    const answer = decode(chunk([{ text: 'x' }], { finishReason: native }));
    expect<unknown>(answer.finish).toEqual({ reason, native });
    expect(asObjects(codec.encodeResponse(answer, context).candidates)[0]?.finishReason).toBe(native);
  });

  test('with calls ended to have tools called', () => {
    const body = chunk([{ functionCall: { name: 'f', args: {} } }], { finishReason: 'STOP' });
    expect(decode(body).finish).toEqual({ reason: 'tool-calls', native: 'STOP' });
  });

  test('gives calls without ids the same ids however often it is read, others in the next answer', () => {
    const body = chunk([{ functionCall: { name: 'f' } }, { functionCall: { name: 'f' } }]);
    const ids = (of: JsonObject): string[] =>
      decode(of).parts.map((part) => (part.type === 'tool-call' ? part.id : ''));
    expect(ids(body)).toEqual(ids(body));
    expect(new Set([...ids(body), ...ids({ ...body, responseId: 'r2' })]).size).toBe(4);
    const streamed = eventsOf(body).flatMap((event) =>
      event.type === 'part-start' && event.part.type === 'tool-call' ? [event.part.id] : [],
    );
    expect(streamed).toEqual(ids(body));
  });

  test('counts what tools brought in as input, and thoughts as output', () => {
    const usageMetadata = {
      promptTokenCount: 10,
      toolUsePromptTokenCount: 5,
      candidatesTokenCount: 3,
      thoughtsTokenCount: 4,
      cachedContentTokenCount: 6,
      totalTokenCount: 22,
    };
    expect(decode({ ...chunk([{ text: 'x' }]), usageMetadata }).usage).toMatchObject({
      input: 15,
      output: 7,
      cacheRead: 6,
      reasoning: 4,
    });
  });

  test('cites in UTF-16 units what Google counts in bytes', () => {
    const text = 'é👍 Paris is big.';
    const groundingMetadata = {
      groundingChunks: [{ web: { uri: 'https://a.test', title: 'A' } }, { web: { uri: 'https://b.test' } }],
      groundingSupports: [
        { segment: { startIndex: 7, endIndex: 12, text: 'Paris' }, groundingChunkIndices: [0] },
      ],
    };
    const answer = decode(chunk([{ text }], { groundingMetadata }));
    const citations = [{ url: 'https://a.test', title: 'A', start: 4, end: 9 }, { url: 'https://b.test' }];
    expect(answer.parts).toEqual([{ type: 'text', text, citations }]);
    expect(eventsOf(chunk([{ text }], { groundingMetadata }))).toContainEqual({
      type: 'citation',
      index: 0,
      citation: { url: 'https://a.test', title: 'A', start: 4, end: 9 },
    });
    const foreign = { ...answer, extra: undefined };
    expect(asObjects(codec.encodeResponse(foreign, context).candidates)[0]?.groundingMetadata).toEqual(
      groundingMetadata,
    );
  });

  test('whose prompt was refused is filtered', () => {
    const body = { promptFeedback: { blockReason: 'SAFETY' } };
    expect(decode(body).finish).toEqual({ reason: 'content-filter', native: 'SAFETY' });
    expect(eventsOf(body).map(({ type }) => type)).toEqual(['start', 'finish', 'end']);
  });

  test('that is an error is one', () => {
    const body = { error: { code: 503, message: 'Busy', status: 'UNAVAILABLE' } };
    expect(codec.decodeResponse(body, asked)).toMatchObject({
      status: 503,
      kind: 'overloaded',
      message: 'Busy',
    });
    expect(eventsOf(chunk([{ text: 'x' }]), body).at(-1)).toMatchObject({
      type: 'error',
      error: { status: 503, message: 'Busy' },
    });
    expect(eventsOf('<html>').at(-1)).toMatchObject({ type: 'error', error: { status: 502 } });
  });
});

describe('a stream of Gemini', () => {
  test('keeps choices apart', () => {
    const both = (texts: string[], more: JsonObject = {}): JsonObject => ({
      candidates: texts.map((text, index) => ({ content: { parts: [{ text }] }, index, ...more })),
    });
    const events = eventsOf(both(['a', 'b']), both(['c', 'd'], { finishReason: 'STOP' }));
    expect(
      events.flatMap((event) => (event.type === 'delta' ? [`${event.index} ${event.text}`] : [])),
    ).toEqual(['0 a', '1 b', '0 c', '1 d']);
    expect(events.flatMap((event) => (event.type === 'finish' ? [event.choice ?? 0] : []))).toEqual([0, 1]);
    const encoder = codec.streamEncoder(context);
    const written = events.map((event) => encoder.encode(event)).join('');
    const indexes = [...written.matchAll(/"index":(\d)/g)].map((match) => match[1]);
    expect(indexes).toEqual(['0', '1', '0', '1', '0', '1']);
  });

  test('signs the text that its signature comes behind', () => {
    const events = eventsOf(
      chunk([{ text: 'a' }]),
      chunk([{ text: '', thoughtSignature: 'c2ln' }], { finishReason: 'STOP' }),
    );
    expect(events.filter(({ type }) => type === 'part-start').length).toBe(1);
    expect(events).toContainEqual({
      type: 'signature',
      index: 0,
      signature: { family: 'gemini', value: 'c2ln' },
    });
  });

  test('that tells all arguments at once or piece by piece makes the same call', () => {
    const piece = (jsonPath: string, more: JsonObject): JsonObject =>
      chunk([{ functionCall: { partialArgs: [{ jsonPath, ...more }], willContinue: true } }]);
    const events = eventsOf(
      chunk([{ functionCall: { name: 'f', willContinue: true } }]),
      piece('$.a.b[0]', { stringValue: 'x', willContinue: true }),
      piece('$.a.b[0]', { stringValue: 'y' }),
      piece("$['c d']", { boolValue: false }),
      piece('$.n', { nullValue: 'NULL_VALUE' }),
      piece('$.__proto__.polluted', { numberValue: 1 }),
      chunk([{ functionCall: {} }], { finishReason: 'STOP' }),
    );
    const text = events.map((event) => (event.type === 'delta' ? event.text : '')).join('');
    expect(parseJson(text)).toEqual({ a: { b: ['xy'] }, 'c d': false, n: null });
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(events.at(-1)?.type).toBe('end');
  });
});

test.each([
  ['alone', [{ text: '', thoughtSignature: 's' }], ['reasoning']],
  ['behind a text', [{ text: 'Hi' }, { text: '', thoughtSignature: 's' }], ['text']],
  [
    'behind a call',
    [{ functionCall: { name: 'f' } }, { text: '', thoughtSignature: 's' }],
    ['tool-call', 'reasoning'],
  ],
  [
    'behind a thought',
    [
      { text: 'Hm', thought: true },
      { text: '', thoughtSignature: 's' },
    ],
    ['reasoning', 'reasoning'],
  ],
])('A25: an empty signed part %s makes no empty message', (_where, parts, types) => {
  const whole = decode(chunk(parts, { finishReason: 'STOP' })).parts;
  const streamed = eventsOf(
    ...parts.map((part) => chunk([part])),
    chunk([], { finishReason: 'STOP' }),
  ).flatMap((event) => (event.type === 'part-start' ? [event.part] : []));
  for (const read of [whole, streamed]) expect<string[]>(read.map(({ type }) => type)).toEqual(types);
  expect(whole.at(-1)).toMatchObject({ signature: { family: 'gemini', value: 's' } });
});

// ---------------------------------------------------------------- writing

describe('an answer for a client of Gemini', () => {
  function written(...events: StreamEvent[]): JsonObject[] {
    const encoder = codec.streamEncoder(context);
    return events
      .map((event) => encoder.encode(event))
      .join('')
      .split('\n\n')
      .filter((text) => text.length > 0)
      .map((text) => asObject(parseJson(text.replace(/^data: /, ''))) ?? {});
  }
  const partsOf = (chunks: JsonObject[]): JsonObject[] =>
    chunks.flatMap(({ candidates }) =>
      asObjects(candidates).flatMap(({ content }) => asObjects(asObject(content)?.parts)),
    );
  const start: StreamEvent = { type: 'start', id: 'x', model: 'y' };
  const call = { type: 'tool-call', id: 'call_1', name: 'f', kind: 'function', input: '' } as const;

  test.each([
    ['{"a": 1}', { a: 1 }],
    ['{\n"a": 1\n}', { a: 1 }],
    ['', {}],
    ['{"a":', { _raw: '{"a":' }],
    ['[1]', { _raw: '[1]' }],
  ])('with the arguments %j has args %j', (input, args) => {
    const chunks = written(
      start,
      { type: 'part-start', index: 0, part: call },
      { type: 'delta', index: 0, text: input },
      { type: 'part-end', index: 0 },
      { type: 'end' },
    );
    expect<unknown>(partsOf(chunks)).toEqual([
      { functionCall: { id: 'call_1', name: 'f', args } },
      { text: '' },
    ]);
    const whole = codec.encodeResponse(
      { id: 'x', model: 'y', parts: [{ ...call, input }], finish: { reason: 'tool-calls' } },
      context,
    );
    expect<unknown>(partsOf([whole])).toEqual([{ functionCall: { id: 'call_1', name: 'f', args } }]);
    const next = codec.decodeRequest(
      { contents: [{ role: 'model', parts: partsOf([whole]) }] },
      { model: 'm', stream: false },
    );
    const again = next.messages[0]?.parts[0];
    if ('_raw' in args) expect(again).toMatchObject({ input });
  });

  test('tells text at once, the reason and the usage last', () => {
    const chunks = written(
      start,
      { type: 'part-start', index: 0, part: { type: 'text', text: '' } },
      { type: 'delta', index: 0, text: 'Hi' },
      { type: 'part-end', index: 0 },
      { type: 'finish', finish: { reason: 'length' } },
      { type: 'usage', usage: { input: 3, output: 2, reasoning: 1, cacheRead: 1 } },
      { type: 'end' },
    );
    expect(chunks).toEqual([
      {
        candidates: [{ content: { parts: [{ text: 'Hi' }], role: 'model' }, index: 0 }],
        modelVersion: 'm',
        responseId: 'x',
      },
      {
        candidates: [
          { content: { parts: [{ text: '' }], role: 'model' }, finishReason: 'MAX_TOKENS', index: 0 },
        ],
        usageMetadata: {
          promptTokenCount: 3,
          candidatesTokenCount: 1,
          cachedContentTokenCount: 1,
          thoughtsTokenCount: 1,
          totalTokenCount: 5,
        },
        modelVersion: 'm',
        responseId: 'x',
      },
    ]);
  });

  test('that breaks off ends with the error', () => {
    const chunks = written(start, {
      type: 'error',
      error: { status: 429, kind: 'rate-limit', message: 'Slow down', retryAfter: 7 },
    });
    expect(chunks).toEqual([
      {
        error: {
          code: 429,
          message: 'Slow down',
          status: 'RESOURCE_EXHAUSTED',
          details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '7s' }],
        },
      },
    ]);
  });
});

describe('A20: a call that was cut', () => {
  const codec = codecs.gemini;
  const losses: Loss[] = [];
  const reporting = { ...context, report: lossesInto(losses) };
  const delta = (fn: JsonObject): JsonObject => ({ tool_calls: [{ index: 0, ...fn }] });
  const stream = [
    { id: 'c', choices: [{ index: 0, delta: { role: 'assistant', content: 'I write.' } }] },
    ...[{ id: 'x', function: { name: 'f', arguments: '{"a":"be' } }].map((fn) => ({
      id: 'c',
      choices: [{ index: 0, delta: delta(fn) }],
    })),
    { id: 'c', choices: [{ index: 0, delta: {}, finish_reason: 'length' }] },
    '[DONE]',
  ];

  test('reaches no client of Gemini, which reads MAX_TOKENS, and is reported', () => {
    const fold = foldEvents();
    const decoder = codecs['openai-chat'].streamDecoder(asked);
    const encoder = codec.streamEncoder(reporting);
    let wire = '';
    for (const chunk of stream) {
      const data = typeof chunk === 'string' ? chunk : JSON.stringify(chunk);
      decoder.decode({ event: undefined, data }, (event) => {
        fold.push(event);
        wire += encoder.encode(event);
      });
    }
    const whole = fold.result();
    if (isProtocolError(whole)) throw new Error(whole.message);
    for (const told of [wire, JSON.stringify(codec.encodeResponse(whole, reporting))]) {
      expect(told).not.toContain('functionCall');
      expect(told).toContain('"finishReason":"MAX_TOKENS"');
      expect(told).toContain('I write.');
    }
    expect(losses).toHaveLength(2);
  });

  test('of Vertex AI, whose arguments came in pieces, is cut for all clients', () => {
    const piece = { jsonPath: '$.a', stringValue: 'be', willContinue: true };
    const events: StreamEvent[] = [];
    const decoder = codec.streamDecoder(asked);
    for (const body of [
      chunk([{ functionCall: { name: 'f', willContinue: true } }]),
      chunk([{ functionCall: { partialArgs: [piece], willContinue: true } }]),
      chunk([], { finishReason: 'MAX_TOKENS' }),
    ])
      decoder.decode({ event: undefined, data: JSON.stringify(body) }, (event) => events.push(event));
    decoder.end((event) => events.push(event));
    expect(events).toContainEqual({ type: 'part-end', index: 0, cut: true });
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'finish', finish: { reason: 'length', native: 'MAX_TOKENS' } }),
    );
  });
});
