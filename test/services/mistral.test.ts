/** Mistral under its name alone, over a stand-in that refuses what Mistral refuses. */
import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { asObjects, type JsonObject } from '../../src/protocols/json.ts';
import { post } from '../gateway/calls.ts';
import { startTested } from '../gateway-harness.ts';
import { startStrictMistral } from './strict-mistral.ts';

const mistral = startStrictMistral();
const gateway = await startTested({
  'openai-compatibility': [{ name: 'mistral', 'api-key': 'mistral-key', 'base-url': `${mistral.url}/v1` }],
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  mistral[Symbol.dispose]();
});
beforeEach(() => {
  mistral.asked.length = 0;
});

const model = 'mistral-small-latest';
const schema = { type: 'object', properties: { word: { type: 'string' } }, required: ['word'] };
const longId = 'call_PTLP8xhu3uwZk4l3nlnrrJha';

/** A conversation with thoughts, a call of another provider's model, its result, and a person who says more. */
const conversations: Readonly<Record<string, { path: string; body: JsonObject }>> = {
  chat: {
    path: '/v1/chat/completions',
    body: {
      model,
      seed: 7,
      max_completion_tokens: 500,
      stream_options: { include_usage: true },
      store: false,
      user: 'u-1',
      logprobs: false,
      service_tier: 'auto',
      reasoning_effort: 'medium',
      tools: [{ type: 'function', function: { name: 'look_up', parameters: schema, strict: true } }],
      messages: [
        { role: 'developer', content: 'Be short.' },
        { role: 'user', name: 'ada', content: 'When is high tide?' },
        {
          role: 'assistant',
          content: null,
          refusal: null,
          reasoning_content: 'I must look.',
          tool_calls: [
            { id: longId, type: 'function', function: { name: 'look_up', arguments: '{"word":"tide"}' } },
          ],
        },
        { role: 'tool', tool_call_id: longId, content: 'noon' },
        { role: 'user', content: 'In words.' },
      ],
    },
  },
  responses: {
    path: '/v1/responses',
    body: {
      model,
      store: false,
      include: ['reasoning.encrypted_content'],
      reasoning: { effort: 'low', summary: 'auto' },
      max_output_tokens: 500,
      tools: [{ type: 'function', name: 'look_up', parameters: schema, strict: true }],
      input: [
        { role: 'user', content: 'When is high tide?' },
        { type: 'function_call', call_id: longId, name: 'look_up', arguments: '{"word":"tide"}' },
        { type: 'function_call_output', call_id: longId, output: 'noon' },
        { role: 'user', content: 'In words.' },
      ],
    },
  },
  claude: {
    path: '/v1/messages',
    body: {
      model,
      max_tokens: 2000,
      thinking: { type: 'enabled', budget_tokens: 1024 },
      metadata: { user_id: 'u-1' },
      tools: [{ name: 'look_up', input_schema: schema }],
      messages: [
        { role: 'user', content: 'When is high tide?' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'I must look.', signature: 'c2ln' },
            {
              type: 'tool_use',
              id: 'toolu_01A09q90qw90lq917835lq9',
              name: 'look_up',
              input: { word: 'tide' },
            },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'toolu_01A09q90qw90lq917835lq9', content: 'noon' },
            { type: 'text', text: 'In words.' },
          ],
        },
      ],
    },
  },
  gemini: {
    path: `/v1beta/models/${model}:generateContent`,
    body: {
      generationConfig: { seed: 7, topK: 40, thinkingConfig: { thinkingBudget: 512, includeThoughts: true } },
      tools: [{ functionDeclarations: [{ name: 'look_up', parameters: schema }] }],
      contents: [
        { role: 'user', parts: [{ text: 'When is high tide?' }] },
        { role: 'model', parts: [{ functionCall: { name: 'look_up', args: { word: 'tide' } } }] },
        {
          role: 'user',
          parts: [
            { functionResponse: { name: 'look_up', response: { result: 'noon' } } },
            { text: 'In words.' },
          ],
        },
      ],
    },
  },
};

