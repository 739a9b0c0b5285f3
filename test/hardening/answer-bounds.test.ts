/** H1: nothing is allocated by a number of an upstream's; an answer beyond the bounds is a broken one. */
import { afterAll, describe, expect, test } from 'bun:test';
import { shippedBounds } from '../../src/config/bounds.ts';
import { usualAnswerBounds } from '../../src/protocols/answer-bounds.ts';
import { isProtocolError } from '../../src/protocols/codec.ts';
import type { JsonObject } from '../../src/protocols/json.ts';
import type { Protocol } from '../../src/protocols/model.ts';
import { codecs } from '../../src/protocols/registry.ts';
import type { Request } from '../../src/protocols/request.ts';
import { readStream } from '../codec-runs.ts';
import { callOf, calls, jsonOf, post, send } from '../gateway/calls.ts';
import { startUpstream } from '../gateway/upstream.ts';
import { everyUpstream, modelOver, oneUpstream, startTested } from '../gateway-harness.ts';
import { text, user } from '../messages.ts';

const far = [4_294_967_295, 4_000_000, 4096] as const;
const { items, nesting } = usualAnswerBounds;
const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const many = <T>(count: number, one: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => one(at));

/** Events of a stream of each protocol that begins well, up to what is wrong with it. */
/** One text in an answer, of more values than its length allows. */
const dense = `{"x":[${'{},'.repeat(300_000)}1]}`;

