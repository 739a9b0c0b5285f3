import { expect, test } from 'bun:test';
import { type RecordNetwork, recordNetwork } from '../../../test/cluster/record-network.ts';
import { testCredential } from '../../../test/simulation/accounts.ts';
import { defaultRules } from '../../credentials/cooldown-table.ts';
import { createPool } from '../../credentials/pool.ts';
import type { QuotaWindow } from '../../credentials/quota.ts';
import { createQuotaGossip } from './quota-gossip.ts';

const hour = 3600_000;
const start = Date.UTC(2026, 10, 30, 12);
const credentials = [testCredential('a')];

async function replica(network: RecordNetwork) {
  const { records } = network.join();
  const now = () => start + network.time.now();
  const pool = createPool({ random: () => 0 });
  pool.configure(credentials, { strategy: 'fill-first', rulesOf: () => defaultRules, quotaOfAccount: false });
  const gossip = createQuotaGossip({
    ...{ records, clock: { ...network.time, now } },
    offset: { shared: (local) => local, local: (shared) => shared },
  });
  await gossip.follow(pool);
  return { pool, gossip, kept: async () => [...((await records.read('quotas')) ?? new Map()).keys()].length };
}

/** What is kept of one window after each of these times since it was reported, by its looks every half a minute. */
async function keptAfter(more: Partial<QuotaWindow>, times: readonly number[]): Promise<number[]> {
  const network = recordNetwork();
  const { gossip, kept } = await replica(network);
  const window = { name: '7d', ofModel: false, left: 0, closed: true, resetsAt: undefined, ...more };
  gossip.report('a', 'm', [{ ...window, reportedAt: start }]);
  const counts: number[] = [];
  for (const time of times) {
    network.time.pass(time - network.time.now() - 60_000);
    for (let look = 0; look < 2; look += 1) {
      network.time.pass(30_000);
      await Bun.sleep(0);
    }
    counts.push(await kept());
  }
  return counts;
}

const minute = 60_000;

test('a window that only has a length is known to replicas until an hour after its end', async () => {
  const week = 7 * 24 * hour;
  const times = [2 * hour, week + hour - minute, week + hour + 2 * minute];
  expect(await keptAfter({ length: week }, times)).toEqual([1, 1, 0]);
});

test('a window is known to replicas until an hour after its reset, a silent one as long as it is believed', async () => {
  const times = [3 * hour - minute, 3 * hour + 2 * minute];
  expect(await keptAfter({ resetsAt: start + 2 * hour, length: hour }, times)).toEqual([1, 0]);
  expect(await keptAfter({}, [hour - minute, hour + 3 * minute])).toEqual([1, 0]);
});

test('a replica that starts days later knows a weekly window without a reset', async () => {
  const network = recordNetwork();
  const { gossip } = await replica(network);
  const window = { name: '7d', ofModel: false, left: 0, closed: true, resetsAt: undefined };
  gossip.report('a', 'm', [{ ...window, length: 7 * 24 * hour, reportedAt: start }]);
  network.time.pass(48 * hour);
  await Bun.sleep(0);
  const { pool } = await replica(network);
  expect(pool.quotaOf('a')?.ofAccount.map(({ name, left }) => [name, left])).toEqual([['7d', 0]]);
});
