import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import OpenAI from 'openai';
import type {
  ChatCompletionMessageParam,
  ChatCompletionTool,
} from 'openai/resources/chat/completions/completions';
import { startSandbox } from '../start.ts';

const sandbox = startSandbox({ pace: 0 });
const client = new OpenAI({ baseURL: `${sandbox.url}/v1`, apiKey: 'key', maxRetries: 0 });
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.stop());

const user = (content: string): ChatCompletionMessageParam => ({ role: 'user', content });
const weather: ChatCompletionTool = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 3 } },
      required: ['city', 'days'],
    },
  },
};
const clock: ChatCompletionTool = { type: 'function', function: { name: 'get_time' } };
const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const say = (content: string, more: object = {}) =>
  client.chat.completions.create({ model: 'sandbox', messages: [user(content)], ...more });
const text = async (content: string, more: object = {}) => {
  const answer = await say(content, more);
  return 'choices' in answer ? (answer.choices[0]?.message.content ?? '') : '';
};

describe('answers', () => {
  test('greets and quotes what was said, with usage', async () => {
    const answer = await client.chat.completions.create({ model: 'any-name', messages: [user('Hello')] });
    expect(answer.choices[0]?.message.content).toBe('Hello from the sandbox! You said: "Hello"');
    expect(answer.choices[0]?.finish_reason).toBe('stop');
    expect(answer.model).toBe('any-name');
    expect(answer.usage).toMatchObject({ prompt_tokens: 2, completion_tokens: 7, total_tokens: 9 });
  });

  test.each([
    ['say system', 'The system text is: "Be brief."'],
    ['say turns', 'The turns are: system, user'],
    ['say tools', 'The tools are: get_weather'],
    ['say settings', 'The settings are: {"temperature":0.5}'],
    ['say 3 words', 'word1 word2 word3'],
    ['repeat: ünï 👩‍👩‍👧\ncode', 'ünï 👩‍👩‍👧\ncode'],
  ])('%j is answered with %j', async (said, answer) => {
    const result = await client.chat.completions.create({
      model: 'sandbox',
      temperature: 0.5,
      tools: [weather],
      messages: [{ role: 'system', content: 'Be brief.' }, user(said)],
    });
    expect(result.choices[0]?.message.content).toBe(answer);
  });

  test('a stream adds up to the whole answer, with usage when asked', async () => {
    const stream = client.chat.completions.stream({
      model: 'sandbox',
      messages: [user('repeat: one two  three\n')],
      stream_options: { include_usage: true },
    });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]?.message.content).toBe('one two  three\n');
    expect(final.usage?.completion_tokens).toBe(4);
  });

  test('an image is acknowledged with its type and size', async () => {
    const answer = await client.chat.completions.create({
      model: 'sandbox',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'look' },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } },
            { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
          ],
        },
      ],
    });
    expect(answer.choices[0]?.message.content).toBe(
      'Hello from the sandbox! You said: "look" I see an image/png of 70 bytes. I see an image at https://example.com/a.png.',
    );
  });

  test('a stop sequence ends the answer before it', async () => {
    expect(await text('repeat: one two three', { stop: ['two'] })).toBe('one ');
  });

  test('max_tokens cuts the answer and says so', async () => {
    const answer = await client.chat.completions.create({
      model: 'sandbox',
      messages: [user('say 10 words')],
      max_completion_tokens: 3,
    });
    expect(answer.choices[0]?.message.content).toBe('word1 word2 word3');
    expect(answer.choices[0]?.finish_reason).toBe('length');
    expect(answer.usage?.completion_tokens).toBe(3);
  });

  test('n answers are n choices, streamed too', async () => {
    const answer = await client.chat.completions.create({ model: 'm', n: 2, messages: [user('repeat: x')] });
    expect(answer.choices.map((choice) => choice.message.content)).toEqual(['x', 'x']);
    const streamed = client.chat.completions.stream({ model: 'm', n: 2, messages: [user('repeat: x')] });
    const final = await streamed.finalChatCompletion();
    expect(final.choices.map((choice) => choice.message.content)).toEqual(['x', 'x']);
  });

  test('a refusal is a refusal', async () => {
    const stream = client.chat.completions.stream({ model: 'sandbox', messages: [user('please refuse')] });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]?.message.refusal).toStartWith('The sandbox declines');
    expect(final.choices[0]?.message.content).toBe('');
  });

  test('thinking is shown as reasoning_content and counted', async () => {
    const answer = await client.chat.completions.create({
      model: 'sandbox',
      messages: [user('hm')],
      reasoning_effort: 'low',
    });
    expect(answer.choices[0]?.message).toHaveProperty('reasoning_content');
    expect(answer.usage?.completion_tokens_details?.reasoning_tokens).toBeGreaterThan(0);
  });

  test('a schema is answered with JSON that it allows', async () => {
    const schema = {
      type: 'object',
      properties: { kind: { enum: ['a', 'b'] }, items: { type: 'array', items: { type: 'integer' } } },
      required: ['kind', 'items'],
      additionalProperties: false,
    };
    const json_schema = { name: 'thing', strict: true, schema };
    const answer = await text('Fill it in', { response_format: { type: 'json_schema', json_schema } });
    expect(JSON.parse(answer)).toEqual({ kind: 'a', items: [1] });
  });

  test('a long prefix that was seen before counts as cached', async () => {
    const messages = [user('word '.repeat(2000)), { role: 'assistant', content: 'yes' } as const];
    const ask = (last: string) =>
      client.chat.completions.create({ model: 'sandbox', messages: [...messages, user(last)] });
    expect((await ask('one')).usage?.prompt_tokens_details?.cached_tokens).toBe(0);
    expect((await ask('two')).usage?.prompt_tokens_details?.cached_tokens).toBe(2501);
  });
});

