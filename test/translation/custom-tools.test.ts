/** Calls of custom (free text) tools over upstreams that know functions only: what Codex' apply_patch needs. */
import { describe, expect, test } from 'bun:test';
import { isProtocolError } from '../../src/protocols/codec.ts';
import { argumentsToCustomInput } from '../../src/protocols/custom-tool.ts';
import { type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asObject, asObjects } from '../../src/protocols/json-members.ts';
import { codecs } from '../../src/protocols/registry.ts';
import type { Request } from '../../src/protocols/request.ts';
import { readRequest, readSse, readStream, writeStream } from '../codec-runs.ts';

const patch = '*** Begin Patch\n*** Update File: a "quoted" ünï.txt\n\\ no newline\n*** End Patch';

/** The client's request with a custom tool. */
const clients = {
  'openai-chat': {
    messages: [{ role: 'user', content: 'patch it' }],
    tools: [{ type: 'custom', custom: { name: 'apply_patch', description: 'patches' } }],
  },
  'openai-responses': {
    input: 'patch it',
    tools: [{ type: 'custom', name: 'apply_patch', description: 'patches' }],
  },
} satisfies Record<string, JsonObject>;
type Client = keyof typeof clients;
const clientNames: Client[] = ['openai-chat', 'openai-responses'];

/** What models write in the place of `{"input": text}`, and the free text that it is. */
const shapes: [string, JsonObject | string, string][] = [
  ['the argument input', { input: patch }, patch],
  ['another name', { patch }, patch],
  ['a bare text', patch, patch],
  ['nothing', {}, ''],
  ['input and more', { input: patch, explanation: 'why' }, patch],
];

const chunk = (parts: JsonObject[], finishReason?: string): JsonObject => ({
  candidates: [{ content: { role: 'model', parts }, index: 0, ...(finishReason && { finishReason }) }],
  modelVersion: 'g',
  responseId: 'r1',
});

/** An answer with one call, whole and as a stream, in the words of each upstream. */
const upstreams = {
  gemini(name: string, args: JsonObject | string) {
    const part: JsonObject = { functionCall: { name, args } };
    return { whole: chunk([part], 'STOP'), stream: [chunk([part]), chunk([{ text: '' }], 'STOP')] };
  },
  'anthropic-messages'(name: string, args: JsonObject | string) {
    const json = JSON.stringify(args);
    const half = Math.floor(json.length / 2);
    const block = { type: 'tool_use', id: 'toolu_1', name };
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'c' };
    const piece = (partial_json: string) => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'input_json_delta', partial_json },
    });
    return {
      whole: { ...message, content: [{ ...block, input: args }], stop_reason: 'tool_use' },
      stream: [
        { type: 'message_start', message: { ...message, content: [] } },
        { type: 'content_block_start', index: 0, content_block: { ...block, input: {} } },
        piece(json.slice(0, half)),
        piece(json.slice(half)),
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: { stop_reason: 'tool_use' } },
        { type: 'message_stop' },
      ],
    };
  },
  'openai-chat'(name: string, args: JsonObject | string) {
    const json = typeof args === 'string' ? args : JSON.stringify(args);
    const half = Math.floor(json.length / 2);
    const piece = (delta: JsonObject, finish_reason: string | null = null): JsonObject => ({
      id: 'c1',
      object: 'chat.completion.chunk',
      model: 'm',
      choices: [{ index: 0, delta, finish_reason }],
    });
    const call = { index: 0, id: 'call_1', type: 'function' };
    const message = { role: 'assistant', tool_calls: [{ ...call, function: { name, arguments: json } }] };
    return {
      whole: {
        id: 'c1',
        object: 'chat.completion',
        model: 'm',
        choices: [{ index: 0, message, finish_reason: 'tool_calls' }],
      },
      stream: [
        piece({ tool_calls: [{ ...call, function: { name, arguments: json.slice(0, half) } }] }),
        piece({ tool_calls: [{ index: 0, function: { arguments: json.slice(half) } }] }),
        piece({}, 'tool_calls'),
      ],
    };
  },
};
type Upstream = keyof typeof upstreams;

