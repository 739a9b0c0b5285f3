/** Mistral under its name alone, over a stand-in that refuses what Mistral refuses. */
import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { asObjects } from '../../src/protocols/json-members.ts';
import { post } from '../gateway/calls.ts';
import { startTested } from '../gateway-harness.ts';
import { conversationClients, converse } from './conversations.ts';
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
describe.each(conversationClients)('a %s client', (client) => {
  test.each([false, true])('has its conversation with tools taken (stream: %p)', async (stream) => {
    const answer = await converse(gateway.url, model, client, stream);
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
  expect((await converse(other.url, model, 'chat', false)).status).toBe(422);
});

test('what a client meant is kept under the names that Mistral has', async () => {
  const answer = await converse(gateway.url, model, 'chat', false);
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
