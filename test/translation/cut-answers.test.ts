/** Answers that ended early: what of them clients may run, and what they may not. */
import { describe, expect, test } from 'bun:test';
import type { StreamEvent } from '../../src/protocols/answer.ts';
import { type EncodeContext, type Loss, lossesInto } from '../../src/protocols/codec.ts';
import { isCutJson } from '../../src/protocols/cut-call.ts';
import { type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asArray, asObject, asObjects } from '../../src/protocols/json-members.ts';
import type { Protocol } from '../../src/protocols/model.ts';
import { codecs } from '../../src/protocols/registry.ts';
import type { Request } from '../../src/protocols/request.ts';
import { answerOf, folded, readStream, writeStream } from '../codec-runs.ts';

const cutInput = '{"path":"a","content":"unfin';
const wholeInput = '{"path":"b"}';

const request: Request = {
  model: 'm',
  stream: true,
  messages: [],
  tools: [
    { type: 'function', name: 'write' },
    { type: 'function', name: 'read' },
    { type: 'custom', name: 'patch' },
  ],
};

/** What an upstream says that was cut: text, a whole call and one that is not. */
interface Cut {
  finish: 'length' | 'tool_calls';
  input: string;
}

const chatChunks = ({ finish, input }: Cut): JsonObject[] =>
  [
    { delta: { role: 'assistant', content: 'I write:' } },
    {
      delta: {
        tool_calls: [
          { index: 0, id: 't0', type: 'function', function: { name: 'read', arguments: wholeInput } },
        ],
      },
    },
    {
      delta: {
        tool_calls: [{ index: 1, id: 't1', type: 'function', function: { name: 'write', arguments: input } }],
      },
    },
    { delta: {}, finish_reason: finish },
  ].map((choice) => ({
    id: 'c',
    object: 'chat.completion.chunk',
    model: 'x',
    choices: [{ index: 0, ...choice }],
  }));

const responsesItems = (input: string): JsonObject[] => [
  {
    type: 'message',
    id: 'm1',
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text: 'I write:', annotations: [] }],
  },
  {
    type: 'function_call',
    id: 'f0',
    call_id: 't0',
    name: 'read',
    arguments: wholeInput,
    status: 'completed',
  },
  { type: 'function_call', id: 'f1', call_id: 't1', name: 'write', arguments: input, status: 'incomplete' },
];

const claudeEvents = ({ finish, input }: Cut): JsonObject[] => [
  { type: 'message_start', message: { id: 'm', model: 'x', usage: { input_tokens: 1, output_tokens: 1 } } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'I write:' } },
  { type: 'content_block_stop', index: 0 },
  {
    type: 'content_block_start',
    index: 1,
    content_block: { type: 'tool_use', id: 't0', name: 'read', input: {} },
  },
  { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: wholeInput } },
  { type: 'content_block_stop', index: 1 },
  {
    type: 'content_block_start',
    index: 2,
    content_block: { type: 'tool_use', id: 't1', name: 'write', input: {} },
  },
  ...(input === ''
    ? []
    : [{ type: 'content_block_delta', index: 2, delta: { type: 'input_json_delta', partial_json: input } }]),
  { type: 'content_block_stop', index: 2 },
  {
    type: 'message_delta',
    delta: { stop_reason: finish === 'length' ? 'max_tokens' : 'tool_use' },
    usage: { output_tokens: 5 },
  },
  { type: 'message_stop' },
];

const sse = (events: JsonObject[]): string =>
  events
    .map(
      (event) =>
        `${event.type === undefined ? '' : `event: ${event.type}\n`}data: ${JSON.stringify(event)}\n\n`,
    )
    .join('');

/** The canonical events of a stream of each upstream. */
const upstreams: [Protocol, (cut: Cut) => StreamEvent[]][] = [
  [
    'openai-chat',
    (cut) => readStream(codecs['openai-chat'], `${sse(chatChunks(cut))}data: [DONE]\n\n`, request),
  ],
  ['anthropic-messages', (cut) => readStream(codecs['anthropic-messages'], sse(claudeEvents(cut)), request)],
  [
    'openai-responses',
    ({ finish, input }) =>
      readStream(
        codecs['openai-responses'],
        sse([
          {
            type: 'response.created',
            response: { id: 'r', object: 'response', status: 'in_progress', model: 'x' },
          },
          {
            type: finish === 'length' ? 'response.incomplete' : 'response.completed',
            response: {
              id: 'r',
              object: 'response',
              status: finish === 'length' ? 'incomplete' : 'completed',
              incomplete_details: finish === 'length' ? { reason: 'max_output_tokens' } : null,
              output: responsesItems(input),
            },
          },
        ]),
        request,
      ),
  ],
];

const cases = upstreams.flatMap(([name, read]) =>
  (['length', 'tool_calls'] as const).flatMap((finish) =>
    [cutInput, ...(finish === 'length' ? [''] : [])].map(
      (input): [string, string, string, () => StreamEvent[]] => [
        name,
        finish,
        input,
        () => read({ finish, input }),
      ],
    ),
  ),
);

