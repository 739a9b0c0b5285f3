/** Client keys over the management API: made, limited and changed by whoever need not see them. */
import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { servedFile } from './served-file.ts';

const written = `host: 127.0.0.1
port: 0
auth-dir: accounts
api-keys:
  - key: client-key-0001
    name: ann # hers
    budget: { day: { usd: 2 } } # of a day
remote-management: { secret-key: the-owner }
sandbox: true
`;

const { path, ask: asked } = servedFile(written);

const entries = () => parse(readFileSync(path, 'utf8'))['api-keys'];

async function ask(method: string, where: string, body?: unknown) {
  const { response } = await asked(method, where, body);
  return { status: response.status, said: JSON.parse(await response.text()) };
}

const listed = async (name: string) =>
  (await ask('GET', 'client-keys')).said.keys.find((key: { name: string }) => key.name === name);

test('a key is made with budgets, lists them with what is used, and loses them', async () => {
  const budget = { day: { usd: 1.5 }, month: { tokens: 4000 } };
  const { status, said } = await ask('POST', 'client-keys', { name: 'bob', budget });
  expect(status).toBe(200);
  expect(entries()[1]).toEqual({ key: said.key, name: 'bob', budget });
  expect(await listed('bob')).toMatchObject({
    budget,
    limits: [
      { limit: 'budget.day.usd', most: 1.5, used: 0, left: 1.5, resets: null },
      { limit: 'budget.month.tokens', most: 4000, used: 0, left: 4000, resets: null },
    ],
  });
  expect((await ask('PATCH', `client-keys/${said.id}`, { budget: { day: { tokens: 9 } } })).status).toBe(200);
  expect((await listed('bob')).budget).toEqual({ day: { tokens: 9 } });
  expect((await ask('PATCH', `client-keys/${said.id}`, { budget: null })).status).toBe(200);
  expect(await listed('bob')).toMatchObject({ budget: null, limits: [] });
  expect(entries()[1]).toEqual({ key: said.key, name: 'bob' });
});

test('what is not changed of a key stays as it is written', async () => {
  const { id, budget } = await listed('ann');
  expect(budget).toEqual({ day: { usd: 2 } });
  expect((await ask('PATCH', `client-keys/${id}`, { 'requests-per-minute': 5 })).status).toBe(200);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain('name: ann # hers');
  expect(text).toContain('budget: { day: { usd: 2 } } # of a day');
  expect(await listed('ann')).toMatchObject({ perMinute: 5, budget: { day: { usd: 2 } } });
});

test.each([
  [{ day: { usd: 0 } }, 'budget.day.usd'],
  [{ day: { usd: -1 } }, 'budget.day.usd'],
  [{ day: { usd: '5' } }, 'budget.day.usd'],
  [{ month: { tokens: 1.5 } }, 'budget.month.tokens'],
  [{ week: { usd: 5 } }, 'week'],
  [{ day: 5 }, 'budget.day'],
  [[], 'budget'],
])('%j is no budget: the field is named, and nothing is written', async (budget, named) => {
  const { id } = await listed('ann');
  const before = readFileSync(path, 'utf8');
  const { status, said } = await ask('PATCH', `client-keys/${id}`, { budget });
  expect(status).toBe(400);
  expect(JSON.stringify(said)).toContain(named);
  expect(readFileSync(path, 'utf8')).toBe(before);
});
