/** Codex accounts have a limit for the plan and further ones for families of models: each puts into a cooldown what it is about. */
import { expect, test } from 'bun:test';
import { ask, gatewayWith, textOf } from './accounts.ts';
import { eventStream, startUpstream } from './upstream.ts';

const spark = 'gpt-5.3-codex-spark';
const used = JSON.stringify({
  error: { type: 'usage_limit_reached', message: 'The usage limit has been reached', resets_in_seconds: 600 },
});
const windows = (limit: string, percent: number) => ({
  [`x-codex-${limit}primary-used-percent`]: String(percent),
  [`x-codex-${limit}primary-reset-after-seconds`]: '900',
});
const named = { 'x-codex-bengalfox-limit-name': 'GPT-5.3-Codex-Spark' };

const answered = {
  type: 'response.completed',
  response: { id: 'r', object: 'response', status: 'completed', model: 'gpt-5.5', output: [] },
};

test.each([
  {
    says: 'the active limit is that of the family',
    headers: {
      'x-codex-active-limit': 'codex_bengalfox',
      ...windows('', 10),
      ...windows('bengalfox-', 100),
      ...named,
    },
  },
  {
    says: 'only the window of the family is used up',
    headers: { ...windows('', 10), ...windows('bengalfox-', 100), ...named },
  },
  { says: 'nothing but the body', headers: {} },
])('B: a used-up Spark limit cools down Spark alone: $says', async ({ headers }) => {
  using upstream = startUpstream(({ body }) =>
    new TextDecoder().decode(body).includes(spark)
      ? new Response(used, { status: 429, headers })
      : eventStream(`event: response.completed\ndata: ${JSON.stringify(answered)}\n\n`),
  );
  const gateway = gatewayWith([{ kind: 'codex', url: upstream.url, more: { disableCooling: false } }]);
  const request = (model: string) => ask(gateway, { protocol: 'openai-responses', model, stream: true });
  expect((await request(spark)).status).toBe(429);
  expect((await request('gpt-5.5')).status).toBe(200);
  const asked = upstream.asked.length;
  expect((await request(spark)).status).toBe(429);
  expect(upstream.asked.length).toBe(asked);
});

test('B: the plan’s own limit cools down the other models of the account', async () => {
  using upstream = startUpstream(
    () =>
      new Response(used, {
        status: 429,
        headers: {
          'x-codex-active-limit': 'premium',
          ...windows('', 100),
          ...windows('bengalfox-', 0),
          ...named,
        },
      }),
  );
  const gateway = gatewayWith([{ kind: 'codex', url: upstream.url, more: { disableCooling: false } }]);
  const request = (model: string) => ask(gateway, { protocol: 'openai-responses', model, stream: true });
  expect((await request('gpt-5.5')).status).toBe(429);
  const refused = await request('gpt-5.4');
  expect(refused.status).toBe(429);
  expect(await textOf(refused)).toContain('gpt-5.4');
  expect(upstream.asked.length).toBe(1);
});

test.each([
  {
    says: 'the active limit is the plan’s',
    headers: {
      'x-codex-active-limit': 'premium',
      ...windows('', 100),
      ...windows('bengalfox-', 0),
      ...named,
    },
  },
  {
    says: 'only the window of the plan is used up',
    headers: { ...windows('', 100), ...windows('bengalfox-', 0) },
  },
  { says: 'nothing but the body', headers: {} },
])('B: a used-up limit of the plan leaves Spark alone: $says', async ({ headers }) => {
  using upstream = startUpstream(({ body }) =>
    new TextDecoder().decode(body).includes(spark)
      ? eventStream(`event: response.completed\ndata: ${JSON.stringify(answered)}\n\n`)
      : new Response(used, { status: 429, headers }),
  );
  const gateway = gatewayWith([{ kind: 'codex', url: upstream.url, more: { disableCooling: false } }]);
  const request = (model: string) => ask(gateway, { protocol: 'openai-responses', model, stream: true });
  expect((await request('gpt-5.5')).status).toBe(429);
  expect((await request(spark)).status).toBe(200);
  const asked = upstream.asked.length;
  // That Spark answers says nothing of the plan.
  expect((await request('gpt-5.4')).status).toBe(429);
  expect(upstream.asked.length).toBe(asked);
});