/** The event in a line of a stream. */
function dataOf(line: string): JsonObject[] {
  return asObjects(parseJson(line.slice('data: '.length)));
}

function context(losses: Loss[] = []): EncodeContext {
  return {
    request,
    model: 'm',
    unixSeconds: () => 1,
    newId: (prefix) => `${prefix}_1`,
    report: lossesInto(losses),
  };
}

/** What a client of the protocol gets, streamed and whole. */
function told(
  client: Protocol,
  events: StreamEvent[],
  losses: Loss[] = [],
): { events: JsonObject[]; whole: JsonObject } {
  // What the upstream's own protocol put by is left out: the answer is translated.
  const foreign: StreamEvent[] = JSON.parse(
    JSON.stringify(events, (key, value) => (key === 'extra' ? undefined : value)),
  );
  const text = writeStream(codecs[client], foreign, context(losses));
  return {
    events: text.split('\n').flatMap(dataOf),
    whole: codecs[client].encodeResponse(folded(foreign), context(losses)),
  };
}

describe.each(cases)('a call cut over %s (%s, "%s")', (_upstream, _finish, input, read) => {
  test('A6: a Responses client gets that item alone as incomplete', () => {
    const { events, whole } = told('openai-responses', read());
    const done = events
      .filter(({ type }) => type === 'response.output_item.done')
      .flatMap(({ item }) => asObjects(item));
    const last = asObject(events.at(-1)?.response);
    expect(events.at(-1)?.type).toBe('response.incomplete');
    for (const items of [done, asArray(last?.output), asArray(whole.output)]) {
      expect(asObjects(items).map(({ type, status }) => [type, status])).toEqual([
        ['message', 'completed'],
        ['function_call', 'completed'],
        ['function_call', 'incomplete'],
      ]);
      // Claude begins each input as an empty object.
      expect([input, '{}']).toContain(String(asObjects(items).at(-1)?.arguments));
    }
    for (const response of [last, whole])
      expect(response).toMatchObject({
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
      });
  });

  test('A20: a Claude client gets the answer without the call', () => {
    const losses: Loss[] = [];
    const { events, whole } = told('anthropic-messages', read(), losses);
    const blocks = events.flatMap(({ content_block }) => asObjects(content_block));
    for (const content of [blocks, asObjects(whole.content)])
      expect(content.map(({ type, name }) => name ?? type)).toEqual(['text', 'read']);
    expect(whole.stop_reason).toBe('max_tokens');
    expect(events.find(({ type }) => type === 'message_delta')).toMatchObject({
      delta: { stop_reason: 'max_tokens' },
    });
    expect(losses.map(({ field }) => field)).toEqual(['tool_use.write', 'tool_use.write']);
  });

  test('A20: a Chat client gets the call as it came, with length', () => {
    const { events, whole } = told('openai-chat', read());
    const [choice] = asObjects(whole.choices);
    expect(choice?.finish_reason).toBe('length');
    expect(JSON.stringify(asObject(choice?.message)?.tool_calls)).toContain(
      input === '' ? 'write' : JSON.stringify(input),
    );
    expect(
      events.flatMap(({ choices }) => asObjects(choices)).findLast((one) => one.finish_reason),
    ).toMatchObject({
      finish_reason: 'length',
    });
  });
});

const start: StreamEvent = { type: 'start', id: 'x', model: 'u' };
const early: StreamEvent[] = [{ type: 'finish', finish: { reason: 'content-filter' } }, { type: 'end' }];
const failed: StreamEvent[] = [{ type: 'error', error: { status: 502, kind: 'server', message: 'broken' } }];
const begun: [string, StreamEvent[]][] = [
  [
    'message',
    [
      { type: 'part-start', index: 1, part: { type: 'text', text: '' } },
      { type: 'delta', index: 1, text: 'Hel' },
    ],
  ],
  [
    'reasoning',
    [
      { type: 'part-start', index: 1, part: { type: 'reasoning', text: '' } },
      { type: 'delta', index: 1, text: 'Hm' },
    ],
  ],
  [
    'function_call',
    [
      {
        type: 'part-start',
        index: 1,
        part: { type: 'tool-call', id: 'c', name: 'write', kind: 'function', input: '' },
      },
      { type: 'delta', index: 1, text: cutInput },
    ],
  ],
  [
    'custom_tool_call',
    [
      {
        type: 'part-start',
        index: 1,
        part: { type: 'tool-call', id: 'c', name: 'patch', kind: 'custom', input: '' },
      },
      { type: 'delta', index: 1, text: '*** Begin' },
    ],
  ],
];

