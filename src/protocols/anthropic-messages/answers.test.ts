import { describe, expect, test } from 'bun:test';
import type { Response, StreamEvent } from '../answer.ts';
import type { EncodeContext } from '../codec.ts';
import { isObject, type JsonObject, parseJson } from '../json.ts';
import type { ErrorKind } from '../protocol-error.ts';
import type { Request } from '../request.ts';
import { anthropicMessages as codec } from './index.ts';

const request: Request = {
  model: 'm',
  stream: true,
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
  tools: [{ type: 'custom', name: 'apply_patch' }],
  reasoning: { amount: { kind: 'auto' } },
};
const context: EncodeContext = {
  request,
  model: 'claude-test',
  unixSeconds: () => 0,
  newId: (prefix) => `${prefix}_new`,
};

function decode(...events: (JsonObject | string)[]): StreamEvent[] {
  const decoder = codec.streamDecoder({ request });
  const decoded: StreamEvent[] = [];
  for (const event of events) {
    const data = typeof event === 'string' ? event : JSON.stringify(event);
    decoder.decode({ event: undefined, data }, (canonical) => decoded.push(canonical));
  }
  decoder.end((canonical) => decoded.push(canonical));
  return decoded;
}

function encode(...events: StreamEvent[]): JsonObject[] {
  const encoder = codec.streamEncoder(context);
  return events
    .map((event) => encoder.encode(event))
    .join('')
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => parseJson(line.slice(6)))
    .filter(isObject);
}

const start = {
  type: 'message_start',
  message: { id: 'msg_1', model: 'm', content: [], usage: { input_tokens: 5 } },
};

describe('reading a stream', () => {
  test('a call whose input comes with its start and not in deltas keeps it', () => {
    const block = { type: 'tool_use', id: 't', name: 'read', input: { path: 'a' } };
    expect(
      decode(
        start,
        { type: 'content_block_start', index: 0, content_block: block },
        { type: 'content_block_stop', index: 0 },
      ),
    ).toMatchObject([
      { type: 'start' },
      { type: 'part-start', part: { type: 'tool-call', name: 'read', input: '' } },
      { type: 'delta', text: '{"path":"a"}' },
      { type: 'part-end' },
    ]);
  });

  test('a call without any input has an empty object', () => {
    const events = decode(
      start,
      {
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'tool_use', id: 't', name: 'now', input: {} },
      },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '' } },
      { type: 'content_block_stop', index: 0 },
    );
    expect(events).toContainEqual({ type: 'delta', index: 0, text: '{}' });
  });

  test('a call of a custom tool gives its free text', () => {
    const block = { type: 'tool_use', id: 't', name: 'apply_patch', input: {} };
    const json = (partial_json: string): JsonObject => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'input_json_delta', partial_json },
    });
    expect(
      decode(
        start,
        { type: 'content_block_start', index: 0, content_block: block },
        json('{"input":"*** Be'),
        json('gin"}'),
        { type: 'content_block_stop', index: 0 },
      ),
    ).toMatchObject([
      { type: 'start' },
      { type: 'part-start', part: { kind: 'custom', name: 'apply_patch' } },
      { type: 'delta', text: '*** Begin' },
      { type: 'part-end' },
    ]);
  });

  test('a call of a server tool comes whole, with its streamed input', () => {
    const block = { type: 'server_tool_use', id: 's', name: 'web_search', input: {} };
    expect(
      decode(
        start,
        { type: 'content_block_start', index: 0, content_block: block },
        {
          type: 'content_block_delta',
          index: 0,
          delta: { type: 'input_json_delta', partial_json: '{"query":"x"}' },
        },
        { type: 'content_block_stop', index: 0 },
      ),
    ).toMatchObject([
      { type: 'start' },
      { type: 'part-start', part: { type: 'native', value: { name: 'web_search', input: { query: 'x' } } } },
      { type: 'part-end' },
    ]);
  });

  test('usage at the end is laid over that at the start', () => {
    const events = decode(
      {
        type: 'message_start',
        message: {
          id: 'msg_1',
          model: 'm',
          usage: { input_tokens: 5, cache_read_input_tokens: 7, output_tokens: 1, service_tier: 'standard' },
        },
      },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn' },
        usage: { input_tokens: null, output_tokens: 9 },
      },
    );
    expect(events.at(-2)).toMatchObject({
      type: 'usage',
      usage: { input: 12, cacheRead: 7, output: 9, extra: { fields: { service_tier: 'standard' } } },
    });
  });

  test.each<[string, (JsonObject | string)[], string[]]>([
    ['message_stop ends it and nothing follows', [start, { type: 'message_stop' }, start], ['start', 'end']],
    [
      'pings and events that are new to us are passed over',
      [{ type: 'ping' }, { type: 'news' }, start],
      ['start'],
    ],
    ['without message_stop it has no end', [start], ['start']],
    ['a line that is no JSON is an error', [start, '<html>'], ['start', 'error']],
    [
      'an error event is an error',
      [start, { type: 'error', error: { message: 'x' } }, start],
      ['start', 'error'],
    ],
    [
      'the marker of another protocol is passed over',
      [start, '[DONE]', { type: 'message_stop' }],
      ['start', 'end'],
    ],
  ])('%s', (_name, events, expected) => {
    const types: string[] = decode(...events).map(({ type }) => type);
    expect(types).toEqual(expected);
  });
});

