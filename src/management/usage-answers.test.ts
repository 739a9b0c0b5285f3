import { expect, test } from 'bun:test';
import { usageRecord } from '../../test/usage-records.ts';
import { systemClock } from '../ground/clock.ts';
import { digestsWith } from '../usage/digest.ts';
import { localDays } from '../usage/local-day.ts';
import { priceList } from '../usage/price-list.ts';
import { openUsageDatabase } from '../usage/usage-database.ts';
import { createUsageStore } from '../usage/usage-store.ts';
import { usageAnswers } from './usage-answers.ts';

const now = Date.UTC(2026, 10, 29, 12);
const days = localDays('UTC');
const { database } = openUsageDatabase(':memory:');
const store = createUsageStore({
  database,
  digests: digestsWith(Buffer.alloc(32, 7)),
  days,
  clock: systemClock,
  onProblem(error) {
    throw error;
  },
});
store.add(usageRecord({ at: now - 1000 }));
store.flushNow();
const answers = usageAnswers(
  { open: async () => ({ ok: true, database, days }), prices: () => priceList({}) },
  () => now,
);
const ask = (path: string, query: string) => answers.handle('GET', [path], new URLSearchParams(query));

test.each([
  ['summary', 'by=foo', 'by'],
  ['summary', 'since=rubbish', 'since'],
  ['summary', `until=${'9'.repeat(400)}`, 'until'],
  ['summary', 'since=2026-12-01&until=2026-11-01', 'until'],
  ['series', 'step=year', 'step'],
  ['requests', 'limit=-1', 'limit'],
  ['requests', 'limit=1e2', 'limit'],
  ['requests', 'limit=%2B5', 'limit'],
  ['requests', 'before=rubbish', 'before'],
  ['requests', 'status=foo', 'status'],
  ['export', 'format=xml', 'format'],
  ['summary', 'sinc=7d', 'sinc'],
  ['summary', 'step=day', 'step'],
  ['series', 'limit=5', 'limit'],
  ['requests', 'by=model', 'by'],
  ['requests', 'Key=a', 'Key'],
  ['export', 'format=csv&foo', 'foo'],
])('%s?%s is a 400 that names what is wrong', async (path, query, name) => {
  const response = await ask(path, query);
  expect(response.status).toBe(400);
  const refusal: { error: string; code: string } = JSON.parse(await response.text());
  expect(refusal.code).toBe('bad_parameter');
  expect(refusal.error).toStartWith(`${name}: `);
  expect(refusal.error.length).toBeLessThan(200);
});

test.each(['since', 'limit', 'before', 'status'])('a long %s is not repeated in full', async (name) => {
  const response = await ask('requests', `${name}=${'x'.repeat(10_000)}`);
  expect(response.status).toBe(400);
  expect((await response.text()).length).toBeLessThan(250);
});

test('an unknown parameter is told with its likeliest meaning and all that can be asked', async () => {
  const { error } = JSON.parse(await (await ask('summary', 'sinc=7d')).text());
  expect(error).toBe(
    'sinc: there is no such parameter here. Did you mean since? Known parameters: since, until, key, credential, account, provider, model, session, by.',
  );
  const one = await answers.handle('GET', ['requests', 'req_1'], new URLSearchParams('by=model'));
  expect([one.status, JSON.parse(await one.text()).error]).toEqual([
    400,
    'by: a single request has no parameters.',
  ]);
  // All replicas keep their usage together: none has an answer of its own.
  expect((await ask('summary', 'replica=a&since=7d')).status).toBe(400);
});

test('a time before all times means from the beginning on', async () => {
  const { total } = JSON.parse(await (await ask('summary', 'since=99999999999d')).text());
  expect(total.requests).toBe(1);
});
