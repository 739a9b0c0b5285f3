import { expect, test } from 'bun:test';
import { createPool } from '../credentials/pool.ts';
import { type OverviewSource, overviewOf } from './overview.ts';
import type { AccountRow } from './wire.ts';

const now = Date.UTC(2026, 10, 30, 2);
const noSums = { today: null, yesterday: null, failures: [] };
const roomy = { free: 50e9, size: 100e9 };

function source(more: Partial<OverviewSource> = {}): OverviewSource {
  return {
    gateway: {
      credentials: () => [],
      running: () => [],
      pool: createPool({ random: () => 0 }),
      catalog: () => ({ models: () => [] }),
    },
    accounts: () => [],
    counts: { of: () => ({ success: 0, failed: 0, recent: [] }), last: () => undefined },
    live: { minutes: () => [] },
    conditions: () => [],
    sandbox: () => false,
    configProblem: () => undefined,
    engines: () => [],
    authDir: () => '/auth',
    ...more,
  };
}

const ready: AccountRow = {
  id: 'a',
  index: 'a',
  label: 'a',
  provider: 'claude',
  file: null,
  email: null,
  plan: null,
  state: 'ready',
  reason: null,
  until: null,
  models: null,
  cooldowns: [],
  windows: [],
  inFlight: 0,
  priority: 0,
  note: null,
  lastUse: null,
  recent: null,
};

test('with nothing wrong there is no problem, and nothing is away', () => {
  const { problems, state } = overviewOf(source(), [ready], noSums, roomy, now);
  expect([problems, state]).toEqual([
    [],
    { accounts: 1, ready: 1, cooling: [], coolingCount: 0, sandbox: false, away: [] },
  ]);
});

test('a configuration that is not in force, and a full disk, are problems with their pages', () => {
  const { problems } = overviewOf(
    source({ configProblem: () => 'request-retry: expected a whole number' }),
    [],
    noSums,
    { free: 3_500_000, size: 100e9 },
    now,
  );
  expect(problems).toEqual([
    { kind: 'config', text: 'request-retry: expected a whole number', page: 'settings?view=yaml' },
    { kind: 'disk', text: '3 MB: /auth', page: 'system' },
  ]);
});

test('engines that are away, or answer in part, are in the state and among the problems', () => {
  const engines = [
    { name: 'postgres', state: 'up', why: null, since: null },
    { name: 'valkey', state: 'down', why: 'connection refused', since: '2026-11-30T01:00:00.000Z' },
  ] as const;
  const { problems, state } = overviewOf(source({ engines: () => engines }), [ready], noSums, undefined, now);
  expect(state.away).toEqual(['valkey']);
  expect(problems).toEqual([{ kind: 'cluster', text: 'valkey: connection refused', page: 'system' }]);
});

test('accounts and models in cooldown are named with their ends, and an account without any model serves nothing', () => {
  const cooldown = (model: string | null, minute: string) => ({
    model,
    kind: 'quota',
    since: '2026-11-30T01:00:00.000Z',
    until: `2026-11-30T02:${minute}:00.000Z`,
    reason: 'over its limit',
  });
  const cooling = [cooldown('one', '05'), cooldown('other', '04')];
  const part: AccountRow = { ...ready, label: 'b', state: 'partly', until: cooldown(null, '04').until };
  const rows: AccountRow[] = [
    ready,
    { ...part, cooldowns: cooling },
    { ...part, label: 'c', state: 'cooldown', until: cooldown(null, '03').until, cooldowns: cooling },
    { ...part, label: 'd', state: 'sign-in', cooldowns: cooling },
    { ...part, label: 'e', state: 'disabled', cooldowns: cooling },
  ];
  const { state } = overviewOf(source(), rows, noSums, roomy, now);
  expect([state.accounts, state.ready, state.coolingCount]).toEqual([4, 2, 3]);
  expect(state.cooling).toEqual([
    { label: 'c', model: null, until: '2026-11-30T02:03:00.000Z' },
    { label: 'b', model: 'other', until: '2026-11-30T02:04:00.000Z' },
  ]);
});
