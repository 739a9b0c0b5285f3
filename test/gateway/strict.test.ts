import { afterAll, beforeEach, expect, test } from 'bun:test';
import { version } from '../../package.json';
import { isObject, type JsonObject, parseJson } from '../../src/protocols/json.ts';
import type { Protocol } from '../../src/protocols/model.ts';
import { startGateway } from '../../src/server/start.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { clientKey, configOf, oneUpstream, startTested } from '../gateway-harness.ts';
import { callOf, jsonOf, post } from './calls.ts';
import { chatAnswer, startUpstream } from './upstream.ts';

const upstream = startUpstream(() => chatAnswer('answered'));
const models = [{ name: 'm' }];
const strict = { translation: { strict: true } };
const chatOnly = oneUpstream('openai-chat', upstream.url, models);
const gateway = await startTested({ ...chatOnly, ...strict });

beforeEach(() => {
  upstream.asked.length = 0;
});
afterAll(async () => {
  upstream[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

/** Sends the small request of a client with more fields in it. */
function ask(client: Protocol, more: JsonObject, { url = gateway.url, stream = false } = {}) {
  const call = callOf(client);
  return post(`${url}${call.path('m', stream)}`, { ...call.body('m', 'Hello', stream), ...more });
}

const lossy: { client: Protocol; more: JsonObject; field: string }[] = [
  { client: 'anthropic-messages', more: { top_k: 4 }, field: 'top_k' },
  { client: 'openai-responses', more: { truncation: 'auto' }, field: 'truncation' },
  { client: 'gemini', more: { generationConfig: { topK: 4 } }, field: 'topK' },
];

test.each(lossy)(
  'strict refuses $field of $client for Chat Completions in the client’s protocol, asks nobody, and cools down no credential',
  async ({ client, more, field }) => {
    for (const stream of [false, true]) {
      const refused = await ask(client, more, { stream });
      expect(refused.status).toBe(400);
      const { message } = callOf(client).errorOf(await jsonOf(refused));
      expect(message).toContain('translation to openai-chat would lose');
      expect(message?.toLowerCase().replace('_', '')).toContain(field.toLowerCase().replace('_', ''));
    }
    expect(upstream.asked).toEqual([]);
    const faithful = await ask(client, {});
    expect(callOf(client).textOf(await jsonOf(faithful))).toBe('answered');
  },
);

test('without strict the same requests are answered, and a header says what was lost', async () => {
  await using lenient = await startTested(chatOnly);
  for (const { client, more } of lossy) {
    const response = await ask(client, more, lenient);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-translation-loss')).toStartWith('dropped:');
  }
});

test('strict lets the client’s own protocol through with whatever it holds', async () => {
  const response = await ask('openai-chat', { top_k: 4, made_up: true });
  expect(response.status).toBe(200);
  expect(new TextDecoder().decode(upstream.asked[0]?.body)).toContain('"made_up":true');
});

test('strict chooses the credential that loses nothing, whatever the rotation', async () => {
  const anthropic = oneUpstream('anthropic-messages', upstream.url, models);
  await using mixed = await startTested({ ...chatOnly, ...anthropic, ...strict, 'disable-cooling': true });
  for (let round = 0; round < 4; round++) await ask('anthropic-messages', { top_k: 4 }, mixed);
  expect(upstream.asked.map(({ path }) => path)).toEqual(Array(4).fill('/v1/messages'));
});

test('at debug the log has one line for a translated request, with field, kind and detail of each loss', async () => {
  const written: string[] = [];
  const sink = { write: (text: string) => void written.push(text) };
  const log = createLog({ level: 'debug', format: 'json', sink });
  const debugging = await startGateway({ config: configOf(chatOnly), version, log });
  await ask('anthropic-messages', { top_k: 4 }, debugging);
  await ask('openai-chat', { top_k: 4 }, debugging);
  await debugging.stop();
  const text = written.join('');
  const lines = text.trim().split('\n').map(parseJson).filter(isObject);
  expect(lines.filter(({ msg }) => msg === 'translated')).toMatchObject([
    {
      level: 'debug',
      from: 'anthropic-messages',
      to: 'openai-chat',
      model: 'm',
      losses: [{ kind: 'dropped', field: 'top_k', detail: expect.any(String) }],
    },
  ]);
  expect(text).not.toContain(clientKey);
});
