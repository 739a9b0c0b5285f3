/** Permissions, prices and budgets behind a model route go by the model that served. */
import { afterAll, beforeEach, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/protocols/json.ts';
import { asObject, asObjects } from '../../src/protocols/json-members.ts';
import { callOf, calls, jsonOf, send } from '../gateway/calls.ts';
import { chatAnswer, startUpstream } from '../gateway/upstream.ts';
import { startTested } from '../gateway-harness.ts';
import { limitedKeys } from './keys.ts';

const upstream = startUpstream(({ body }) => {
  const { model } = JSON.parse(new TextDecoder().decode(body));
  if (failing.has(model)) return Response.json({ error: { message: 'down' } }, { status: 503 });
  return chatAnswer(`by ${model}`);
});
const failing = new Set<string>();
const keys = limitedKeys();
const secret = 'management-key-of-the-test';
const none = keys.key({ models: ['third'] });
const second = keys.key({ models: ['second'] });
const whole = keys.key({ models: ['smart'] });
const patterns = keys.key({ models: ['s*'] });
const real = keys.key({ models: ['first'] });
const small = keys.key({ models: ['claude-haiku-4-5'] });
const elsewhere = keys.key({ models: ['second'], providers: ['gemini'] });
const rich = keys.key({ budget: { day: { usd: 1 } } }, 'rich');
const poor = keys.key({ budget: { day: { usd: 0.000001 } } }, 'poor');

const gateway = await startTested({
  'openai-compatibility': [
    {
      name: 'local',
      'base-url': `${upstream.url}/v1`,
      'api-key': 'key-of-the-test',
      models: [{ name: 'first' }, { name: 'second' }, { name: 'third' }],
    },
  ],
  'model-routes': {
    smart: ['first', 'second'],
    // The names of models that cost something, in front of one that nobody has a price for.
    'gpt-5': 'third',
    first: ['first', 'second'],
    'claude-haiku-*': 'third',
    chosen: { models: 'third', rules: [{ when: 'thinking', models: 'second' }] },
  },
  prices: { first: { input: 100, output: 100 }, second: { input: 10, output: 10 } },
  'disable-cooling': true,
  'remote-management': { 'secret-key': secret },
  'api-keys': keys.entries,
});
beforeEach(() => {
  failing.clear();
  upstream.asked.length = 0;
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  upstream[Symbol.dispose]();
});

const as = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });
const ask = (key: string, model: string) => send(gateway.url, callOf('openai-chat'), { model, ...as(key) });
const told = async (key: string, model: string): Promise<string> => {
  const response = await ask(key, model);
  return response.ok ? callOf('openai-chat').textOf(await jsonOf(response)) : String(response.status);
};

test.each([
  ['none of its models', none, 'smart', '404'],
  ['one of its models', second, 'smart', 'by second'],
  ['the route itself', whole, 'smart', 'by first'],
  // A pattern stands for models; no model behind it begins with an s but the second.
  ['a pattern', patterns, 'smart', 'by second'],
  ['the pattern that a route is, by one name of it', small, 'claude-haiku-4-5', 'by third'],
  ['another name of it', small, 'claude-haiku-5', '404'],
  ['one of its models at a provider that does not serve it', elsewhere, 'smart', '403'],
  ['a model that only a rule leads to, which does not hold', second, 'chosen', '404'],
])('a key for %s asks for it', async (_, key, model, expected) => {
  expect(await told(key, model)).toBe(expected);
});

test("a key for a model gets no other model out of that model's own route", async () => {
  expect(await told(real, 'first')).toBe('by first');
  failing.add('first');
  expect(await told(real, 'first')).toBe('503');
  expect(await told(whole, 'smart')).toBe('by second');
});

test.each(calls)('$protocol: what a key may not use is not there', async (client) => {
  const response = await send(gateway.url, client, { model: 'smart', ...as(none) });
  expect(response.status).toBe(404);
  expect(client.errorOf(await jsonOf(response)).message).toContain('"smart"');
});

test('lists have the routes of which a key may use anything', async () => {
  const listed = async (key: string) =>
    asObjects(asObject(await jsonOf(await fetch(`${gateway.url}/v1/models`, as(key))))?.data).map(
      ({ id }) => id,
    );
  expect(await listed(none)).toEqual(['chosen', 'gpt-5', 'third']);
  expect(await listed(second)).toEqual(['first', 'second', 'smart']);
  expect(await listed(whole)).toEqual(['smart']);
});

async function managed(path: string): Promise<JsonObject> {
  const headers = { authorization: `Bearer ${secret}` };
  return asObject(await jsonOf(await fetch(`${gateway.url}/v0/management/${path}`, { headers }))) ?? {};
}

const spent = async (name: string): Promise<unknown> => {
  const key = asObject((await managed(`routing?model=smart&key=${name}`)).key);
  return asObjects(key?.limits)[0]?.used;
};

test('what a request costs is what the model costs that served, not what the name would', async () => {
  await ask(rich, 'smart');
  // Four tokens at 100 dollars for a million.
  expect(await spent('rich')).toBeCloseTo(0.0004, 8);
  failing.add('first');
  await ask(rich, 'smart');
  expect(await spent('rich')).toBeCloseTo(0.00044, 8);
  await ask(rich, 'gpt-5');
  expect(await spent('rich')).toBeCloseTo(0.00044, 8);
});

test('a budget is held against what the first model costs', async () => {
  expect(await told(poor, 'smart')).toBe('413');
  expect(upstream.asked.length).toBe(0);
});
