/** An account with several projects: whether a quota that one has used up is that of all. */
import { afterAll, beforeEach, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/protocols/json.ts';
import { ask, gatewayWith, textOf } from './accounts.ts';
import { startUpstream } from './upstream.ts';

const spent = new Set<string>();
const upstream = startUpstream(({ body }) => {
  const { project }: { project: string } = JSON.parse(new TextDecoder().decode(body));
  if (spent.has(project))
    return Response.json(
      { error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: `the quota of ${project} is used up` } },
      { status: 429 },
    );
  const content = { role: 'model', parts: [{ text: `answered by ${project}` }] };
  return Response.json({ response: { candidates: [{ content, finishReason: 'STOP' }] } });
});
afterAll(() => upstream[Symbol.dispose]());
beforeEach(() => {
  spent.clear();
  upstream.asked.length = 0;
});

const gatewayOf = (settings: JsonObject) =>
  gatewayWith(
    [
      {
        kind: 'gemini',
        url: upstream.url,
        facts: { projects: ['one', 'two'] },
        label: 'ann',
        more: { account: 'ann', disableCooling: false },
      },
    ],
    settings,
  );
const question = { protocol: 'gemini', model: 'gemini-2.5-pro' } as const;

test('the next project takes over when the quota of one is used up', async () => {
  const gateway = gatewayOf({});
  spent.add('one');
  for (let i = 0; i < 2; i++) expect(await textOf(await ask(gateway, question))).toContain('answered by two');
});

test('with switch-project: false the quota of one project is that of the account', async () => {
  const gateway = gatewayOf({ 'quota-exceeded': { 'switch-project': false } });
  spent.add('one');
  const first = await ask(gateway, question);
  expect(first.status).toBe(429);
  const second = await ask(gateway, question);
  expect([second.status, await textOf(second)]).toEqual([429, expect.stringContaining('are cooling down')]);
  expect(upstream.asked).toHaveLength(1);
});
