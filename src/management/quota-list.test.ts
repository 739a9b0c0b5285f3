import { expect, test } from 'bun:test';
import { testCredential } from '../../test/simulation/accounts.ts';
import type { QuotaWindow } from '../credentials/quota.ts';
import { listedQuotas } from './quota-list.ts';

const noon = Date.UTC(2026, 10, 30, 12);
const hour = 3600_000;

/** What is listed of accounts with one window each, reported at noon, a second later. */
function listedOf(windows: readonly Partial<QuotaWindow>[]) {
  const known = windows.map(
    (more): QuotaWindow => ({
      ...{ name: '5h', ofModel: false, left: 0.5, closed: false, resetsAt: undefined, reportedAt: noon },
      ...more,
    }),
  );
  return listedQuotas(
    {
      credentials: () => known.map((_, index) => testCredential(`${index}`)),
      pool: {
        quotaOf: (id) => ({ ofAccount: known.slice(Number(id), Number(id) + 1), ofModels: new Map() }),
        cooldowns: () => [],
      },
    },
    noon + 1000,
  );
}

test('a pool begins anew when a provider says so, not when a window that says nothing is forgotten', () => {
  const { providers, quotas } = listedOf([{ resetsAt: noon + 5 * hour }, {}]);
  expect(providers.map(({ accounts, resets }) => [accounts, resets])).toEqual([
    [2, '2026-11-30T17:00:00.000Z'],
  ]);
  expect(quotas.map(({ resets }) => resets)).toEqual(['2026-11-30T17:00:00.000Z', null]);
});

test('a length alone is no time at which a pool begins anew', () => {
  const { providers } = listedOf([{ resetsAt: noon + 9 * hour }, { length: 5 * hour }]);
  expect(providers[0]?.resets).toBe('2026-11-30T21:00:00.000Z');
});

test('the first reset to come is listed of a pool, and none where none is said or all are past', () => {
  const first = [{ resetsAt: noon - hour }, { resetsAt: noon + 2 * hour }, { resetsAt: noon + hour }];
  expect(listedOf(first).providers[0]?.resets).toBe('2026-11-30T13:00:00.000Z');
  expect(listedOf([{}, { length: hour }]).providers[0]?.resets).toBeNull();
  expect(listedOf([{ resetsAt: noon - hour }, {}]).providers[0]?.resets).toBeNull();
});