describe('tools', () => {
  test('are called by name, in parallel, and their results are quoted', async () => {
    const messages = [user('call get_weather and get_time')];
    const tools = [weather, clock];
    const first = await client.chat.completions
      .stream({ model: 'sandbox', messages, tools })
      .finalChatCompletion();
    const message = first.choices[0]?.message;
    expect(first.choices[0]?.finish_reason).toBe('tool_calls');
    const calls = message?.tool_calls ?? [];
    expect(calls.map((call) => (call.type === 'function' ? call.function : call))).toMatchObject([
      { name: 'get_weather', arguments: '{"city":"sandbox","days":3}' },
      { name: 'get_time', arguments: '{}' },
    ]);
    if (message === undefined) return;
    const results = calls.map(
      (call, i): ChatCompletionMessageParam => ({
        role: 'tool',
        tool_call_id: call.id,
        content: `result ${i}`,
      }),
    );
    const second = await client.chat.completions.create({
      model: 'sandbox',
      tools,
      messages: [...messages, message, ...results],
    });
    expect(second.choices[0]?.message.content).toBe(
      'get_weather answered: "result 0" get_time answered: "result 1"',
    );
  });

  test.each([
    ['required', 'required', ['get_weather']],
    ['a name', { type: 'function', function: { name: 'get_time' } }, ['get_time']],
    ['none', 'none', []],
  ])('the choice %s is obeyed', async (_, tool_choice, names) => {
    const answer = await say('Hello', { tools: [weather, clock], tool_choice });
    const calls = 'choices' in answer ? (answer.choices[0]?.message.tool_calls ?? []) : [];
    expect(calls.map((call) => (call.type === 'function' ? call.function.name : ''))).toEqual(names);
  });

  test('only one is called when parallel calls are off', async () => {
    const answer = await say('call get_weather and get_time', {
      tools: [weather, clock],
      parallel_tool_calls: false,
    });
    expect('choices' in answer && answer.choices[0]?.message.tool_calls).toHaveLength(1);
  });

  test('take the input that is given with them', async () => {
    const answer = await client.chat.completions.create({
      model: 'sandbox',
      messages: [user('call get_weather with {"city":"Köln 🌧"}')],
      tools: [weather],
    });
    expect(answer.choices[0]?.message.tool_calls?.[0]).toMatchObject({
      function: { arguments: '{"city":"Köln 🌧"}' },
    });
  });

  test('a custom tool gets free text', async () => {
    const answer = await client.chat.completions.create({
      model: 'sandbox',
      messages: [user('call patch with *** Begin')],
      tools: [{ type: 'custom', custom: { name: 'patch' } }],
    });
    expect(answer.choices[0]?.message.tool_calls?.[0]).toMatchObject({
      type: 'custom',
      custom: { name: 'patch', input: '*** Begin' },
    });
  });
});

