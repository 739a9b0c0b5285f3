import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import Anthropic from '@anthropic-ai/sdk';
import type {
  ContentBlockParam,
  Message,
  MessageParam,
  Tool,
  ToolResultBlockParam,
} from '@anthropic-ai/sdk/resources/messages/messages';
import { startSandbox } from '../start.ts';

const sandbox = startSandbox({ pace: 0 });
const client = new Anthropic({ baseURL: sandbox.url, apiKey: 'key', maxRetries: 0 });
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.stop());

const model = 'sandbox-claude';
const user = (content: string | ContentBlockParam[]): MessageParam => ({ role: 'user', content });
const tool = (name: string): Tool => ({
  name,
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
});
const tools = [tool('get_weather'), tool('get_time')];
const textOf = (message: Message) =>
  message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');

describe('answers', () => {
  test('greets and quotes what was said, with usage', async () => {
    const answer = await client.messages.create({ model, max_tokens: 100, messages: [user('Hello')] });
    expect(textOf(answer)).toBe('Hello from the sandbox! You said: "Hello"');
    expect(answer).toMatchObject({ stop_reason: 'end_turn', usage: { input_tokens: 2, output_tokens: 7 } });
  });

  test('a stream adds up to the same', async () => {
    const stream = client.messages.stream({ model, max_tokens: 100, messages: [user('repeat: a  b')] });
    const final = await stream.finalMessage();
    expect(textOf(final)).toBe('a  b');
    expect(final.usage.output_tokens).toBe(2);
  });

  test('system blocks are the system text', async () => {
    const answer = await client.messages.create({
      model,
      max_tokens: 100,
      system: [
        { type: 'text', text: 'Be brief.' },
        { type: 'text', text: 'Be kind.' },
      ],
      messages: [user('say system')],
    });
    expect(textOf(answer)).toBe('The system text is: "Be brief.\nBe kind."');
  });

  test('stop sequences and the limit are told apart', async () => {
    const messages = [user('repeat: one two three')];
    const stopped = await client.messages
      .stream({ model, max_tokens: 100, stop_sequences: ['thr', 'two'], messages })
      .finalMessage();
    expect(stopped).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'two' });
    expect(textOf(stopped)).toBe('one ');
    const cut = await client.messages.create({ model, max_tokens: 1, messages });
    expect(cut.stop_reason).toBe('max_tokens');
    expect(textOf(cut)).toBe('one');
  });

  test('images and documents are acknowledged, in results too', async () => {
    const image: ContentBlockParam = {
      type: 'image',
      source: { type: 'base64', media_type: 'image/gif', data: 'R0lGODlhAQABAAAAACw=' },
    };
    const pdf: ContentBlockParam = {
      type: 'document',
      title: 'a.pdf',
      source: { type: 'url', url: 'https://example.com/a.pdf' },
    };
    const answer = await client.messages.create({ model, max_tokens: 100, messages: [user([image, pdf])] });
    expect(textOf(answer)).toBe(
      'Hello from the sandbox! I see an image/gif of 14 bytes. I read a document named a.pdf at https://example.com/a.pdf.',
    );
  });

  test('a schema is answered with JSON that it allows', async () => {
    const schema = {
      type: 'object',
      properties: { ok: { type: 'boolean' } },
      required: ['ok'],
      additionalProperties: false,
    };
    const answer = await client.messages.create({
      model,
      max_tokens: 100,
      messages: [user('Fill it in')],
      output_config: { format: { type: 'json_schema', schema } },
    });
    expect(JSON.parse(textOf(answer))).toEqual({ ok: true });
  });

  test('a refusal is a stop reason', async () => {
    const answer = await client.messages.create({
      model,
      max_tokens: 100,
      messages: [user('please refuse')],
    });
    expect(answer.stop_reason).toBe('refusal');
  });

  test('a marked prefix is written to the cache and read from it', async () => {
    const ask = (last: string) =>
      client.messages.create({
        model,
        max_tokens: 100,
        system: [{ type: 'text', text: 'word '.repeat(2000), cache_control: { type: 'ephemeral' } }],
        messages: [user(last)],
      });
    expect((await ask('one')).usage).toMatchObject({
      input_tokens: 1,
      cache_creation_input_tokens: 2500,
      cache_read_input_tokens: 0,
    });
    expect((await ask('two')).usage).toMatchObject({
      input_tokens: 1,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 2500,
    });
  });

  test('tokens are counted', async () => {
    const count = await client.messages.countTokens({ model, system: 'Be', messages: [user('Hello there')] });
    expect(count.input_tokens).toBe(4);
  });

  test('models are listed', async () => {
    const ids: string[] = [];
    for await (const { id } of client.models.list()) ids.push(id);
    expect(ids).toEqual([...sandbox.models()]);
  });
});