const streams: [string, Protocol, (string | JsonObject)[]][] = [
  ...far.flatMap((index): [string, Protocol, (string | JsonObject)[]][] => [
    [
      `choice ${index}`,
      'openai-chat',
      [{ id: 'c', choices: [{ index, delta: { content: 'x' }, finish_reason: 'stop' }] }, '[DONE]'],
    ],
    [
      `output ${index}`,
      'openai-responses',
      [
        { type: 'response.created', response: { id: 'r' } },
        { type: 'response.output_text.delta', output_index: index, content_index: 0, delta: 'x' },
      ],
    ],
    [
      `content ${index}`,
      'openai-responses',
      [
        { type: 'response.created', response: { id: 'r' } },
        { type: 'response.output_text.delta', output_index: 0, content_index: index, delta: 'x' },
      ],
    ],
    ...(['summary', 'content'] as const).map((place): [string, Protocol, JsonObject[]] => [
      `${place} ${index} of thinking`,
      'openai-responses',
      [
        { type: 'response.created', response: { id: 'r' } },
        {
          type:
            place === 'summary' ? 'response.reasoning_summary_text.delta' : 'response.reasoning_text.delta',
          output_index: 0,
          [`${place}_index`]: index,
          delta: 'x',
        },
      ],
    ]),
    [
      `item ${index}`,
      'openai-responses',
      [
        { type: 'response.created', response: { id: 'r' } },
        {
          type: 'response.output_item.done',
          output_index: index,
          item: { type: 'function_call', call_id: 'c', name: 'f' },
        },
      ],
    ],
    [
      `block ${index}`,
      'anthropic-messages',
      [
        { type: 'message_start', message: { id: 'm' } },
        { type: 'content_block_start', index, content_block: { type: 'text', text: '' } },
      ],
    ],
    [
      'candidate',
      'gemini',
      [{ candidates: [{ index, content: { parts: [{ text: 'x' }] }, finishReason: 'STOP' }] }],
    ],
    ...['$.a[0]', '$.b'].map((first): [string, Protocol, JsonObject[]] => [
      `argument ${index} behind ${first}`,
      'gemini',
      [
        partial({ jsonPath: first, stringValue: 'x' }, 'f'),
        partial({ jsonPath: `$.a[${index}]`, stringValue: 'x' }),
      ],
    ]),
    [
      `argument .${index}`,
      'gemini',
      [
        partial({ jsonPath: '$.a[0]', stringValue: 'x' }, 'f'),
        partial({ jsonPath: `$.a.${index}`, stringValue: 'x' }),
      ],
    ],
  ]),
  [
    'many lists that begin late',
    'gemini',
    many(20, (at) => partial({ jsonPath: `$.a${at}[4000]`, stringValue: 'x' })),
  ],
  [
    'lists in lists that begin late',
    'gemini',
    [partial({ jsonPath: `$.a${'[4000]'.repeat(100)}`, stringValue: 'x' })],
  ],
  ['deep paths', 'gemini', [partial({ jsonPath: `$${'.a'.repeat(nesting + 1)}`, stringValue: 'x' })]],
  [
    'many thoughts that begin late',
    'openai-responses',
    many(20, (at) => ({
      type: 'response.reasoning_text.delta',
      output_index: at,
      content_index: 4000,
      delta: 'x',
    })),
  ],
  [
    'calls without end',
    'openai-chat',
    [
      {
        id: 'c',
        choices: [
          {
            index: 0,
            delta: {
              tool_calls: many(20_000, (at) => ({ index: at, id: `c${at}`, function: { name: 'f' } })),
            },
          },
        ],
      },
    ],
  ],
  [
    'calls without names',
    'openai-chat',
    [
      {
        id: 'c',
        choices: [{ index: 0, delta: { tool_calls: many(20_000, (at) => ({ index: at, id: `c${at}` })) } }],
      },
    ],
  ],
  [
    'items without end',
    'openai-responses',
    many(items + 1, (at) => ({
      type: 'response.output_item.added',
      item: { type: 'message', id: `m${at}` },
    })),
  ],
  [
    'blocks without end',
    'anthropic-messages',
    [
      { type: 'message_start', message: { id: 'm' } },
      ...many(items + 1, () => ({
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'text', text: 'x' },
      })),
    ],
  ],
  [
    'parts without end',
    'gemini',
    [
      {
        candidates: [{ content: { parts: many(items + 1, (at) => ({ functionCall: { name: `f${at}` } })) } }],
      },
    ],
  ],
  [
    'arguments of many values',
    'openai-chat',
    [
      chatCall(dense.slice(0, 500_000)),
      chatCall(dense.slice(500_000)),
      { id: 'c', choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
    ],
  ],
  [
    'calls of many values together',
    'openai-responses',
    many(3, (at) => ({
      type: 'response.output_item.done',
      output_index: at,
      item: {
        ...{ type: 'function_call', id: `fc${at}`, call_id: `c${at}`, name: 'f', status: 'completed' },
        arguments: dense.replaceAll('{},{},{},', '{},'),
      },
    })),
  ],
  [
    'input of many values',
    'anthropic-messages',
    [
      { type: 'message_start', message: { id: 'm' } },
      {
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'tool_use', id: 't', name: 'f', input: {} },
      },
      {
        type: 'content_block_delta',
        index: 0,
        delta: { type: 'input_json_delta', partial_json: dense },
      },
      { type: 'content_block_stop', index: 0 },
    ],
  ],
  [
    'deep',
    'openai-chat',
    [`{"id":"c","choices":[{"index":0,"delta":{"content":"x"},"x":${deep(100_000)}}]}`],
  ],
  ['deep', 'openai-responses', [`{"type":"response.created","response":{"id":"r","x":${deep(100_000)}}}`]],
  ['deep', 'anthropic-messages', [`{"type":"message_start","message":{"id":"m","x":${deep(100_000)}}}`]],
  ['deep', 'gemini', [`{"candidates":[{"content":{"parts":[{"text":"x"}]},"x":${deep(100_000)}}]}`]],
];

function chatCall(input: string): JsonObject {
  const call = { index: 0, id: 't', type: 'function', function: { name: 'f', arguments: input } };
  return { id: 'c', choices: [{ index: 0, delta: { tool_calls: [call] } }] };
}

function partial(piece: JsonObject, name?: string): JsonObject {
  const functionCall = { ...(name && { name }), partialArgs: [piece], willContinue: true };
  return { candidates: [{ content: { parts: [{ functionCall }] } }] };
}

