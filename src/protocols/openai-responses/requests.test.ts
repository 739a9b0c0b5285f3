import { describe, expect, test } from 'bun:test';
import { readRequest, writeRequest } from '../../../test/codec-runs.ts';
import { assistant, text, user } from '../../../test/messages.ts';
import type { EncodeTarget } from '../codec.ts';
import { InvalidRequest } from '../invalid-request.ts';
import type { Json, JsonObject } from '../json.ts';
import { asObjects } from '../json-members.ts';
import type { Message, Part } from '../model.ts';
import type { Request } from '../request.ts';
import { openaiResponses as codec } from './index.ts';

const read = (body: JsonObject): Request => readRequest(codec, body);

const write = (request: Partial<Request>, target: Partial<EncodeTarget> = {}) =>
  writeRequest(codec, { messages: [], ...request }, target);

describe('system text from another protocol', () => {
  const system = (value: string): Message => ({ role: 'system', parts: [text(value)] });
  test('becomes instructions where it leads, and developer messages where it does not', () => {
    const { body } = write({ messages: [system('One'), system('Two'), user(text('Hi')), system('Three')] });
    expect(body.instructions).toBe('One');
    expect(asObjects(body.input).map(({ role }) => role)).toEqual(['developer', 'user', 'developer']);
  });
  test('of several blocks is one instruction, block by block', () => {
    const { body } = write({ messages: [{ role: 'system', parts: [text('One'), text('Two')] }] });
    expect(body.instructions).toBe('One\n\nTwo');
  });
});

describe('content from another protocol', () => {
  const cases: [string, Part, JsonObject | undefined][] = [
    [
      'an image in base64',
      { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'aGk=' }, detail: 'low' },
      { type: 'input_image', image_url: 'data:image/png;base64,aGk=', detail: 'low' },
    ],
    [
      'an image at a URL',
      { type: 'image', source: { kind: 'url', url: 'https://a.test/i.png' } },
      { type: 'input_image', image_url: 'https://a.test/i.png' },
    ],
    [
      'a document without a name',
      { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'aGk=' } },
      { type: 'input_file', file_data: 'data:application/pdf;base64,aGk=', filename: 'document.pdf' },
    ],
    [
      'a document of plain text',
      { type: 'file', source: { kind: 'text', mediaType: 'text/plain', text: 'é' }, name: 'n.txt' },
      { type: 'input_text', text: 'n.txt\n\né' },
    ],
    [
      'a document at a URL',
      { type: 'file', source: { kind: 'url', url: 'https://a.test/f.pdf' } },
      { type: 'input_file', file_url: 'https://a.test/f.pdf' },
    ],
    [
      'sound',
      { type: 'audio', source: { kind: 'base64', mediaType: 'audio/mpeg', data: 'aGk=' } },
      { type: 'input_audio', input_audio: { data: 'aGk=', format: 'mp3' } },
    ],
    [
      'a file in the store of another provider',
      { type: 'file', source: { kind: 'file-id', protocol: 'gemini', id: 'f' } },
      undefined,
    ],
    ['a film', { type: 'video', source: { kind: 'url', url: 'https://a.test/v.mp4' } }, undefined],
  ];
  test.each(cases)('%s', (_name, part, wanted) => {
    const { body, losses } = write({ messages: [user(part)] });
    const [message] = asObjects(body.input);
    expect(asObjects(message?.content)).toEqual([wanted ?? { type: 'input_text', text: ' ' }]);
    expect(losses.map(({ kind }) => kind)).toEqual(wanted === undefined ? ['dropped', 'approximated'] : []);
  });
  test('an image that the assistant showed is shown by the user', () => {
    const { body, losses } = write({
      messages: [assistant({ type: 'image', source: { kind: 'url', url: 'https://a.test/i.png' } })],
    });
    expect(asObjects(body.input)).toMatchObject([{ role: 'user', content: [{ type: 'input_image' }] }]);
    expect(losses).toMatchObject([{ kind: 'approximated', field: 'messages.image' }]);
  });
});

