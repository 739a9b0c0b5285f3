import { describe, expect, test } from 'bun:test';
import { readRequest, writeRequest } from '../../../test/codec-runs.ts';
import type { Loss } from '../codec.ts';
import { InvalidRequest } from '../invalid-request.ts';
import type { JsonObject } from '../json.ts';
import type { ModelTraits } from '../model-traits.ts';
import type { Request } from '../request.ts';
import { wrapId } from '../signature-envelope.ts';
import { openaiChat as codec } from './index.ts';

const decode = (body: JsonObject): Request => readRequest(codec, body);

function encode(
  request: Partial<Request>,
  model = 'some-model',
  traits?: ModelTraits,
): { body: JsonObject; losses: Loss[] } {
  return writeRequest(codec, request, { model, ...(traits && { traits }) });
}

describe('a request that is wrong is refused with the name of the field', () => {
  const hello = [{ role: 'user', content: 'Hi' }];
  test.each<[string, JsonObject]>([
    ['messages', {}],
    ['messages.0.role', { messages: [{ role: 'robot', content: 'Hi' }] }],
    ['messages.0.content.0.text', { messages: [{ role: 'user', content: [{ type: 'text' }] }] }],
    [
      'messages.0.content.0.image_url.url',
      { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] },
    ],
    ['messages.1', { messages: [...hello, 'Hi'] }],
    ['temperature', { messages: hello, temperature: 'hot' }],
    ['max_tokens', { messages: hello, max_tokens: '10' }],
    ['stop', { messages: hello, stop: 7 }],
    ['parallel_tool_calls', { messages: hello, parallel_tool_calls: 'yes' }],
    ['tools', { messages: hello, tools: 'all' }],
    ['tools.0.function.name', { messages: hello, tools: [{ type: 'function', function: {} }] }],
    ['response_format.json_schema', { messages: hello, response_format: { type: 'json_schema' } }],
  ])('%s', (path, body) => {
    try {
      decode(body);
      throw new Error('accepted');
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidRequest);
      expect(error instanceof InvalidRequest && error.path).toBe(path);
    }
  });
});

describe('what a client writes in different ways means the same', () => {
  const settings: [string, JsonObject, Partial<Request>][] = [
    ['a stop text', { stop: 'END' }, { stop: ['END'] }],
    ['max_completion_tokens', { max_completion_tokens: 9 }, { maxTokens: 9 }],
    [
      'reasoning_effort',
      { reasoning_effort: 'high' },
      { reasoning: { amount: { kind: 'effort', effort: 'high' } } },
    ],
    ['reasoning_effort none', { reasoning_effort: 'none' }, { reasoning: { amount: { kind: 'off' } } }],
    [
      'OpenRouter reasoning',
      { reasoning: { max_tokens: 2000, exclude: true } },
      { reasoning: { amount: { kind: 'budget', tokens: 2000 }, show: 'none' } },
    ],
    ['OpenRouter switch', { reasoning: { enabled: false } }, { reasoning: { amount: { kind: 'off' } } }],
    [
      'Anthropic-like thinking',
      { thinking: { type: 'enabled', budget_tokens: 4096 } },
      { reasoning: { amount: { kind: 'budget', tokens: 4096 } } },
    ],
    ['thinking disabled', { thinking: { type: 'disabled' } }, { reasoning: { amount: { kind: 'off' } } }],
    [
      'Qwen',
      { enable_thinking: true, thinking_budget: 99 },
      { reasoning: { amount: { kind: 'budget', tokens: 99 } } },
    ],
    ['a Mistral choice', { tool_choice: 'any' }, { toolChoice: { type: 'required' } }],
    ['an older choice', { function_call: { name: 'f' } }, { toolChoice: { type: 'tool', name: 'f' } }],
    [
      'allowed tools',
      {
        tool_choice: {
          type: 'allowed_tools',
          allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'f' } }] },
        },
      },
      { toolChoice: { type: 'allowed', names: ['f'], required: true } },
    ],
    ['logprobs', { logprobs: true, top_logprobs: 2 }, { logprobs: { top: 2 } }],
    ['json mode', { response_format: { type: 'json_object' } }, { output: { type: 'json' } }],
  ];
  test.each(settings)('%s', (_, fields, expected) => {
    const body = { messages: [{ role: 'user', content: 'Hi' }], ...fields };
    const request = decode(body);
    expect(request).toMatchObject(expected);
  });
});