const wholes: [string, Protocol, JsonObject][] = [
  [
    'choices',
    'openai-chat',
    { id: 'c', choices: many(items + 1, (index) => ({ index, message: { content: 'x' } })) },
  ],
  [
    'calls',
    'openai-chat',
    {
      id: 'c',
      choices: [
        {
          message: {
            tool_calls: many(items + 1, (at) => ({ id: `${at}`, function: { name: 'f', arguments: '{}' } })),
          },
        },
      ],
    },
  ],
  [
    'values in the arguments of a call',
    'openai-chat',
    {
      id: 'c',
      choices: [{ message: { tool_calls: [{ id: 't', function: { name: 'f', arguments: dense } }] } }],
    },
  ],
  [
    'values in the arguments of its calls together',
    'openai-responses',
    {
      id: 'r',
      status: 'completed',
      output: many(3, (at) => ({
        ...{ type: 'function_call', id: `fc${at}`, call_id: `c${at}`, name: 'f', status: 'completed' },
        arguments: dense.replaceAll('{},{},{},', '{},'),
      })),
    },
  ],
  [
    'items',
    'openai-responses',
    { id: 'r', status: 'completed', output: many(items + 1, () => ({ type: 'message', content: [] })) },
  ],
  [
    'blocks',
    'anthropic-messages',
    { id: 'm', content: many(items + 1, () => ({ type: 'text', text: 'x' })) },
  ],
  [
    'candidates',
    'gemini',
    { candidates: many(items + 1, () => ({ content: { parts: [] }, finishReason: 'STOP' })) },
  ],
  ['parts', 'gemini', { candidates: [{ content: { parts: many(items + 1, () => ({ text: 'x' })) } }] }],
  [
    'levels',
    'openai-chat',
    { id: 'c', choices: [{ message: { content: 'x' } }], x: JSON.parse(deep(100_000)) },
  ],
  ['levels', 'openai-responses', { id: 'r', output: [], x: JSON.parse(deep(100_000)) }],
  ['levels', 'anthropic-messages', { id: 'm', content: [], x: JSON.parse(deep(100_000)) }],
  [
    'levels',
    'gemini',
    { candidates: [{ content: { parts: [{ text: 'x' }] } }], x: JSON.parse(deep(100_000)) },
  ],
];

const request: Request = { model: 'm', stream: true, messages: [user(text('Hello'))] };

function sse(events: readonly (string | JsonObject)[]): string {
  return events
    .map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`)
    .join('');
}

test('H1: what codecs take of an answer is what the configuration says where it says nothing', () => {
  expect(usualAnswerBounds).toEqual({
    items: shippedBounds['answer-items'],
    nesting: shippedBounds.nesting,
    values: shippedBounds['answer-values'],
  });
});

test.each(streams)('H1: a stream with %s of %s ends in an error, and soon', (_, protocol, events) => {
  const read = readStream(codecs[protocol], sse(events), request);
  expect(read.at(-1)).toMatchObject({ type: 'error', error: { status: 502, code: 'invalid_response' } });
  expect(read.length).toBeLessThan(4 * items);
});

test.each(wholes)('H1: an answer with too many %s of %s is broken', (_, protocol, body) => {
  const read = codecs[protocol].decodeResponse(body, { request });
  expect(isProtocolError(read) && [read.status, read.code]).toEqual([502, 'invalid_response']);
});

test('H1: as many as are allowed are taken, and places up to there', () => {
  const wire = sse([
    { id: 'c', choices: [{ index: items - 1, delta: { content: 'x' }, finish_reason: 'stop' }] },
    '[DONE]',
  ]);
  expect(readStream(codecs['openai-chat'], wire, request).at(-1)).toEqual({ type: 'end' });
  const content = many(items, () => ({ type: 'text', text: 'x' }));
  const read = codecs['anthropic-messages'].decodeResponse({ id: 'm', content }, { request });
  expect(!isProtocolError(read) && read.parts.length).toBe(items);
});

test('H1: bounds that are given count', () => {
  const body = { id: 'm', content: many(3, () => ({ type: 'text', text: 'x' })) };
  const read = (most: number) =>
    codecs['anthropic-messages'].decodeResponse(body, {
      request,
      bounds: { ...usualAnswerBounds, items: most },
    });
  expect(isProtocolError(read(2))).toBe(true);
  expect(isProtocolError(read(3))).toBe(false);
});

// ---------------------------------------------------------------- through the gateway

let answer: { type: string; body: string } = { type: '', body: '' };
const upstream = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: () => new Response(answer.body, { headers: { 'content-type': answer.type } }),
});
const gateway = await startTested({
  ...everyUpstream(`http://127.0.0.1:${upstream.port}`, (protocol) => [
    { name: 'm', alias: modelOver[protocol] },
  ]),
  'disable-cooling': true,
  'request-retry': 0,
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream.stop(true);
});