describe('calls and results from another protocol', () => {
  const call = (id: string): Part => ({ type: 'tool-call', id, name: 'read', kind: 'function', input: '{}' });
  const result = (callId: string, ...content: Extract<Part, { type: 'tool-result' }>['content']): Part => ({
    type: 'tool-result',
    callId,
    content,
  });
  test('keep one id of at most 64 characters', () => {
    const id = 'c'.repeat(90);
    const { body } = write({
      messages: [assistant(call(id)), user(result(id, { type: 'text', text: 'ok' }))],
    });
    const [first, second] = asObjects(body.input);
    expect(first?.call_id).toBe(second?.call_id ?? null);
    expect(String(first?.call_id)).toHaveLength(64);
    expect(second?.output).toBe('ok');
  });
  test('a result with an image is a list', () => {
    const { body } = write({
      messages: [
        assistant(call('a')),
        user(
          result(
            'a',
            { type: 'text', text: 'see' },
            { type: 'image', source: { kind: 'url', url: 'https://a.test/i' } },
          ),
        ),
      ],
    });
    expect(asObjects(body.input)[1]?.output).toEqual([
      { type: 'input_text', text: 'see' },
      { type: 'input_image', image_url: 'https://a.test/i' },
    ]);
  });
  test('those that stand alone get their other half', () => {
    const { body, losses } = write({
      messages: [
        user(result('gone', { type: 'text', text: 'ok' })),
        assistant(call('b')),
        user(text('And?')),
      ],
    });
    const items = asObjects(body.input);
    expect(items.map(({ type, call_id }) => [type, call_id ?? ''])).toEqual([
      ['function_call', 'gone'],
      ['function_call_output', 'gone'],
      ['function_call', 'b'],
      ['function_call_output', 'b'],
      ['message', ''],
    ]);
    expect(losses.filter(({ kind }) => kind === 'approximated')).toHaveLength(2);
  });
});

describe('reasoning in the history', () => {
  test.each([
    [
      'openai',
      'gAAAA',
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm' }], encrypted_content: 'gAAAA' },
    ],
    ['anthropic', 'sig', undefined],
  ] as const)('signed by %s', (family, value, wanted) => {
    const { body, losses } = write({
      messages: [assistant({ type: 'reasoning', text: 'Hm', signature: { family, value } }), user(text('a'))],
    });
    expect(asObjects(body.input).slice(0, -1)).toEqual(
      wanted === undefined ? [] : [JSON.parse(JSON.stringify(wanted))],
    );
    expect(losses).toHaveLength(wanted === undefined ? 1 : 0);
  });
  test('that a client of this protocol brings back sealed does not reach OpenAI', () => {
    const sealed = `cpasig1a${btoa('sig').replace(/=+$/, '')}`;
    const request = read({
      input: [{ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: sealed }],
    });
    expect(request.messages[0]?.parts[0]).toMatchObject({ signature: { family: 'anthropic', value: 'sig' } });
    const question = { ...request, messages: [...request.messages, user(text('a'))] };
    expect(asObjects(write(question).body.input)).toMatchObject([{ role: 'user' }]);
  });
});

describe('settings from another protocol', () => {
  test('nothing is stored, and reasoning comes back sealed', () => {
    expect(write({}).body).toEqual({
      model: 'm',
      input: [],
      store: false,
      include: ['reasoning.encrypted_content'],
    });
  });
  test.each<[string, Partial<Request>]>([
    ['stop', { stop: ['x'] }],
    ['top_k', { topK: 3 }],
    ['seed', { seed: 1 }],
    ['presence_penalty', { presencePenalty: 1 }],
    ['frequency_penalty', { frequencyPenalty: 1 }],
    ['n', { n: 2 }],
    ['service_tier', { serviceTier: 'turbo' }],
  ])('%s cannot be said and is reported', (field, request) => {
    const { body, losses } = write(request);
    expect(losses).toMatchObject([{ kind: 'dropped', field }]);
    expect(body[field]).toBeUndefined();
  });
  test.each<[string, Partial<Request>, Json | undefined]>([
    [
      'a budget',
      { reasoning: { amount: { kind: 'budget', tokens: 20_000 } } },
      { effort: 'high', summary: 'auto' },
    ],
    [
      'thinking that should be hidden',
      { reasoning: { amount: { kind: 'effort', effort: 'low' }, show: 'none' } },
      { effort: 'low' },
    ],
    ['the wish to see it', { reasoning: { show: 'auto' } }, { effort: 'medium', summary: 'auto' }],
    ['none', { reasoning: { amount: { kind: 'off' } } }, { effort: 'none' }],
  ])('reasoning: %s', (_name, request, wanted) => {
    expect(write(request).body.reasoning).toEqual(wanted);
  });
  test('a model that does not think is not told to', () => {
    const traits = { reasoning: { kind: 'none' as const } };
    expect(write({ reasoning: { amount: { kind: 'auto' } } }, { traits }).body.reasoning).toBeUndefined();
  });
  test('a limit below what the API takes is raised', () => {
    expect(write({ maxTokens: 10 }).body.max_output_tokens).toBe(16);
  });
  test('a schema gets the name that the API demands', () => {
    const schema = { type: 'object', properties: {} };
    expect(write({ output: { type: 'json-schema', schema } }).body.text).toEqual({
      format: { type: 'json_schema', name: 'answer', schema },
    });
  });
  test('a tool that did not say strict is not', () => {
    const { body } = write({ tools: [{ type: 'function', name: 'a b' }] });
    expect(asObjects(body.tools)).toMatchObject([
      { strict: false, parameters: { type: 'object', properties: {} } },
    ]);
    expect(asObjects(body.tools)[0]?.name).toMatch(/^a_b_[a-z0-9]+$/);
  });
  test('web search carries its domains and place over', () => {
    const { body } = write({
      tools: [
        {
          type: 'hosted',
          kind: 'web-search',
          name: 'web_search_20250305',
          protocol: 'anthropic-messages',
          value: {},
          allowedDomains: ['a.test'],
          userLocation: { city: 'Bern' },
        },
      ],
    });
    expect(body.tools).toEqual([
      {
        type: 'web_search',
        filters: { allowed_domains: ['a.test'] },
        user_location: { type: 'approximate', city: 'Bern' },
      },
    ]);
  });
});