describe('media are read into bytes or addresses', () => {
  const png = 'iVBORw0KGgo=';
  const source = { kind: 'base64', mediaType: 'image/png', data: png };
  const cases: [string, JsonObject, object][] = [
    [
      'a data URL',
      { type: 'image_url', image_url: { url: `data:image/png;base64,${png}`, detail: 'low' } },
      { source, detail: 'low' },
    ],
    [
      'a bare URL',
      { type: 'image_url', image_url: 'https://x.test/a.png' },
      { source: { kind: 'url', url: 'https://x.test/a.png' } },
    ],
    ['a data URL without type', { type: 'image_url', image_url: { url: `data:;base64,${png}` } }, { source }],
    [
      'a data URL without padding',
      { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo' } },
      { source },
    ],
    [
      'a data URL of text',
      { type: 'file', file: { file_data: 'data:text/plain,a%20b', filename: 'a.txt' } },
      { source: { kind: 'base64', mediaType: 'text/plain', data: 'YSBi' }, name: 'a.txt' },
    ],
    [
      'bare base64',
      { type: 'file', file: { file_data: 'JVBERi0=', filename: 'a.pdf' } },
      { source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBERi0=' } },
    ],
    [
      'a file id',
      { type: 'file', file: { file_id: 'file-1' } },
      { source: { kind: 'file-id', id: 'file-1' } },
    ],
    [
      'speech',
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } },
      { source: { kind: 'base64', mediaType: 'audio/mpeg', data: 'AAAA' } },
    ],
    [
      'a video',
      { type: 'video_url', video_url: { url: 'https://x.test/v.mp4' } },
      { source: { kind: 'url', url: 'https://x.test/v.mp4' } },
    ],
    [
      'a document address',
      { type: 'document_url', document_url: 'https://x.test/d.pdf' },
      { type: 'file', source: { kind: 'url', url: 'https://x.test/d.pdf' } },
    ],
    [
      'an unknown part',
      { type: 'hologram', size: 3 },
      { type: 'native', value: { type: 'hologram', size: 3 } },
    ],
    [
      'a cache breakpoint',
      { type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } },
      { cache: { ttl: '1h' } },
    ],
  ];
  test.each(cases)('%s', (_, part, expected) => {
    const messages = [{ role: 'user', content: [part] }];
    const request = decode({ messages });
    expect(request.messages[0]?.parts[0]).toMatchObject(expected);
  });
});

describe('older and loose messages', () => {
  test('functions, function_call and function results are tools, calls and tool results', () => {
    const body = {
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{"a":1}' } },
        { role: 'function', name: 'f', content: 'ok' },
      ],
      functions: [{ name: 'f', parameters: { type: 'object' } }],
      function_call: 'auto',
    };
    const request = decode(body);
    const [, call, result] = request.messages.map(({ parts }) => parts[0]);
    expect(request.tools).toMatchObject([{ type: 'function', name: 'f' }]);
    expect(call).toMatchObject({ type: 'tool-call', name: 'f', kind: 'function', input: '{"a":1}' });
    expect(result?.type === 'tool-result' && result.callId).toBe(call?.type === 'tool-call' && call.id);
  });

  test('calls and results without ids are linked in order', () => {
    const request = decode({
      messages: [
        {
          role: 'assistant',
          tool_calls: ['a', 'b'].map((name) => ({
            id: '',
            type: 'function',
            function: { name, arguments: '{}' },
          })),
        },
        { role: 'tool', tool_call_id: '', content: '1' },
        { role: 'tool', tool_call_id: '', content: '2' },
      ],
    });
    const ids = request.messages.flatMap(({ parts }) =>
      parts.map((part) => (part.type === 'tool-call' ? part.id : part.type === 'tool-result' && part.callId)),
    );
    expect(ids.slice(0, 2)).toEqual(ids.slice(2));
    expect(new Set(ids).size).toBe(2);
  });

  test('arguments keep their text, spaces and number forms included', () => {
    const text = '{ "big": 12345678901234567890, "f": 1.0 }';
    const messages = [
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: text } }],
      },
      { role: 'tool', tool_call_id: 'c', content: '1' },
    ];
    const request = decode({ messages });
    expect(request.messages[0]?.parts[0]).toMatchObject({ input: text });
    expect(encode(request, 'm').body.messages).toEqual(messages);
  });
});

describe('signatures sealed into call ids', () => {
  const call = (id: string): JsonObject => ({
    id,
    type: 'function',
    function: { name: 'f', arguments: '{}' },
  });
  const turn = (id: string, more: JsonObject = {}): JsonObject => ({
    messages: [
      { role: 'assistant', content: null, ...more, tool_calls: [call(id)] },
      { role: 'tool', tool_call_id: id, content: 'ok' },
    ],
  });

  test('of Gemini stand on the call again', () => {
    const signature = { family: 'gemini' as const, value: 'Zw==' };
    const { messages } = decode(turn(wrapId('c1', signature)));
    expect(messages[0]?.parts).toEqual([
      { type: 'tool-call', id: 'c1', name: 'f', kind: 'function', input: '{}', signature },
    ]);
    expect(messages[1]?.parts[0]).toMatchObject({ callId: 'c1' });
  });

  test.each(['anthropic', 'openai'] as const)('of %s stand on thinking before the call', (family) => {
    const signature = { family, value: 'c2ln' };
    const bare = decode(turn(wrapId('c1', signature))).messages[0]?.parts;
    expect(bare?.[0]).toEqual({ type: 'reasoning', text: '', signature });
    expect(bare?.[1]).toMatchObject({ type: 'tool-call', id: 'c1' });
    const told = decode(turn(wrapId('c1', signature), { reasoning_content: 'Hmm' })).messages[0]?.parts;
    expect(told?.[0]).toMatchObject({ type: 'reasoning', text: 'Hmm', signature });
  });
});