describe.each(calls)('$protocol', (call) => {
  const foreign = ([, protocol]: [string, Protocol, unknown]): boolean => protocol !== call.protocol;

  test.each(streams.filter(foreign))(
    'H1: %s of a stream of %s is an error of its clients',
    async (_, protocol, events) => {
      answer = { type: 'text/event-stream', body: sse(events) };
      for (const stream of [false, true]) {
        const before = process.memoryUsage.rss();
        const response = await send(gateway.url, call, { model: modelOver[protocol], stream });
        const said = await response.text();
        expect(response.status === 502 || (stream && said.includes('error'))).toBe(true);
        expect(process.memoryUsage.rss() - before).toBeLessThan(300 * 1024 * 1024);
      }
    },
  );

  test.each(wholes.filter(foreign))('H1: too many %s of %s are a 502', async (_, protocol, body) => {
    answer = { type: 'application/json', body: JSON.stringify({ ...body, x: 0 }) };
    if ('x' in body) answer.body = answer.body.replace(/"x":0\}$/, `"x":${deep(100_000)}}`);
    for (const stream of [false, true]) {
      const response = await send(gateway.url, call, { model: modelOver[protocol], stream });
      expect(response.status).toBe(502);
      expect(call.errorOf(await jsonOf(response)).message).toContain('bounds.');
    }
  });
});

test('H1: the bounds of the configuration count', async () => {
  answer = {
    type: 'application/json',
    body: JSON.stringify({ id: 'm', content: many(3, () => ({ type: 'text', text: 'x' })) }),
  };
  const provider = everyUpstream(`http://127.0.0.1:${upstream.port}`, (protocol) => [
    { name: 'm', alias: modelOver[protocol] },
  ]);
  for (const [most, status] of [
    [2, 502],
    [3, 200],
  ]) {
    await using own = await startTested({ ...provider, bounds: { 'answer-items': most } });
    const model = modelOver['anthropic-messages'];
    expect((await send(own.url, callOf('openai-chat'), { model })).status).toBe(status ?? 0);
  }
});

describe('H4: an answer that the older completions are made of', () => {
  const choice = '{"index":0,"message":{"content":"x"},"delta":{"content":"x"},"finish_reason":"stop"}';
  const tooMuch: [string, string][] = [
    ['choices', `{"id":"c","choices":[${many(5000, () => choice).join()}]}`],
    ['values', `{"id":"c","x":[${many(1_200_000, () => '{}').join()}],"choices":[${choice}]}`],
  ];
  const asked = (stream: boolean): JsonObject => ({ model: 'm', prompt: 'x', ...(stream && { stream }) });

  async function completed(body: string, stream: boolean, isStream: boolean) {
    const type = isStream ? 'text/event-stream' : 'application/json';
    const written = isStream ? `data: ${body}\n\ndata: [DONE]\n\n` : body;
    using upstream = startUpstream(() => new Response(written, { headers: { 'content-type': type } }));
    await using gateway = await startTested({
      ...oneUpstream('openai-chat', upstream.url, [{ name: 'm', alias: 'm' }]),
      'request-retry': 0,
    });
    const response = await post(`${gateway.url}/v1/completions`, asked(stream));
    return { status: response.status, text: await response.text() };
  }

  test.each(tooMuch)('of too many %s is a broken one', async (_, body) => {
    const { status, text } = await completed(body, false, false);
    expect(status).toBe(502);
    expect(text).toContain('(bounds.answer-');
    expect(text.length).toBeLessThan(1000);
  });

  test.each(tooMuch)('of too many %s ends a stream with an error', async (_, body) => {
    const { text } = await completed(body, true, true);
    expect(text).toContain('(bounds.answer-');
    expect(text.length).toBeLessThan(2000);
  });
});