interface Call {
  name: string;
  namespace?: string;
  input: string;
}

const context = (request: Request) => ({
  request,
  model: 'm',
  unixSeconds: () => 0,
  newId: (p: string) => `${p}_1`,
});

/** The custom calls that the client gets in a whole answer. */
function wholeCalls(client: Client, upstream: Upstream, request: Request, body: JsonObject): Call[] {
  const answer = codecs[upstream].decodeResponse(body, { request });
  if (isProtocolError(answer)) throw new Error(answer.message);
  return callsIn(client, codecs[client].encodeResponse(answer, context(request)));
}

function callsIn(client: Client, body: JsonObject): Call[] {
  if (client === 'openai-responses')
    return asObjects(body.output)
      .filter(({ type }) => type === 'custom_tool_call')
      .map(({ name, namespace, input }) => ({
        name: String(name),
        ...(namespace !== undefined && { namespace: String(namespace) }),
        input: String(input),
      }));
  const message = asObject(asObjects(body.choices)[0]?.message);
  return asObjects(message?.tool_calls).flatMap(({ type, custom }) =>
    type === 'custom'
      ? [{ name: String(asObject(custom)?.name), input: String(asObject(custom)?.input) }]
      : [],
  );
}

/** The custom calls that the client puts together from a stream, by its deltas alone. */
function streamedCalls(
  client: Client,
  upstream: Upstream,
  request: Request,
  events: readonly JsonObject[],
): Call[] {
  const sse = events
    .map((event) => `${'type' in event ? `event: ${event.type}\n` : ''}data: ${JSON.stringify(event)}\n\n`)
    .join('');
  const done = upstream === 'openai-chat' ? 'data: [DONE]\n\n' : '';
  const read = readStream(codecs[upstream], sse + done, request);
  const written = readSse(writeStream(codecs[client], read, context(request)));
  const told = written.flatMap(({ data }) => asObjects([parseJson(data) ?? null]));
  const calls: Call[] = [];
  if (client === 'openai-responses') {
    for (const event of told) {
      const at = Number(event.output_index);
      const item = asObject(event.item);
      if (event.type === 'response.output_item.added' && item?.type === 'custom_tool_call')
        calls[at] = {
          name: String(item.name),
          ...(item.namespace !== undefined && { namespace: String(item.namespace) }),
          input: '',
        };
      const call = calls[at];
      if (event.type === 'response.custom_tool_call_input.delta' && call) call.input += event.delta;
    }
    const last = told.findLast(({ type }) => type === 'response.completed');
    expect(callsIn(client, asObject(last?.response) ?? {})).toEqual(calls.filter((call) => call));
    return calls.filter((call) => call);
  }
  for (const event of told) {
    const delta = asObject(asObjects(event.choices)[0]?.delta);
    for (const piece of asObjects(delta?.tool_calls)) {
      const custom = asObject(piece.custom) ?? {};
      const at = Number(piece.index);
      if (piece.type === 'custom') calls[at] = { name: String(custom.name), input: '' };
      const call = calls[at];
      if (call && typeof custom.input === 'string') call.input += custom.input;
    }
  }
  return calls;
}

const upstreamNames: Upstream[] = ['gemini', 'anthropic-messages', 'openai-chat'];
const pairs = upstreamNames.flatMap((upstream) =>
  clientNames.filter((client) => client !== upstream).map((client): [Upstream, Client] => [upstream, client]),
);

describe.each(pairs)(
  'A2: a custom tool called by a model over %s, for a client of %s',
  (upstream, client) => {
    const request = readRequest(codecs[client], clients[client]);

    test.each(shapes)('comes back as one whose arguments are %s', (_shape, args, input) => {
      const { whole, stream } = upstreams[upstream]('apply_patch', args);
      const expected = [{ name: 'apply_patch', input }];
      expect(wholeCalls(client, upstream, request, whole)).toEqual(expected);
      expect(streamedCalls(client, upstream, request, stream)).toEqual(expected);
    });

    test('a function beside it stays a function', () => {
      const { whole, stream } = upstreams[upstream]('other', { input: 'x' });
      expect(wholeCalls(client, upstream, request, whole)).toEqual([]);
      expect(streamedCalls(client, upstream, request, stream)).toEqual([]);
    });
  },
);