const hi = [user('hi')];
const call = (id: string) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } });

describe('refuses', () => {
  test.each<[string, object, string]>([
    ['no messages', { messages: [] }, 'messages'],
    ['an unknown field', { messages: hi, top_k: 3 }, 'top_k'],
    ['an unknown role', { messages: [{ role: 'robot', content: 'x' }] }, 'messages[0].role'],
    ['a wrong type', { messages: hi, temperature: 'warm' }, 'temperature'],
    ['a value out of range', { messages: hi, top_p: 2 }, 'top_p'],
    ['two length limits', { messages: hi, max_tokens: 1, max_completion_tokens: 1 }, 'max_tokens'],
    ['five stop sequences', { messages: hi, stop: ['a', 'b', 'c', 'd', 'e'] }, 'stop'],
    ['stream options without a stream', { messages: hi, stream_options: {} }, 'stream_options'],
    ['a choice without tools', { messages: hi, tool_choice: 'auto' }, 'tool_choice'],
    [
      'a choice of an unknown tool',
      { messages: hi, tools: [weather], tool_choice: { type: 'function', function: { name: 'x' } } },
      'tool_choice',
    ],
    [
      'a bad tool name',
      { messages: hi, tools: [{ type: 'function', function: { name: 'a b' } }] },
      'tools[0].function.name',
    ],
    [
      'a schema that is no object',
      { messages: hi, tools: [{ type: 'function', function: { name: 'f', parameters: {} } }] },
      'tools[0].function.parameters',
    ],
    [
      'a strict tool with an open schema',
      {
        messages: hi,
        tools: [{ type: 'function', function: { name: 'f', strict: true, parameters: { type: 'object' } } }],
      },
      'tools[0].function.parameters',
    ],
    [
      'a result without its call',
      { messages: [...hi, { role: 'tool', tool_call_id: 'a', content: 'x' }] },
      'messages[1].tool_call_id',
    ],
    [
      'a call without its result',
      { messages: [...hi, { role: 'assistant', tool_calls: [call('a')] }, ...hi] },
      'messages[2]',
    ],
    [
      'a call id of more than 40 characters',
      { messages: [...hi, { role: 'assistant', tool_calls: [call('a'.repeat(41))] }] },
      'messages[1].tool_calls[0].id',
    ],
    ['an assistant who says nothing', { messages: [...hi, { role: 'assistant' }] }, 'messages[1].content'],
    [
      'an image that is no data',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'abc' } }] }] },
      'messages[0].content[0].image_url.url',
    ],
    ['metadata that nobody stores', { messages: hi, metadata: { a: 'b' } }, 'metadata'],
    ['speech without a voice', { messages: hi, modalities: ['text', 'audio'] }, 'audio'],
    [
      'more than 128 tools',
      {
        messages: hi,
        tools: Array.from({ length: 129 }, (_, i) => ({ type: 'function', function: { name: `f${i}` } })),
      },
      'tools',
    ],
    ['JSON mode without the word', { messages: hi, response_format: { type: 'json_object' } }, 'messages'],
  ])('%s, naming the field', async (_, body, param) => {
    const response = await fetch(`${sandbox.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer k' },
      body: JSON.stringify({ model: 'm', ...body }),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error', param } });
  });
});

test('embeddings are the same for the same text, in both encodings', async () => {
  const input = ['one', 'two'];
  const decoded = await client.embeddings.create({ model: 'sandbox', input });
  const plain = await client.embeddings.create({ model: 'sandbox', input, encoding_format: 'float' });
  expect(decoded.data).toHaveLength(2);
  for (const [i, { embedding }] of plain.data.entries()) {
    expect(embedding).toHaveLength(64);
    for (const [j, value] of embedding.entries()) expect(decoded.data[i]?.embedding[j]).toBeCloseTo(value, 6);
  }
  expect(plain.data[0]?.embedding).not.toEqual(plain.data[1]?.embedding ?? []);
});