describe('writing a stream', () => {
  test('the stop reason and the full usage come together at the end, whatever order they came in', () => {
    const written = encode(
      { type: 'start', id: 'resp', model: 'other' },
      { type: 'finish', finish: { reason: 'length' } },
      { type: 'usage', usage: { input: 10, output: 4, cacheRead: 6, reasoning: 2 } },
      { type: 'end' },
    );
    expect(written.at(-2)).toEqual({
      type: 'message_delta',
      delta: { stop_reason: 'max_tokens', stop_sequence: null, stop_details: null },
      usage: {
        input_tokens: 4,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 6,
        output_tokens: 4,
        output_tokens_details: { thinking_tokens: 2 },
      },
    });
  });

  test('A16: an answer of others has the fields that Anthropic’s have', () => {
    const [start] = encode(
      { type: 'start', id: 'resp', model: 'other' },
      { type: 'finish', finish: { reason: 'stop' } },
      { type: 'end' },
    );
    expect(start).toMatchObject({
      message: {
        stop_reason: null,
        stop_sequence: null,
        stop_details: null,
        usage: {
          input_tokens: 0,
          cache_creation_input_tokens: 0,
          cache_read_input_tokens: 0,
          output_tokens: 0,
        },
      },
    });
  });

  test('parallel calls whose deltas interleave are told one after the other', () => {
    const call = (index: number): StreamEvent => ({
      type: 'part-start',
      index,
      part: { type: 'tool-call', id: `c${index}`, name: 'read', kind: 'function', input: '' },
    });
    const written = encode(
      { type: 'start', id: 'resp', model: 'other' },
      call(0),
      call(1),
      { type: 'delta', index: 1, text: '{"b"' },
      { type: 'delta', index: 0, text: '{"a"' },
      { type: 'delta', index: 1, text: ':2}' },
      { type: 'delta', index: 0, text: ':1}' },
      { type: 'part-end', index: 1 },
      { type: 'part-end', index: 0 },
      { type: 'finish', finish: { reason: 'tool-calls' } },
      { type: 'end' },
    );
    expect(
      written.flatMap(({ index, delta }) =>
        isObject(delta) && 'partial_json' in delta ? [[index, delta.partial_json]] : [],
      ),
    ).toEqual([
      [0, '{"a":1}'],
      [1, '{"b":2}'],
    ]);
  });

  test('a second answer to the same question is left out', () => {
    const written = encode(
      { type: 'start', id: 'resp', model: 'other' },
      { type: 'part-start', index: 0, part: { type: 'text', text: '' } },
      { type: 'part-start', index: 1, part: { type: 'text', text: '' }, choice: 1 },
      { type: 'delta', index: 1, text: 'second' },
      { type: 'delta', index: 0, text: 'first' },
      { type: 'part-end', index: 1 },
      { type: 'part-end', index: 0 },
      { type: 'finish', finish: { reason: 'stop' } },
      { type: 'finish', finish: { reason: 'length' }, choice: 1 },
      { type: 'end' },
    );
    expect(JSON.stringify(written)).not.toContain('second');
    expect(written.at(-2)).toMatchObject({ delta: { stop_reason: 'end_turn' } });
  });

  test('an error is an error event', () => {
    const encoder = codec.streamEncoder(context);
    expect(
      encoder.encode({ type: 'error', error: { status: 529, kind: 'overloaded', message: 'Overloaded' } }),
    ).toBe(
      'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n',
    );
    expect(encoder.encode({ type: 'end' })).toBe('');
  });
});

