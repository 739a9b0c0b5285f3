import { expect, test } from 'bun:test';
import { type RecordNetwork, recordNetwork } from '../../../test/cluster/record-network.ts';
import { testCredential, testRoute } from '../../../test/simulation/accounts.ts';
import { defaultProbe, defaultRules } from '../../credentials/cooldown-table.ts';
import { createPool } from '../../credentials/pool.ts';
import { createCooldownGossip } from './cooldown-gossip.ts';
import { versionClock } from './version.ts';

const minute = 60_000;
const credentials = [testCredential('a'), testCredential('b')];
const route = testRoute(credentials);

/** A replica whose clock goes so many ms before the server's. */
async function replica(network: RecordNetwork, name: string, ahead = 0) {
  const way = network.join();
  const now = () => 1_000_000_000 + network.time.now() + ahead;
  const pool = createPool({ random: () => 0, onCooldownChange: (id, of) => gossip.changed(id, of) });
  const gossip = createCooldownGossip({
    ...{ replica: name, records: way.records, claim: way.claim, clock: { ...network.time, now } },
    versions: versionClock(name),
    offset: { shared: (local) => local - ahead, local: (shared) => shared + ahead },
  });
  pool.configure(credentials, { strategy: 'fill-first', rulesOf: () => defaultRules, quotaOfAccount: false });
  await gossip.follow(pool);
  const take = () => {
    const choice = pool.choose(route, { passOver: () => false }, now());
    return choice.kind === 'chosen' ? choice.lease : undefined;
  };
  return {
    pool,
    gossip,
    now,
    ...way,
    /** Who would serve the next request; nobody where all are cooling down. */
    serves(): string | undefined {
      const lease = take();
      if (lease !== undefined) pool.abandon(lease, now());
      return lease?.candidate.credential.id;
    },
    /** A request fails with a used-up quota. */
    fails(retryAfter?: number) {
      const lease = take();
      if (lease === undefined) throw new Error('nobody may serve');
      pool.fail(lease, { kind: 'quota', model: 'm', retryAfter, reason: 'used up' }, now());
    },
    take,
  };
}

/** Lets what waits for promises be done, and time pass. */
async function pass(network: RecordNetwork, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 20) {
    network.time.pass(Math.min(20, left));
    await Bun.sleep(0);
  }
}

test('a cooldown that one replica finds out holds on all within 100 ms, whatever their clocks say', async () => {
  const network = recordNetwork();
  const all = [
    await replica(network, 'one'),
    await replica(network, 'two', minute),
    await replica(network, 'three', -minute),
  ];
  all[0]?.fails(30);
  await pass(network, 100);
  expect(all.map((one) => one.serves())).toEqual(['b', 'b', 'b']);
  await pass(network, 29_800);
  expect(all.map((one) => one.serves())).toEqual(['b', 'b', 'b']);
  await pass(network, 300);
  expect(all.map((one) => one.serves())).toEqual(['a', 'a', 'a']);
});

test('what is told is not told back', async () => {
  const network = recordNetwork();
  const [one] = [
    await replica(network, 'one'),
    await replica(network, 'two'),
    await replica(network, 'three'),
  ];
  one?.fails(30);
  await pass(network, 1000);
  expect(network.sent()).toBe(1);
});

test('a reset ends a cooldown everywhere, also where it was told of late', async () => {
  const network = recordNetwork();
  const [one, two] = [await replica(network, 'one', -minute), await replica(network, 'two', minute)];
  two.fails(600);
  await pass(network, 100);
  expect(one.pool.reset('a', undefined, one.now())).toBe(1);
  await pass(network, 100);
  expect([one.serves(), two.serves()]).toEqual(['a', 'a']);
  const late = await replica(network, 'three');
  expect(late.serves()).toBe('a');
});

test('a replica that starts knows who is cooling down', async () => {
  const network = recordNetwork();
  (await replica(network, 'one')).fails(30);
  await pass(network, 100);
  expect((await replica(network, 'two', 5 * minute)).serves()).toBe('b');
});

test('what a replica found out while it was cut off is known when it is back', async () => {
  const network = recordNetwork();
  const [one, two] = [await replica(network, 'one'), await replica(network, 'two')];
  one.cut();
  one.fails(60);
  await pass(network, 1000);
  expect(two.serves()).toBe('a');
  one.mend();
  await pass(network, 100);
  expect(two.serves()).toBe('b');
});

test('a server that was emptied is told again what holds', async () => {
  const network = recordNetwork();
  const one = await replica(network, 'one');
  one.fails(600);
  await pass(network, 100);
  network.flush();
  await pass(network, 30_100);
  expect((await replica(network, 'two')).serves()).toBe('b');
});

test('one replica alone finds out whether a promise still holds', async () => {
  const network = recordNetwork();
  const all = [await replica(network, 'one'), await replica(network, 'two'), await replica(network, 'three')];
  // Its provider names a time that is believed for half an hour at most.
  all[1]?.fails(5 * 3600);
  await pass(network, 100);
  await pass(network, defaultProbe - 20);
  const tried = all.map((one) => one.take()?.candidate.credential.id);
  expect(tried.filter((id) => id === 'a')).toHaveLength(1);
  // Who has the right and no request loses it: another one tries.
  await pass(network, 100);
  expect(all.filter((one) => one.take()?.candidate.credential.id === 'a')).toHaveLength(0);
}, 20_000);
