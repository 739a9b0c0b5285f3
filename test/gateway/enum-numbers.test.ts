/** Google's older REST clients: numbers in the place of words, both ways. */
import { afterAll, beforeEach, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/protocols/json.ts';
import { startTested } from '../gateway-harness.ts';
import { callOf, jsonOf, post, send } from './calls.ts';
import { chatAnswer, chatStream, startUpstream } from './upstream.ts';

const numbered = {
  candidates: [
    {
      content: { role: 'model', parts: [{ text: 'Hi' }] },
      finishReason: 2,
      index: 0,
      safetyRatings: [{ category: 8, probability: 1 }],
    },
  ],
  usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
};
const worded = JSON.stringify(numbered)
  .replace('"finishReason":2', '"finishReason":"MAX_TOKENS"')
  .replace(
    '"category":8,"probability":1',
    '"category":"HARM_CATEGORY_HATE_SPEECH","probability":"NEGLIGIBLE"',
  );
let geminiAnswer: JsonObject | string = numbered;
const upstream = startUpstream(({ path, body }) => {
  if (path.includes('/gemini')) {
    const text = typeof geminiAnswer === 'string' ? geminiAnswer : JSON.stringify(geminiAnswer);
    return path.includes('streamGenerate')
      ? new Response(`data: ${text}\n\n`, { headers: { 'content-type': 'text/event-stream' } })
      : new Response(text, { headers: { 'content-type': 'application/json' } });
  }
  return new TextDecoder().decode(body).includes('"stream":true') ? chatStream('Hi') : chatAnswer('Hi');
});
const gateway = await startTested({
  'gemini-api-key': [
    { 'api-key': 'g', 'base-url': `${upstream.url}/gemini`, models: [{ name: 'gemini-m' }] },
  ],
  'openai-compatibility': [
    {
      name: 'c',
      'base-url': `${upstream.url}/v1`,
      'api-key-entries': [{ 'api-key': 'k' }],
      models: [{ name: 'chat' }],
    },
  ],
});
beforeEach(() => {
  geminiAnswer = numbered;
  upstream.asked.length = 0;
});
afterAll(async () => {
  upstream[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

const wish = '$alt=json;enum-encoding=int';
const body = { contents: [{ role: 'user', parts: [{ text: 'q' }] }] };
const ask = (model: string, action: string, query: string, more: JsonObject = {}) =>
  post(`${gateway.url}/v1beta/models/${model}:${action}?${query}`, { ...body, ...more });

test.each([wish, '%24alt=json%3Benum-encoding%3Dint', '%24alt=json;enum-encoding=int&key=x'])(
  'A25: a client that asks with %s gets numbers for enums of any upstream',
  async (query) => {
    const whole = await jsonOf(await ask('chat', 'generateContent', query));
    expect(whole).toMatchObject({ candidates: [{ finishReason: 1 }] });
    const chunks = await jsonOf(await ask('chat', 'streamGenerateContent', query));
    expect(chunks).toMatchObject([{}, { candidates: [{ finishReason: 1 }] }]);
    const events = await (await ask('chat', 'streamGenerateContent', `${query}&alt=sse`)).text();
    expect(events).toContain('"finishReason":1');
  },
);

test('A25: streamed as an array by Google itself, too, which is asked for events alone', async () => {
  geminiAnswer = worded;
  const chunks = await jsonOf(await ask('gemini-m', 'streamGenerateContent', wish));
  expect(chunks).toMatchObject([
    { candidates: [{ content: { parts: [{ text: 'Hi' }] } }] },
    { candidates: [{ finishReason: 2, safetyRatings: [{ category: 8, probability: 1 }] }] },
  ]);
  expect(upstream.asked[0]?.path).toEndWith(':streamGenerateContent?alt=sse');
});

test('A25: who does not ask gets words', async () => {
  const whole = await jsonOf(await ask('chat', 'generateContent', ''));
  expect(whole).toMatchObject({ candidates: [{ finishReason: 'STOP' }] });
});

test('A25: an upstream that says numbers is understood', async () => {
  for (const stream of [false, true]) {
    const response = await send(gateway.url, callOf('openai-chat'), { model: 'gemini-m', stream });
    expect(await response.text()).toContain('"finish_reason":"length"');
  }
  geminiAnswer = { promptFeedback: { blockReason: 1 } };
  const blocked = await send(gateway.url, callOf('openai-chat'), { model: 'gemini-m', stream: false });
  expect(await blocked.text()).toContain('"finish_reason":"content_filter"');
});

test('A25: numbers of a client mean what the words do', async () => {
  const parameters = { type: 6, properties: { n: { type: 3 }, s: { type: 5, items: { type: 1 } } } };
  await ask('chat', 'generateContent', wish, {
    tools: [{ functionDeclarations: [{ name: 'f', description: 'd', parameters }] }],
    toolConfig: { functionCallingConfig: { mode: 2 } },
    safetySettings: [{ category: 8, threshold: 4 }],
    generationConfig: { responseModalities: [1] },
  });
  const sent = JSON.parse(new TextDecoder().decode(upstream.asked[0]?.body));
  expect(sent).toMatchObject({
    tool_choice: 'required',
    tools: [
      {
        function: {
          parameters: {
            type: 'object',
            properties: { n: { type: 'integer' }, s: { type: 'array', items: { type: 'string' } } },
          },
        },
      },
    ],
  });
});