describe('an answer from another protocol', () => {
  const answer = (fields: Partial<Response>): JsonObject =>
    codec.encodeResponse(
      { id: 'r', model: 'other', parts: [], finish: { reason: 'stop' }, ...fields },
      context,
    );

  test('tells a refusal as text and by the stop reason', () => {
    expect(answer({ parts: [{ type: 'refusal', text: 'No.' }] })).toMatchObject({
      content: [{ type: 'text', text: 'No.' }],
      stop_reason: 'refusal',
    });
  });

  test('tells addresses as web search results', () => {
    const citations = [{ url: 'https://a', title: 'A', start: 0, end: 2 }];
    expect(answer({ parts: [{ type: 'text', text: 'So', citations }] }).content).toEqual([
      {
        type: 'text',
        text: 'So',
        citations: [
          {
            type: 'web_search_result_location',
            url: 'https://a',
            title: 'A',
            cited_text: '',
            encrypted_index: '',
          },
        ],
      },
    ]);
  });

  test("carries a call's foreign signature in an empty thinking block before it", () => {
    const body = answer({
      parts: [
        {
          type: 'tool-call',
          id: 'c',
          name: 'read',
          kind: 'function',
          input: '{}',
          signature: { family: 'gemini', value: 'sig' },
        },
      ],
    });
    expect(body.content).toMatchObject([
      { type: 'thinking', thinking: '' },
      { type: 'tool_use', id: 'c' },
    ]);
    const next = codec.decodeRequest(
      { messages: [{ role: 'assistant', content: body.content ?? [] }] },
      { model: 'm', stream: false },
    );
    expect(next.messages[0]?.parts).toMatchObject([
      { type: 'tool-call', id: 'c', signature: { family: 'gemini', value: 'sig' } },
    ]);
  });

  test('does not end with a block that only carries a signature, for clients that show the last block', () => {
    const signature = { family: 'gemini', value: 'sig' } as const;
    const said = { type: 'text', text: 'Hello' } as const;
    const whole = answer({ parts: [said, { type: 'text', text: '', signature }] });
    expect(whole.content).toEqual([{ type: 'text', text: 'Hello' }]);
    const events = encode(
      { type: 'start', id: 'r', model: 'm' },
      { type: 'part-start', index: 0, part: { ...said, text: '' } },
      { type: 'delta', index: 0, text: 'Hello' },
      { type: 'signature', index: 0, signature },
      { type: 'part-end', index: 0 },
      { type: 'part-start', index: 1, part: { type: 'reasoning', text: '', signature } },
      { type: 'part-end', index: 1 },
      { type: 'finish', finish: { reason: 'stop' } },
      { type: 'end' },
    );
    const blocks = events.filter((event) => event.type === 'content_block_start');
    expect(blocks).toMatchObject([{ index: 0, content_block: { type: 'text' } }]);
  });

  test("never hands one family's hidden thinking to another as its own", () => {
    const part = { type: 'reasoning', text: '', redacted: true } as const;
    expect(answer({ parts: [{ ...part, signature: { family: 'anthropic', value: 'x' } }] }).content).toEqual([
      { type: 'redacted_thinking', data: 'x' },
    ]);
    expect(
      answer({ parts: [{ ...part, signature: { family: 'openai', value: 'x' } }] }).content,
    ).toMatchObject([{ type: 'thinking', thinking: '', signature: expect.stringMatching(/^cpasig1o/) }]);
  });
});

describe('an error body', () => {
  test.each<
    [string, number, string, { kind: ErrorKind; message: string; retryAfter?: number; type?: string }]
  >([
    [
      "the API's own",
      529,
      '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
      { kind: 'overloaded', message: 'Overloaded', type: 'overloaded_error' },
    ],
    [
      'an empty account',
      400,
      '{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low"}}',
      { kind: 'billing', message: 'Your credit balance is too low' },
    ],
  ])('of any shape is read: %s', (_name, status, body, expected) => {
    expect(codec.decodeError(status, body)).toMatchObject({ status, ...expected });
  });

  test('inside a success is the error, with the status that its type means', () => {
    expect(
      codec.decodeResponse(
        { type: 'error', error: { type: 'rate_limit_error', message: 'Slow down' } },
        { request },
      ),
    ).toMatchObject({ status: 429, kind: 'rate-limit', message: 'Slow down' });
  });

  test('of another protocol gets one of the API error types', () => {
    expect(
      codec.encodeError({ status: 429, kind: 'rate-limit', message: 'Quota', type: 'RESOURCE_EXHAUSTED' }),
    ).toEqual({ type: 'error', error: { type: 'rate_limit_error', message: 'Quota' } });
  });
});
