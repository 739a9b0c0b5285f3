import { afterAll, expect, test } from 'bun:test';
import { startSandbox } from './start.ts';

const sandbox = startSandbox({ pace: 0, anyModel: false });
afterAll(() => sandbox.stop());

const messages = [{ role: 'user', content: 'Hi' }];
const requests = {
  'openai-chat': (model: string) => ['/v1/chat/completions', { model, messages }],
  'openai-responses': (model: string) => ['/v1/responses', { model, input: 'Hi' }],
  'anthropic-messages': (model: string) => ['/v1/messages', { model, max_tokens: 100, messages }],
  gemini: (model: string) => [
    `/v1beta/models/${model}:generateContent`,
    { contents: [{ parts: [{ text: 'Hi' }] }] },
  ],
};

async function ask(dialect: keyof typeof requests, model: string) {
  const [path, body] = requests[dialect](model);
  const response = await fetch(`${sandbox.url}${path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer key', 'x-goog-api-key': 'key', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

test.each([
  ['openai-chat', 404, 'The model `no-such-model` does not exist or you do not have access to it.'],
  ['openai-responses', 400, "The requested model 'no-such-model' does not exist."],
  ['anthropic-messages', 404, '"type":"not_found_error","message":"model: no-such-model"'],
  ['gemini', 404, 'models/no-such-model is not found for API version v1beta'],
] as const)('%s: a name that it does not know, in its own words', async (dialect, status, words) => {
  const answer = await ask(dialect, 'no-such-model');
  expect(answer.text).toContain(words);
  expect(answer.status).toBe(status);
});

test.each([
  ['openai-chat', 'gpt-4o-mini'],
  ['openai-chat', 'llama3.1:8b'],
  ['openai-chat', 'deepseek-chat'],
  ['openai-chat', '@cf/meta/llama-4-scout-17b-16e-instruct'],
  ['openai-chat', 'accounts/fireworks/models/qwen3-235b-a22b'],
  ['openai-responses', 'gpt-6.1-sol'],
  ['anthropic-messages', 'claude-opus-5-5'],
  ['gemini', 'gemini-3.8-flash'],
  ['gemini', 'sandbox-gemini'],
] as const)('%s knows %s', async (dialect, model) => {
  const answer = await ask(dialect, model);
  expect(answer.status, answer.text).toBe(200);
});

test.each([
  ['anthropic-messages', 'gpt-5'],
  ['openai-responses', 'claude-opus-4-8'],
  ['gemini', 'gpt-5'],
] as const)('%s does not know %s, a model of another maker', async (dialect, model) => {
  const { status } = await ask(dialect, model);
  expect(status).toBe(dialect === 'openai-responses' ? 400 : 404);
});