describe.each(Object.entries(conversations))('a %s client', (client, { path, body }) => {
  test.each([false, true])('has its conversation with tools taken (stream: %p)', async (stream) => {
    const at =
      stream && client === 'gemini' ? path.replace('generateContent', 'streamGenerateContent') : path;
    const sent = client === 'gemini' ? body : { ...body, stream };
    const answer = await post(`${gateway.url}${at}${client === 'gemini' && stream ? '?alt=sse' : ''}`, sent);
    const text = await answer.text();
    expect({ status: answer.status, text }).toMatchObject({ status: 200 });
    expect(text).toContain('look_up');
    const messages = asObjects(mistral.bodies().at(-1)?.messages);
    const call = messages.find(({ tool_calls }) => tool_calls !== undefined);
    const [id] = asObjects(call?.tool_calls).map((one) => one.id);
    const result = messages.find(({ role }) => role === 'tool');
    expect(result?.tool_call_id ?? 'no result').toBe(id ?? 'no call');
  });
});

test('the same service under another name refuses such a conversation', async () => {
  const plain = { name: 'plain', 'api-key': 'mistral-key', 'base-url': `${mistral.url}/v1` };
  await using other = await startTested({ 'openai-compatibility': [plain] });
  const answer = await post(`${other.url}/v1/chat/completions`, conversations.chat?.body ?? {});
  expect(answer.status).toBe(422);
});

test('what a client meant is kept under the names that Mistral has', async () => {
  const chat = conversations.chat;
  const answer = await post(`${gateway.url}/v1/chat/completions`, chat?.body ?? {});
  expect(answer.status).toBe(200);
  expect(mistral.bodies()[0]).toMatchObject({ max_tokens: 500, random_seed: 7, reasoning_effort: 'high' });
  const lost = answer.headers.get('x-translation-loss') ?? '';
  for (const field of ['user', 'service_tier', 'reasoning_effort', 'reasoning_content'])
    expect(lost).toContain(field);
  for (const field of ['stream_options', 'store', 'logprobs']) expect(lost).not.toContain(field);
});

test('a request that Mistral takes as it is goes out byte for byte', async () => {
  const text = `{"messages":[{"role":"user","content":"é"}], "model":"${model}","random_seed":1}`;
  expect((await post(`${gateway.url}/v1/chat/completions`, text)).status).toBe(200);
  expect(new TextDecoder().decode(mistral.asked.at(-1)?.body)).toBe(text);
});

test('the beginning of an answer that a Claude client gives is a prefix', async () => {
  const messages = [
    { role: 'user', content: 'Say yes.' },
    { role: 'assistant', content: 'Ye' },
  ];
  const answer = await post(`${gateway.url}/v1/messages`, { model, max_tokens: 10, messages });
  expect(answer.status).toBe(200);
  expect(asObjects(mistral.bodies()[0]?.messages).at(-1)).toMatchObject({ role: 'assistant', prefix: true });
});

test('an empty list of tools and a turn of thoughts alone are left out', async () => {
  const messages = [
    { role: 'user', content: 'a' },
    { role: 'assistant', content: '', reasoning_content: 'b' },
    { role: 'user', content: 'c' },
  ];
  const answer = await post(`${gateway.url}/v1/chat/completions`, { model, tools: [], messages });
  expect(answer.status).toBe(200);
  expect(mistral.bodies()[0]).toEqual({ model, messages: [messages[0] ?? {}, messages[2] ?? {}] });
});

test('files and sound have the form that Mistral has for them', async () => {
  const content = [
    { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' } },
    { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } },
  ];
  const body = { model, messages: [{ role: 'user', content }] };
  expect((await post(`${gateway.url}/v1/chat/completions`, body)).status).toBe(200);
  expect(asObjects(mistral.bodies()[0]?.messages)[0]?.content).toEqual([
    { type: 'document_url', document_url: 'data:application/pdf;base64,JVBERi0=', document_name: 'a.pdf' },
    { type: 'input_audio', input_audio: 'UklGRg==' },
  ]);
});