describe.each(begun)('A6: a %s that is open', (type, parts) => {
  const call: StreamEvent[] = [
    {
      type: 'part-start',
      index: 0,
      part: { type: 'tool-call', id: 'a', name: 'read', kind: 'function', input: '{}' },
    },
    { type: 'part-end', index: 0 },
  ];
  test.each([
    [
      'at an early end',
      [{ type: 'part-end', index: 1, ...(type.includes('call') && { cut: true }) } as const, ...early],
    ],
    ['at an early end that does not name it', early],
    ['at a failure', failed],
  ])('%s is incomplete, the item before it is not', (_when, end) => {
    const text = writeStream(codecs['openai-responses'], [start, ...call, ...parts, ...end], context());
    const events = text.split('\n').flatMap(dataOf);
    const items = asObjects(asObject(events.at(-1)?.response)?.output);
    expect(items.map((item) => [item.type, item.status])).toEqual([
      ['function_call', 'completed'],
      [type, 'incomplete'],
    ]);
  });
  test('in a whole answer is incomplete', () => {
    const [first] = parts;
    if (first?.type !== 'part-start' || !('type' in first.part)) throw new Error('a part begins');
    const part =
      first.part.type === 'tool-call'
        ? { ...first.part, input: 'x', cut: true }
        : { ...first.part, text: 'x' };
    const whole = codecs['openai-responses'].encodeResponse(
      {
        id: 'x',
        model: 'u',
        parts: [{ type: 'text', text: 'ok' }, ...(part.type === 'text' ? [] : [part])],
        finish: { reason: 'length' },
      },
      context(),
    );
    const states = asObjects(whole.output).map(({ status }) => status);
    expect(states).toEqual(part.type === 'text' ? ['incomplete'] : ['completed', 'incomplete']);
  });
});

test('A20: a call of a custom tool that the end of the answer cut is one', () => {
  const events = readStream(
    codecs['anthropic-messages'],
    sse([
      ...claudeEvents({ finish: 'length', input: '' }).slice(0, 4),
      {
        type: 'content_block_start',
        index: 1,
        content_block: { type: 'tool_use', id: 't', name: 'patch', input: {} },
      },
      {
        type: 'content_block_delta',
        index: 1,
        delta: { type: 'input_json_delta', partial_json: '{"input":"*** Beg' },
      },
      { type: 'content_block_stop', index: 1 },
      { type: 'message_delta', delta: { stop_reason: 'max_tokens' }, usage: { output_tokens: 5 } },
      { type: 'message_stop' },
    ]),
    request,
  );
  expect(folded(events).parts.at(-1)).toMatchObject({ kind: 'custom', input: '*** Beg', cut: true });
});

test('A20: a whole call before an early end is offered', () => {
  const response = answerOf(
    codecs['openai-chat'].decodeResponse(
      {
        id: 'c',
        model: 'x',
        choices: [
          {
            index: 0,
            finish_reason: 'length',
            message: {
              role: 'assistant',
              content: null,
              tool_calls: [{ id: 't', type: 'function', function: { name: 'read', arguments: wholeInput } }],
            },
          },
        ],
      },
      { request },
    ),
  );
  expect(asObjects(codecs['anthropic-messages'].encodeResponse(response, context()).content)).toMatchObject([
    { type: 'tool_use', input: { path: 'b' } },
  ]);
});

test('A20: tools of Claude clients that want input as it comes get it so', () => {
  const eager: Request = {
    ...request,
    tools: [
      {
        type: 'function',
        name: 'write',
        extra: { protocol: 'anthropic-messages', fields: { eager_input_streaming: true } },
      },
    ],
  };
  const encoder = codecs['anthropic-messages'].streamEncoder({ ...context(), request: eager });
  encoder.encode(start);
  encoder.encode({
    type: 'part-start',
    index: 0,
    part: { type: 'tool-call', id: 'c', name: 'write', kind: 'function', input: '' },
  });
  expect(encoder.encode({ type: 'delta', index: 0, text: '{"a"' })).toContain('input_json_delta');
});

test('A20: while a call is held the client gets a ping now and then', () => {
  let now = 100;
  const encoder = codecs['anthropic-messages'].streamEncoder({ ...context(), unixSeconds: () => now });
  encoder.encode(start);
  encoder.encode({
    type: 'part-start',
    index: 0,
    part: { type: 'tool-call', id: 'c', name: 'write', kind: 'function', input: '' },
  });
  const more = (): string => encoder.encode({ type: 'delta', index: 0, text: ' ' });
  expect(more()).toBe('');
  now += 20;
  expect([more(), more()]).toEqual(['event: ping\ndata: {"type":"ping"}\n\n', '']);
});

test.each([
  ['{"a":"b', true],
  ['{"a":"b\\"}', true],
  ['{"a":[1,', true],
  ['{"a":1}', false],
  ["{'a': 1}", false],
  ['not json', false],
  ['{"a":"\\\\"}', false],
])('A20: %s is cut: %s', (text, cut) => {
  expect(isCutJson(text)).toBe(cut);
});
