/** What every response object and event has, whoever the upstream was. */
import { describe, expect, test } from 'bun:test';
import { exchanges } from '../../../test/corpus.ts';
import type { StreamEvent } from '../answer.ts';
import { isObject, type JsonObject, parseJson } from '../json.ts';
import { asObject, asObjects } from '../json-members.ts';
import type { ErrorKind } from '../protocol-error.ts';
import { openaiResponses as codec } from './index.ts';
import { emptyAnswer } from './warm-up.ts';

const body = {
  input: 'hi',
  tools: [
    { type: 'function', name: 'f', parameters: { type: 'object', properties: {} } },
    { type: 'function', function: { name: 'g' } },
    {
      type: 'namespace',
      name: 'n',
      description: 'd',
      tools: [{ type: 'function', name: 'h', parameters: {} }],
    },
  ],
  tool_choice: { type: 'function', function: { name: 'g' } },
  text: { format: { type: 'json_schema', name: 'a', schema: {} } },
  presence_penalty: 0.5,
};
const context = {
  request: codec.decodeRequest(body, { model: 'm', stream: true }),
  model: 'm',
  unixSeconds: () => 1_790_000_000,
  newId: (prefix: string) => `${prefix}_1`,
};
const usage = { input: 2, output: 1 };

/** The responses in the events of a stream, by the events' types. */
function streamed(events: StreamEvent[]): Record<string, JsonObject> {
  const encoder = codec.streamEncoder(context);
  const lines = events
    .map((event) => encoder.encode(event))
    .join('')
    .split('\n');
  const found: Record<string, JsonObject> = {};
  for (const line of lines) {
    const event = asObject(parseJson(line.slice('data: '.length)));
    if (event === undefined) continue;
    found[String(event.type)] = asObject(event.response) ?? event;
  }
  return found;
}

const start: StreamEvent = { type: 'start', id: 'x', model: 'u' };
const text: StreamEvent[] = [
  { type: 'part-start', index: 0, part: { type: 'text', text: '' } },
  { type: 'delta', index: 0, text: 'ok' },
  { type: 'part-end', index: 0 },
  { type: 'usage', usage },
];
const ended = streamed([start, ...text, { type: 'finish', finish: { reason: 'stop' } }, { type: 'end' }]);
const cut = streamed([start, ...text, { type: 'finish', finish: { reason: 'length' } }, { type: 'end' }]);
const error = (kind: ErrorKind, code: string): StreamEvent => ({
  type: 'error',
  error: { status: 502, kind, message: 'broken', code },
});
const failed = streamed([start, ...text, error('server', '502')]);
const warm = emptyAnswer(body, 'resp_1', context);
const whole = codec.encodeResponse(
  { id: 'x', model: 'u', parts: [{ type: 'text', text: 'ok' }], finish: { reason: 'stop' }, usage },
  context,
);

const responses: [string, JsonObject | undefined, boolean][] = [
  ['a whole answer', whole, true],
  ['response.created', ended['response.created'], false],
  ['response.in_progress', ended['response.in_progress'], false],
  ['response.completed', ended['response.completed'], true],
  ['response.incomplete', cut['response.incomplete'], false],
  ['response.failed', failed['response.failed'], false],
  ['the beginning of a warm-up', asObject(warm[0]?.response), false],
  ['the end of a warm-up', asObject(warm[1]?.response), true],
];

/** In nearly all recorded answers of 2026, or required by the SDK's `Response` or by OpenResponses' `ResponseResource`. */
const always = [
  ...['id', 'object', 'created_at', 'completed_at', 'status', 'background', 'error', 'incomplete_details'],
  ...['instructions', 'model', 'output', 'parallel_tool_calls', 'service_tier', 'temperature', 'text'],
  ...['tool_choice', 'tools', 'top_p', 'truncation', 'usage', 'metadata', 'max_output_tokens', 'user'],
  ...[
    'max_tool_calls',
    'previous_response_id',
    'prompt_cache_key',
    'reasoning',
    'safety_identifier',
    'store',
  ],
  ...['top_logprobs', 'frequency_penalty', 'presence_penalty', 'prompt_cache_retention', 'access_programs'],
];

describe.each(responses)('A16: %s', (_name, response, completed) => {
  test('has every field that OpenAI sends', () => {
    expect(always.filter((field) => response?.[field] === undefined)).toEqual([]);
  });
  test('says when it was completed, if it was', () => {
    expect(response?.completed_at).toBe(completed ? 1_790_000_000 : null);
  });
  test('repeats the request with all fields of its tools', () => {
    expect(response).toMatchObject({
      presence_penalty: 0.5,
      frequency_penalty: 0,
      tools: [
        { type: 'function', name: 'f', description: null, strict: false },
        { type: 'function', name: 'g', description: null, parameters: null, strict: false },
        { type: 'namespace', tools: [{ name: 'h', description: null, strict: false }] },
      ],
      tool_choice: { type: 'function', name: 'g' },
      text: { format: { type: 'json_schema', description: null, strict: false } },
    });
  });
});

test('A16: usage has every count of the SDK', () => {
  const counts = {
    input_tokens: 2,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: 1,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 3,
  };
  for (const response of [
    whole,
    ended['response.completed'],
    cut['response.incomplete'],
    failed['response.failed'],
  ])
    expect(response?.usage).toEqual(counts);
});

test('A16: the end of arguments says the name of the function', () => {
  const events = streamed([
    start,
    {
      type: 'part-start',
      index: 0,
      part: { type: 'tool-call', id: 'c', name: 'n__h', kind: 'function', input: '' },
    },
    { type: 'delta', index: 0, text: '{}' },
    { type: 'part-end', index: 0 },
  ]);
  expect(events['response.function_call_arguments.done']).toMatchObject({ name: 'h', arguments: '{}' });
});

test.each<[ErrorKind, string, string]>([
  ['server', '502', 'server_error'],
  ['overloaded', 'overloaded_error', 'server_error'],
  ['rate-limit', 'RESOURCE_EXHAUSTED', 'rate_limit_exceeded'],
  ['too-large', 'context_length_exceeded', 'invalid_prompt'],
  ['timeout', 'stream_cut', 'server_error'],
  ['server', 'vector_store_timeout', 'vector_store_timeout'],
])('A16: a failure (%s, %s) has one of the codes of the SDK', (kind, code, wanted) => {
  const events = streamed([start, error(kind, code)]);
  expect(events['response.failed']?.error).toEqual({ code: wanted, message: 'broken' });
});

test('A16: the error event is that of the SDK and that of the API', () => {
  expect(failed.error).toMatchObject({
    code: '502',
    message: 'broken',
    param: null,
    error: { code: '502', message: 'broken', param: null },
  });
});

test('A16: no recorded answer of 2026 has a field of its request that ours lack', () => {
  /** What depends on the request or the account, or is new in some answers. */
  const special = [
    'moderation',
    'billing',
    'tool_usage',
    'content_filters',
    'prompt_cache_options',
    'conversation',
    'output_text',
  ];
  const unknown = new Set<string>();
  for (const { response } of exchanges('openai-responses')) {
    const said = asObject(response?.body);
    if (said?.object !== 'response' || Number(said.created_at) < 1_767_225_600) continue;
    if (!isObject(said.usage) || !asObjects(said.output).every((item) => typeof item.id === 'string'))
      continue;
    for (const field in said) if (!always.includes(field) && !special.includes(field)) unknown.add(field);
  }
  expect([...unknown]).toEqual([]);
});