describe('A2: custom tools over Gemini', () => {
  const request = readRequest(codecs['openai-responses'], {
    input: 'x',
    tools: [
      {
        type: 'namespace',
        name: 'files',
        description: 'd',
        tools: [{ type: 'custom', name: 'apply_patch', description: 'patches' }],
      },
      { type: 'custom', name: '7zip', description: 'd' },
    ],
  });
  const declared = asObjects(
    asObjects(
      codecs.gemini.encodeRequest(request, { model: 'gemini-3-pro', stream: true, report: () => {} }).tools,
    )[0]?.functionDeclarations,
  ).map(({ name }) => String(name));

  test('in a namespace, and under names that Google refuses, are called by their own', () => {
    const expected = [
      { name: 'apply_patch', namespace: 'files', input: patch },
      { name: '7zip', input: patch },
    ];
    const parts = declared.map((name) => ({ functionCall: { name, args: { input: patch } } }));
    const body = chunk(parts, 'STOP');
    expect(wholeCalls('openai-responses', 'gemini', request, body)).toEqual(expected);
    expect(streamedCalls('openai-responses', 'gemini', request, [body])).toEqual(expected);
  });

  test('with arguments that come piece by piece are told piece by piece', () => {
    const name = declared[0] ?? '';
    const piece = (text: string, more = true) =>
      chunk([
        {
          functionCall: {
            partialArgs: [{ jsonPath: '$.input', stringValue: text, willContinue: more }],
            willContinue: true,
          },
        },
      ]);
    const events = [
      chunk([{ functionCall: { name, willContinue: true } }]),
      piece('*** Begin'),
      piece(' Patch\n'),
      piece('*** End Patch', false),
      chunk([{ functionCall: {} }], 'STOP'),
    ];
    expect(streamedCalls('openai-responses', 'gemini', request, events)).toEqual([
      { name: 'apply_patch', namespace: 'files', input: '*** Begin Patch\n*** End Patch' },
    ]);
    const sse = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
    const deltas = readStream(codecs.gemini, sse, request).filter(({ type }) => type === 'delta');
    expect(deltas).toHaveLength(3);
  });

  test('go on with their calls, their outputs and the choice of one', () => {
    const history = readRequest(codecs['openai-responses'], {
      ...clients['openai-responses'],
      tool_choice: { type: 'custom', name: 'apply_patch' },
      input: [
        { type: 'message', role: 'user', content: 'x' },
        { type: 'custom_tool_call', call_id: 'c1', name: 'apply_patch', input: patch },
        { type: 'custom_tool_call_output', call_id: 'c1', output: 'Done!' },
      ],
    });
    const body = codecs.gemini.encodeRequest(history, {
      model: 'gemini-2.5-pro',
      stream: false,
      report: () => {},
    });
    const parts = asObjects(body.contents).flatMap((content) => asObjects(content.parts));
    expect(parts.slice(1)).toEqual([
      { functionCall: { id: 'c1', name: 'apply_patch', args: { input: patch } } },
      { functionResponse: { id: 'c1', name: 'apply_patch', response: { output: 'Done!' } } },
    ]);
    expect(body.toolConfig).toEqual({
      functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['apply_patch'] },
    });
  });
});

test('A2: arguments that were cut give the free text as far as it came', () => {
  const json = JSON.stringify({ input: patch });
  for (let length = 11; length < json.length; length++) {
    const text = argumentsToCustomInput(json.slice(0, length));
    expect(patch.startsWith(text)).toBe(true);
  }
  expect(argumentsToCustomInput('not JSON')).toBe('not JSON');
});
