/** Google's Interactions API through the gateway, asked by Google's own client. */
import { afterAll, expect, test } from 'bun:test';
import { GoogleGenAI } from '@google/genai';
import { parseJson } from '../../src/protocols/json.ts';
import { asObject, asString } from '../../src/protocols/json-members.ts';
import { eventStream, startUpstream } from '../gateway/upstream.ts';
import { clientKey, startTested } from '../gateway-harness.ts';
import { limitedKeys } from '../limits/keys.ts';

const interaction = {
  id: 'v1_abc',
  object: 'interaction',
  model: 'gemini-3.5-flash',
  status: 'completed',
  created: '2026-11-29T00:00:00Z',
  updated: '2026-11-29T00:00:01Z',
  role: 'model',
  steps: [{ type: 'model_output', content: [{ type: 'text', text: 'Hello.' }] }],
  usage: { total_input_tokens: 30, total_output_tokens: 20, total_thought_tokens: 10, total_tokens: 60 },
};
const events = [
  { event_type: 'interaction.created', interaction: { ...interaction, status: 'in_progress', steps: [] } },
  { event_type: 'step.delta', index: 0, delta: { type: 'text', text: 'Hello.' } },
  { event_type: 'interaction.completed', interaction },
];
const google = startUpstream(({ key, body }) => {
  const json = asObject(parseJson(new TextDecoder().decode(body)));
  if (key === 'used-up') return Response.json({ error: { message: 'quota', code: 429 } }, { status: 429 });
  if (asString(json?.input) === 'refuse')
    return Response.json({ error: { code: 'invalid_request', message: 'No such tool.' } }, { status: 400 });
  if (json?.stream !== true) return Response.json(interaction);
  return eventStream(
    events.map((event) => `event: ${event.event_type}\ndata: ${JSON.stringify(event)}\n\n`).join(''),
  );
});
const gateway = await startTested({
  'interactions-api-key': [
    {
      'api-key': 'used-up',
      'base-url': google.url,
      priority: 1,
      models: [{ name: 'gemini-3.5-flash', alias: 'flash' }],
    },
    {
      'api-key': 'google-key',
      'base-url': google.url,
      models: [{ name: 'gemini-3.5-flash', alias: 'flash' }],
    },
  ],
  'claude-api-key': [{ 'api-key': 'k', 'base-url': google.url, models: [{ name: 'claude-sonnet-5' }] }],
});
afterAll(async () => {
  await gateway.stop();
  google[Symbol.dispose]();
});
const client = new GoogleGenAI({ apiKey: clientKey, httpOptions: { baseUrl: gateway.url } });
const lastAsked = () => {
  const asked = google.asked.at(-1);
  return { path: asked?.path, key: asked?.key, body: parseJson(new TextDecoder().decode(asked?.body)) };
};
const post = (body: object) =>
  fetch(`${gateway.url}/v1beta/interactions`, {
    method: 'POST',
    headers: { 'x-goog-api-key': clientKey, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

test('C: an interaction goes to a key that can, under the model’s own name, and comes back', async () => {
  const answer = await client.interactions.create({ model: 'flash', input: 'Hi', store: false });
  expect(answer).toMatchObject({ id: 'v1_abc', status: 'completed', usage: { total_output_tokens: 20 } });
  expect(lastAsked()).toEqual({
    path: '/v1/interactions',
    key: 'google-key',
    body: { model: 'gemini-3.5-flash', input: 'Hi', store: false },
  });
});

test('C: a streamed interaction comes event by event', async () => {
  const stream = await client.interactions.create({
    model: 'flash',
    input: 'Hi',
    store: false,
    stream: true,
  });
  const types: string[] = [];
  for await (const event of stream) types.push(event.event_type ?? '');
  expect(types).toEqual(events.map((event) => event.event_type));
});

test('C: Google’s refusal of an interaction is the client’s to read', async () => {
  const response = await post({ model: 'flash', input: 'refuse' });
  expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('No such tool.')]);
});

test.each([
  {
    field: 'previous_interaction_id',
    body: { model: 'flash', input: 'Hi', previous_interaction_id: 'v1_x' },
  },
  // Google's servers read names in both spellings.
  {
    field: 'previous_interaction_id',
    body: { model: 'flash', input: 'Hi', previousInteractionId: 'v1_x' },
  },
  { field: 'background', body: { model: 'flash', input: 'Hi', background: true } },
  { field: 'agent', body: { model: 'flash', input: 'Hi', agent: 'deep-research' } },
])('C: nothing that Google keeps for a key is reached through it: $field', async ({ field, body }) => {
  const before = google.asked.length;
  const response = await post(body);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    error: { status: 'INVALID_ARGUMENT', message: expect.stringContaining(field) },
  });
  expect(google.asked.length).toBe(before);
});

test('C: an older client’s version is asked for', async () => {
  expect((await post({ model: 'flash', input: 'Hi' })).status).toBe(200);
  expect(lastAsked().path).toBe('/v1beta/interactions');
});

test('C: an interaction counts towards its key’s budget', async () => {
  const keys = limitedKeys();
  const spent = keys.key({ budget: { day: { tokens: 60 } } });
  await using limited = await startTested({
    'gemini-api-key': [
      { 'api-key': 'google-key', 'base-url': google.url, models: [{ name: 'gemini-3.5-flash' }] },
    ],
    'api-keys': keys.entries,
  });
  const ask = (stream: boolean) =>
    fetch(`${limited.url}/v1/interactions`, {
      method: 'POST',
      headers: { 'x-goog-api-key': spent, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gemini-3.5-flash', input: 'Hi', stream }),
    });
  const first = await ask(true);
  expect(first.status).toBe(200);
  await first.text();
  expect((await ask(false)).status).toBe(429);
});

test.each(['GET', 'DELETE'])('C: %s of a kept interaction is no address here', async (method) => {
  const response = await fetch(`${gateway.url}/v1beta/interactions/v1_abc`, {
    method,
    headers: { 'x-goog-api-key': clientKey },
  });
  expect(response.status).toBe(404);
  await response.text();
});

test('C: a model without such a key says what is wanted', async () => {
  const response = await post({ model: 'claude-sonnet-5', input: 'Hi' });
  expect(response.status).toBe(501);
  expect(await response.text()).toContain('Interactions API');
});
