import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { usageRecord } from '../../test/usage-records.ts';
import { budgetFileName, createCredentialBudgets, type SpentBudget } from './credential-budgets.ts';

const directory = mkdtempSync(join(tmpdir(), 'credential-budgets-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const noon = new Date(2026, 10, 29, 12).getTime();
const midnight = new Date(2026, 10, 30).getTime();
const nextMonth = new Date(2026, 11, 1).getTime();

function budgets(now = () => noon) {
  const spent: [string, SpentBudget][] = [];
  const left: string[] = [];
  const warnings: string[] = [];
  const kept = createCredentialBudgets({
    now,
    warn: (sentence) => void warnings.push(sentence),
    onSpent: (ids, budget) => void spent.push(...ids.map((id): [string, SpentBudget] => [id, budget])),
    onLeft: (ids) => void left.push(...ids),
    delay: 0,
  });
  /** A request that cost a thousandth of a dollar and 1,050 tokens. */
  const serve = (id: string, more: Partial<Parameters<typeof usageRecord>[0]> = {}) => {
    const { served } = usageRecord({ at: now() });
    if (served !== undefined)
      kept.add(usageRecord({ at: now(), served: { ...served, credential: { id, name: id } }, ...more }));
  };
  return { ...kept, spent, left, warnings, serve };
}

test('a credential is reported when its budget is spent, until the next day', () => {
  const self = budgets();
  self.use([{ id: 'c-1', budget: { day: { usd: 0.0015 } } }, { id: 'c-2' }]);
  self.serve('c-1');
  self.serve('c-2');
  expect(self.spent).toEqual([]);
  self.serve('c-1');
  expect(self.spent).toEqual([
    [
      'c-1',
      {
        limit: 'budget.day.usd',
        until: midnight,
        reason: 'It may use $0.0015 a day (budget.day.usd), and that is spent.',
      },
    ],
  ]);
  expect(self.usageOf('c-1')).toEqual([
    { limit: 'budget.day.usd', most: 0.0015, used: 0.002, resetsAt: midnight },
  ]);
  expect(self.usageOf('c-2')).toEqual([]);
});

test('of two limits that are reached the one that lasts longest is told', () => {
  const self = budgets();
  self.use([{ id: 'c-1', budget: { day: { tokens: 1 }, month: { tokens: 1000 } } }]);
  self.serve('c-1');
  expect(self.spent.map(([, { limit, until }]) => [limit, until])).toEqual([
    ['budget.month.tokens', nextMonth],
  ]);
});

test('the credentials of an account spend its budget together', () => {
  const self = budgets();
  const budget = { day: { tokens: 2000 } };
  self.use([
    { id: 'acc/one', account: 'acc', budget },
    { id: 'acc/two', account: 'acc', budget },
  ]);
  self.serve('acc/one');
  expect(self.spent).toEqual([]);
  self.serve('acc/two');
  expect(self.spent.map(([id]) => id)).toEqual(['acc/one', 'acc/two']);
});

test('an attempt that failed after it had cost something counts for its own credential', () => {
  const self = budgets();
  self.use([{ id: 'failed', budget: { day: { tokens: 10 } } }]);
  const record = usageRecord({ at: noon });
  const [attempt] = record.attempts;
  if (attempt === undefined) throw new Error('a record has an attempt');
  const cost = {
    tokens: { input: 8, output: 2 },
    counted: 'provider',
    tier: undefined,
    cost: undefined,
  } as const;
  self.add({
    ...record,
    attempts: [{ ...attempt, credential: { id: 'failed', name: 'failed' }, usage: cost }, attempt],
  });
  expect(self.spent.map(([id]) => id)).toEqual(['failed']);
});

test('a new day gives all of it back', () => {
  let now = noon;
  const self = budgets(() => now);
  self.use([{ id: 'c-1', budget: { day: { tokens: 1000 } } }]);
  self.serve('c-1');
  now = midnight;
  expect(self.usageOf('c-1')[0]).toMatchObject({ used: 0, resetsAt: undefined });
});

describe('another configuration', () => {
  test('with a larger budget, or none, lets them serve again', () => {
    const self = budgets();
    self.use([{ id: 'c-1', budget: { day: { tokens: 1000 } } }]);
    self.serve('c-1');
    self.use([{ id: 'c-1', budget: { day: { tokens: 5000 } } }]);
    expect([self.left, self.spent.length]).toEqual([['c-1'], 1]);
    self.use([{ id: 'c-1' }]);
    expect(self.left).toEqual(['c-1', 'c-1']);
  });

  test('with a smaller one says at once that it is spent', () => {
    const self = budgets();
    self.use([{ id: 'c-1', budget: { day: { tokens: 5000 } } }]);
    self.serve('c-1');
    self.use([{ id: 'c-1', budget: { day: { tokens: 1000 } } }]);
    expect(self.spent.map(([id]) => id)).toEqual(['c-1']);
  });
});

test('a restart forgets nothing', async () => {
  const config = { 'auth-dir': directory };
  const credentials = [{ id: 'c-1', budget: { month: { tokens: 1000 } } }];
  const first = budgets();
  await first.configure(config);
  first.use(credentials);
  first.serve('c-1');
  await first.close();
  expect(statSync(join(directory, budgetFileName)).mode & 0o777).toBe(0o600);

  const second = budgets();
  await second.configure(config);
  second.use(credentials);
  expect(second.spent.map(([id]) => id)).toEqual(['c-1']);
  await second.close();
});

test('a model without a price is warned of once, where money is limited', () => {
  const self = budgets();
  self.use([{ id: 'c-1', budget: { day: { usd: 1 } } }]);
  const usage = {
    tokens: { input: 5, output: 5 },
    counted: 'provider',
    tier: undefined,
    cost: undefined,
  } as const;
  self.serve('c-1', { usage });
  self.serve('c-1', { usage });
  expect(self.warnings).toEqual([expect.stringContaining('claude-opus-5')]);
});
