import { expect, test } from 'bun:test';
import { testCredential, testRoute } from '../../test/simulation/accounts.ts';
import { poolOf } from '../../test/simulation/pool-runs.ts';
import { createCatalog } from '../credentials/catalog.ts';
import type { QuotaWindow } from '../credentials/quota.ts';
import { alertConditions } from './alert-conditions.ts';

const now = Date.UTC(2026, 10, 23, 12);

function gatewayOfOne() {
  const credential = testCredential('a', { models: [{ name: 'm', alias: 'm' }] });
  const { pool } = poolOf([credential]);
  const gateway = {
    pool,
    credentials: () => [credential],
    catalog: () => createCatalog([credential], false),
  };
  return { credential, pool, gateway };
}

test('a model that nobody serves, a pool without anything left and a budget of which 90 % are gone are told', () => {
  const { credential, pool, gateway } = gatewayOfOne();
  let used = 8;
  const limiter = {
    usageOf: () => [{ limit: 'budget.day.usd' as const, most: 10, used, resetsAt: undefined }],
  };
  const kinds = () =>
    alertConditions(
      { gateway, limiter, accounts: () => [] },
      [{ key: 'k', name: 'ann', limits: { budget: { day: { usd: 10 } } } }],
      now,
    ).map(({ kind }) => kind);
  expect(kinds()).toEqual([]);

  used = 9;
  const choice = pool.choose(testRoute([credential]), { passOver: () => false }, now);
  if (choice.kind !== 'chosen') throw new Error('nobody may serve');
  const window = { name: '5h', ofModel: false, left: 0, closed: true, resetsAt: now + 9e6, reportedAt: now };
  pool.reportQuota(choice.lease.candidate, [window], now);
  pool.fail(choice.lease, { kind: 'quota', model: 'm', retryAfter: 60, reason: 'slow down' }, now);
  expect(kinds()).toEqual(['pool-runs-dry', 'budget-nearly-spent', 'model-unserved']);
});

test.each<[what: string, window: Partial<QuotaWindow>, kinds: 'pool-runs-dry'[]]>([
  ['of a minute, back in a second', { name: 'requests', resetsAt: now + 1000 }, []],
  ['of a minute, without a reset', { name: 'tokens', resetsAt: undefined }, []],
  ['back in four minutes', { resetsAt: now + 4 * 60_000 }, []],
  ['back in an hour', { resetsAt: now + 3_600_000 }, ['pool-runs-dry']],
  ['of a month, without a reset', { resetsAt: undefined, length: 30 * 86_400_000 }, ['pool-runs-dry']],
])('a pool that is used up and %s', (_, more, kinds) => {
  const { credential, pool, gateway } = gatewayOfOne();
  const window = { name: '5h', ofModel: false, left: 0, closed: false, resetsAt: undefined, reportedAt: now };
  pool.reportQuota({ credential, model: 'm' }, [{ ...window, ...more }], now);
  const found = alertConditions({ gateway, limiter: { usageOf: () => [] }, accounts: () => [] }, [], now);
  expect(found.map(({ kind }) => kind)).toEqual(kinds);
});
