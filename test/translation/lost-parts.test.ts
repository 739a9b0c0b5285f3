/** What an answer of Chat Completions has beside its text: it reaches clients of other protocols, or they read that it does not. */
import { afterAll, expect, test } from 'bun:test';
import type { Json } from '../../src/protocols/json.ts';
import { parseJson } from '../../src/protocols/json.ts';
import type { Protocol } from '../../src/protocols/model.ts';
import { callOf, calls, send } from '../gateway/calls.ts';
import { eventStream, startUpstream } from '../gateway/upstream.ts';
import { oneUpstream, startTested } from '../gateway-harness.ts';
import { at } from './feature.ts';

let reply: () => Response = () => new Response();
const upstream = startUpstream(() => reply());
const gateway = await startTested(oneUpstream('openai-chat', upstream.url, [{ name: 'm', alias: 'm' }]));
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  upstream[Symbol.dispose]();
});

const bytes = 'iVBORw0KGgo=';
const image = (url: string) => ({ index: 0, type: 'image_url', image_url: { url } });
const picture = image(`data:image/png;base64,${bytes}`);
const address = image('https://x.test/a.png');

function chat(...messages: object[]): Response {
  const choices = messages.map((message, index) => ({
    ...{ index, finish_reason: 'stop' },
    message: { role: 'assistant', ...message },
  }));
  return Response.json({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices });
}

function chunks(...choices: object[]): Response {
  const data = (choice: object) =>
    `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, ...choice }] })}\n\n`;
  return eventStream(`${choices.map(data).join('')}data: [DONE]\n\n`);
}

async function asked(
  client: Protocol,
  stream = false,
): Promise<{ loss: string | null; text: string; body: Json }> {
  const answer = await send(gateway.url, callOf(client), { model: 'm', stream });
  expect([client, answer.status]).toEqual([client, 200]);
  const text = await answer.text();
  return { loss: answer.headers.get('x-translation-loss'), text, body: parseJson(text) ?? null };
}

test('a picture reaches Gemini clients as bytes, clients of Responses as a generated image', async () => {
  reply = () => chat({ content: 'Here', images: [picture] });
  const gemini = await asked('gemini');
  expect(at(gemini.body, 'candidates.0.content.parts')).toEqual([
    { text: 'Here' },
    { inlineData: { mimeType: 'image/png', data: bytes } },
  ]);
  const responses = await asked('openai-responses');
  expect(at(responses.body, 'output.1')).toMatchObject({ type: 'image_generation_call', result: bytes });
  expect([gemini.loss, responses.loss]).toEqual([null, null]);
});

test('and the same streamed', async () => {
  reply = () =>
    chunks(
      { delta: { content: 'Here' } },
      { delta: { images: [picture] } },
      { delta: {}, finish_reason: 'stop' },
    );
  for (const client of ['gemini', 'openai-responses'] as const)
    expect((await asked(client, true)).text).toContain(bytes);
});

test('clients of Messages, which has no pictures in answers, read that they do not get it', async () => {
  reply = () => chat({ content: 'Here', images: [picture] });
  const { loss, body } = await asked('anthropic-messages');
  expect([loss, at(body, 'content')]).toEqual(['dropped:answer.image', [{ type: 'text', text: 'Here' }]]);
});

test('the address of a picture they get as text, as clients of Responses do', async () => {
  const events = () => chunks({ delta: { images: [address] } }, { delta: {}, finish_reason: 'stop' });
  for (const client of ['anthropic-messages', 'openai-responses'] as const) {
    reply = () => chat({ content: '', images: [address] });
    const whole = await asked(client);
    expect([client, callOf(client).textOf(whole.body), whole.loss]).toEqual([
      ...[client, '![image](https://x.test/a.png)', null],
    ]);
    reply = events;
    expect((await asked(client, true)).text).toContain('![image](https://x.test/a.png)');
  }
});

test('a second choice reaches Gemini clients; the others read that they have the first only', async () => {
  reply = () => chat({ content: 'A' }, { content: 'B' });
  for (const { protocol, textOf } of calls) {
    const { loss, body, text } = await asked(protocol);
    const several = protocol === 'gemini' || protocol === 'openai-chat';
    expect([protocol, textOf(body), text.includes('"B"'), loss]).toEqual([
      ...[protocol, 'A', several, several ? null : 'dropped:answer.choices.1'],
    ]);
  }
});

test('text beside the other fields of a choice, as the older completions have it, is the text', async () => {
  for (const { protocol, textOf } of calls) {
    reply = () => Response.json({ id: 'c', choices: [{ index: 0, text: 'Hello', finish_reason: 'stop' }] });
    const whole = await asked(protocol);
    if (protocol !== 'openai-chat') expect([protocol, textOf(whole.body)]).toEqual([protocol, 'Hello']);
    const streamed = await asked(protocol, true);
    expect([protocol, streamed.text.includes('Hello')]).toEqual([protocol, true]);
    reply = () =>
      chunks(
        ...['Hel', 'lo'].map((text) => ({ text, finish_reason: null })),
        ...[{ text: '', finish_reason: 'stop' }],
      );
    const { text } = await asked(protocol, true);
    expect([protocol, text.includes('"Hel"'), text.includes('"lo"')]).toEqual([protocol, true, true]);
  }
});