const resultsFor = (message: Message, content = 'fine'): ToolResultBlockParam[] =>
  message.content
    .filter((block) => block.type === 'tool_use')
    .map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content }));

describe('tools', () => {
  test('parallel calls and their results make a round trip', async () => {
    const messages = [user('call get_weather and get_time')];
    const first = await client.messages.stream({ model, max_tokens: 500, tools, messages }).finalMessage();
    expect(first.stop_reason).toBe('tool_use');
    expect(first.content).toMatchObject([
      { type: 'tool_use', name: 'get_weather', input: { city: 'sandbox' } },
      { type: 'tool_use', name: 'get_time', input: { city: 'sandbox' } },
    ]);
    const [one, two] = resultsFor(first);
    if (one === undefined || two === undefined) throw new Error('two calls are expected');
    const second = await client.messages.create({
      model,
      max_tokens: 500,
      tools,
      messages: [
        ...messages,
        { role: 'assistant', content: first.content },
        user([one, { ...two, is_error: true }]),
      ],
    });
    expect(textOf(second)).toBe('get_weather answered: "fine" get_time failed: "fine"');
  });

  test('text may come before a call', async () => {
    const answer = await client.messages.create({
      model,
      max_tokens: 500,
      tools,
      messages: [user('think, then call get_time')],
    });
    expect(answer.content.map((block) => block.type)).toEqual(['text', 'tool_use']);
  });

  test.each([
    [{ type: 'any' } as const, 1],
    [{ type: 'tool', name: 'get_time' } as const, 1],
    [{ type: 'none' } as const, 0],
    [{ type: 'auto', disable_parallel_tool_use: true } as const, 1],
  ])('the choice %j is obeyed', async (tool_choice, calls) => {
    const said = tool_choice.type === 'auto' ? 'call get_weather and get_time' : 'Hello';
    const answer = await client.messages.create({
      model,
      max_tokens: 500,
      tools,
      tool_choice,
      messages: [user(said)],
    });
    expect(answer.content.filter((block) => block.type === 'tool_use')).toHaveLength(calls);
  });
});

describe('thinking', () => {
  const messages = [user('call get_weather')];
  const settings = {
    model,
    max_tokens: 2000,
    tools,
    thinking: { type: 'enabled', budget_tokens: 1024 },
  } as const;
  const ask = (turns: MessageParam[]) => client.messages.create({ ...settings, tools, messages: turns });
  const firstTurn = () => client.messages.stream({ ...settings, tools, messages }).finalMessage();
  const secondTurn = async (first: Message, content: ContentBlockParam[]) =>
    await ask([...messages, { role: 'assistant', content }, user(resultsFor(first))]);

  test('comes signed before the call and is accepted unchanged', async () => {
    const first = await firstTurn();
    expect(first.content).toMatchObject([{ type: 'thinking' }, { type: 'tool_use' }]);
    expect(first.usage.output_tokens_details?.thinking_tokens).toBeGreaterThan(0);
    expect(textOf(await secondTurn(first, first.content))).toBe('get_weather answered: "fine"');
  });

  test('is missed when the call comes back without it', async () => {
    const first = await firstTurn();
    await expect(secondTurn(first, first.content.slice(1))).rejects.toThrow('expected thinking');
  });

  test.each([
    ['its text', { thinking: 'Something else.' }],
    ['its signature', { signature: 'c29tZXRoaW5n' }],
  ])('is refused when %s was changed', async (_, change) => {
    const first = await firstTurn();
    const content = first.content.map((block) =>
      block.type === 'thinking' ? { ...block, ...change } : block,
    );
    await expect(secondTurn(first, content)).rejects.toThrow('Invalid `signature`');
  });

  test('that is redacted is accepted unchanged and refused otherwise', async () => {
    const turn = [user('think secretly, then call get_time')];
    const first = await ask(turn);
    expect(first.content[0]?.type).toBe('redacted_thinking');
    const again = async (content: ContentBlockParam[]) =>
      await ask([...turn, { role: 'assistant', content }, user(resultsFor(first))]);
    expect(textOf(await again(first.content))).toContain('answered');
    const forged = first.content.map((block) =>
      block.type === 'redacted_thinking' ? { ...block, data: 'Zm9yZ2Vk' } : block,
    );
    await expect(again(forged)).rejects.toThrow('redacted_thinking');
  });

  test('may be omitted from sight, with a signature all the same', async () => {
    const thinking = { type: 'adaptive', display: 'omitted' } as const;
    const first = await client.messages.create({ model, max_tokens: 2000, thinking, messages: [user('hm')] });
    expect(first.content[0]).toMatchObject({
      type: 'thinking',
      thinking: '',
      signature: expect.stringMatching(/./),
    });
  });
});