describe('tools that only this protocol has', () => {
  const inner = {
    type: 'function',
    name: 'read',
    parameters: { type: 'object', properties: {} },
    strict: true,
  };
  const body: JsonObject = {
    model: 'm',
    tools: [
      { type: 'namespace', name: 'files', description: 'Files', tools: [inner, { ...inner, name: 'write' }] },
      {
        type: 'tool_search',
        execution: 'client',
        description: 'Finds tools',
        parameters: { type: 'object' },
      },
    ],
    input: [
      { type: 'function_call', call_id: 'c1', name: 'read', namespace: 'files', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c1', output: 'ok' },
      {
        type: 'tool_search_call',
        call_id: 'c2',
        execution: 'client',
        arguments: { query: 'x' },
        status: 'completed',
      },
      {
        type: 'tool_search_output',
        call_id: 'c2',
        execution: 'client',
        tools: [{ ...inner, name: 'late' }],
        status: 'completed',
      },
    ],
  };
  const request = read(body);

  test('reach other protocols as functions, those found by a search among them', () => {
    expect(request.tools?.map(({ name }) => name)).toEqual([
      'files__read',
      'files__write',
      'tool_search',
      'late',
    ]);
    const names = request.messages.flatMap(({ parts }) =>
      parts.map((part) => ('name' in part ? part.name : undefined)),
    );
    expect(names).toEqual(['files__read', undefined, 'tool_search', 'tool_search']);
  });
  test('calls of them by another upstream become the items that the client knows', () => {
    const context = { request, model: 'm', unixSeconds: () => 0, newId: (prefix: string) => `${prefix}_1` };
    const { output } = codec.encodeResponse(
      {
        id: 'r',
        model: 'm',
        parts: [
          { type: 'tool-call', id: 'c3', name: 'files__write', kind: 'function', input: '{"a":1}' },
          { type: 'tool-call', id: 'c4', name: 'tool_search', kind: 'function', input: '{"query":"y"}' },
        ],
        finish: { reason: 'tool-calls' },
      },
      context,
    );
    expect(asObjects(output)).toEqual([
      {
        id: 'fc_1',
        type: 'function_call',
        call_id: 'c3',
        name: 'write',
        namespace: 'files',
        arguments: '{"a":1}',
        status: 'completed',
      },
      {
        id: 'tsc_1',
        type: 'tool_search_call',
        call_id: 'c4',
        execution: 'client',
        arguments: { query: 'y' },
        status: 'completed',
      },
    ]);
  });
  test('a call of a namespace is understood under its qualified name', () => {
    const answer = codec.decodeResponse(
      {
        id: 'r',
        output: [{ type: 'function_call', call_id: 'c', name: 'read', namespace: 'files', arguments: '{}' }],
      },
      { request },
    );
    expect(answer).toMatchObject({ parts: [{ name: 'files__read' }] });
  });
});

describe('a request that the API would refuse', () => {
  test.each<[string, JsonObject]>([
    ['input', { input: 5 }],
    ['input.0', { input: ['hi'] }],
    ['input.0.type', { input: [{ content: 'hi' }] }],
    ['input.0.role', { input: [{ role: 'tool', content: 'hi' }] }],
    ['input.0.content.0.text', { input: [{ role: 'user', content: [{ type: 'input_text' }] }] }],
    [
      'input.1.call_id',
      {
        input: [
          { role: 'user', content: 'hi' },
          { type: 'function_call', name: 'a', arguments: '' },
        ],
      },
    ],
    ['tools.0.type', { input: 'hi', tools: [{}] }],
    ['tools.0.name', { input: 'hi', tools: [{ type: 'function' }] }],
  ])('names %s', (path, body) => {
    let error: unknown;
    try {
      read(body);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(InvalidRequest);
    expect(error instanceof InvalidRequest && error.path).toBe(path);
  });
});