const use = (id: string): ContentBlockParam => ({ type: 'tool_use', id, name: 'get_time', input: {} });
const result = (tool_use_id: string): ContentBlockParam => ({ type: 'tool_result', tool_use_id });
const assistant = (...content: ContentBlockParam[]): MessageParam => ({ role: 'assistant', content });
const hi = user('hi');
const cached = { type: 'text', text: 'x', cache_control: { type: 'ephemeral' } } as const;

describe('refuses', () => {
  test.each<[string, object, string]>([
    ['no max_tokens', { max_tokens: undefined, messages: [hi] }, 'max_tokens'],
    ['an unknown field', { messages: [hi], seed: 1 }, 'seed'],
    [
      'an hour of cache behind five minutes',
      { messages: [user([cached, { ...cached, cache_control: { type: 'ephemeral', ttl: '1h' } }])] },
      'cache_control.ttl',
    ],
    [
      'citations beside an output schema',
      {
        messages: [
          user([
            {
              type: 'document',
              source: { type: 'text', media_type: 'text/plain', data: 'x' },
              citations: { enabled: true },
            },
          ]),
        ],
        output_config: {
          format: { type: 'json_schema', schema: { type: 'object', additionalProperties: false } },
        },
      },
      'output_config.format',
    ],
    [
      'both lists of domains',
      {
        messages: [hi],
        tools: [
          {
            type: 'web_search_20250305',
            name: 'web_search',
            allowed_domains: ['a.test'],
            blocked_domains: ['b.test'],
          },
        ],
      },
      'tools.0',
    ],
    ['a temperature over 1', { messages: [hi], temperature: 1.5 }, 'temperature'],
    ['an assistant who begins', { messages: [assistant({ type: 'text', text: 'x' })] }, 'messages'],
    ['empty text', { messages: [user(' ')] }, 'messages.0.content.0.text'],
    ['empty content', { messages: [user([])] }, 'messages.0'],
    ['a blank stop sequence', { messages: [hi], stop_sequences: ['\n'] }, 'stop_sequences.0'],
    ['a result without its call', { messages: [user([result('a')])] }, 'messages.0.content'],
    ['a call without its result', { messages: [hi, assistant(use('a')), hi] }, 'messages.2'],
    ['a call at the end', { messages: [hi, assistant(use('a'))] }, 'messages.1'],
    [
      'text before a result',
      { messages: [hi, assistant(use('a')), user([{ type: 'text', text: 'x' }, result('a')])] },
      'messages.2.content.0',
    ],
    ['a call of the user', { messages: [user([use('a')])] }, 'messages.0.content.0'],
    ['an odd call id', { messages: [hi, assistant(use('a:1'))] }, 'messages.1.content.0.id'],
    [
      'white space at the end of a prefill',
      { messages: [hi, assistant({ type: 'text', text: 'x ' })] },
      'messages.1',
    ],
    ['a choice without tools', { messages: [hi], tool_choice: { type: 'any' } }, 'tool_choice'],
    [
      'a choice of an unknown tool',
      { messages: [hi], tools, tool_choice: { type: 'tool', name: 'x' } },
      'tool_choice.name',
    ],
    ['two tools of one name', { messages: [hi], tools: [tool('a'), tool('a')] }, 'tools.1.name'],
    [
      'a schema that is no object',
      { messages: [hi], tools: [{ name: 'a', input_schema: {} }] },
      'tools.0.input_schema',
    ],
    [
      'a thinking budget over max_tokens',
      { messages: [hi], thinking: { type: 'enabled', budget_tokens: 1024 } },
      'max_tokens',
    ],
    [
      'thinking with a forced call',
      {
        messages: [hi],
        max_tokens: 2000,
        thinking: { type: 'enabled', budget_tokens: 1024 },
        tools,
        tool_choice: { type: 'any' },
      },
      'tool_choice',
    ],
    ['five cache marks', { messages: [user([cached, cached, cached, cached, cached])] }, 'cache_control'],
    [
      'an open schema for structured output',
      { messages: [hi], output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
      'output_config.format.schema',
    ],
  ])('%s, naming the field', async (_, body, path) => {
    const response = await fetch(`${sandbox.url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ model, max_tokens: 100, ...body }),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringMatching(new RegExp(`^${path}: `)) },
    });
  });

  test('a request without anthropic-version', async () => {
    const response = await fetch(`${sandbox.url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': 'k' },
      body: JSON.stringify({ model, max_tokens: 1, messages: [hi] }),
    });
    expect(response.status).toBe(400);
  });

  test('a limit where tokens are only counted', async () => {
    const response = await fetch(`${sandbox.url}/v1/messages/count_tokens`, {
      method: 'POST',
      headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ model, max_tokens: 1, messages: [hi] }),
    });
    expect(response.status).toBe(400);
  });
});
