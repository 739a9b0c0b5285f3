import { afterAll, expect, test } from 'bun:test';
import { startValkey } from '../../test/cluster/servers.ts';
import { eventually } from '../../test/eventually.ts';
import { testCredential, testRoute } from '../../test/simulation/accounts.ts';
import { parseConfig } from '../config/load.ts';
import { defaultRules } from '../credentials/cooldown-table.ts';
import { createPool } from '../credentials/pool.ts';
import { systemClock } from '../ground/clock.ts';
import { createLog } from '../telemetry/log.ts';
import type { Notice } from './gossip/shared-records.ts';
import { openValkey } from './open-valkey.ts';

const server = await startValkey();
afterAll(() => server[Symbol.asyncDispose]());

const route = testRoute([testCredential('a')]);
/** Ms: some dozens where the machine has nothing else to do. */
const soon = 1000;
let clusters = 0;

function clusterOf(name: string) {
  const text = JSON.stringify({
    'auth-encryption-key': 'a-key-of-the-tests',
    cluster: { name, valkey: server.url, postgres: 'postgres://nowhere/x' },
  });
  const result = parseConfig(text, { file: 'config.yaml', env: {} });
  if (!result.ok || result.config.cluster === undefined) throw new Error('the config of the test is wrong');
  return result.config.cluster;
}

/** Replicas of a cluster of their own. */
async function replicas(count: number) {
  clusters += 1;
  const cluster = clusterOf(`c${clusters}`);
  return Promise.all(Array.from({ length: count }, (_, at) => replica(cluster, `replica${at}`)));
}

async function replica(cluster: ReturnType<typeof clusterOf>, id: string) {
  const state = await openValkey(server.url, {
    cluster,
    replica: { id, name: id, version: '0', startedAt: Date.now() },
    log: createLog({ level: 'silent', format: 'json' }),
    clock: systemClock,
  });
  const pool = createPool({
    random: () => 0,
    onCooldownChange: state.cooldownChanged,
    onQuotaChange: state.quotaReported,
  });
  pool.configure([testCredential('a')], {
    strategy: 'round-robin',
    rulesOf: () => defaultRules,
    quotaOfAccount: false,
  });
  await state.follow(pool);
  const notices: Notice[] = [];
  state.onNotice((notice) => notices.push(notice));
  const serves = () => pool.choose(route, { passOver: () => false }, Date.now()).kind === 'chosen';
  const fails = () => {
    const choice = pool.choose(route, { passOver: () => false }, Date.now());
    if (choice.kind === 'none') throw new Error('nobody may serve');
    const failure = { kind: 'quota', model: 'm', retryAfter: 60, reason: 'used up' } as const;
    pool.fail(choice.lease, failure, Date.now());
  };
  return { state, pool, notices, serves, fails };
}

test('a cooldown, its end and a quota are known to all soon', async () => {
  const [one, two, three] = await replicas(3);
  if (one === undefined || two === undefined || three === undefined) throw new Error('three were asked for');
  one.fails();
  let started = performance.now();
  await eventually(() => !two.serves() && !three.serves());
  expect(performance.now() - started).toBeLessThan(soon);
  two.pool.reset('a', undefined, Date.now());
  started = performance.now();
  await eventually(() => one.serves() && three.serves());
  expect(performance.now() - started).toBeLessThan(soon);
  const window = { name: '5h', ofModel: false, left: 0.4, closed: false, reportedAt: Date.now() };
  const [candidate] = route.tiers.flat();
  if (candidate === undefined) throw new Error('the route has one');
  three.pool.reportQuota(candidate, [{ ...window, resetsAt: Date.now() + 3600_000 }], Date.now());
  started = performance.now();
  await eventually(() => one.pool.quotaOf('a')?.ofAccount[0]?.left === 0.4);
  expect(performance.now() - started).toBeLessThan(soon);
  one.state.notify({ kind: 'config-changed', version: 3 });
  one.state.notify({ kind: 'account-changed', account: 'claude-ann.json' });
  await eventually(() => two.notices.length === 2 && three.notices.length === 2);
  expect(two.notices).toEqual([
    { kind: 'config-changed', version: 3 },
    { kind: 'account-changed', account: 'claude-ann.json' },
  ]);
  expect(one.notices).toEqual([]);
  await Promise.all([one, two, three].map(({ state }) => state.close()));
});

test('a Valkey that was killed and comes back empty knows again what holds', async () => {
  const [one, two] = await replicas(2);
  if (one === undefined || two === undefined) throw new Error('two were asked for');
  one.fails();
  await eventually(() => !two.serves());
  await server.kill();
  await eventually(() => one.state.engine.state.kind === 'down');
  // It was found to be over by one that could not say so.
  two.pool.reset('a', undefined, Date.now());
  await server.start();
  await eventually(() => one.serves());
  await eventually(async () => String(await server.command('HLEN', `cpa:{c${clusters}}:cooldowns`)) !== '0');
  await Promise.all([one, two].map(({ state }) => state.close()));
}, 15_000);

test('a conversation is known on every replica, and when it moves, all that know it are told', async () => {
  const [one, two] = await replicas(2);
  if (one === undefined || two === undefined) throw new Error('two were asked for');
  const { sessions } = one.state;
  expect(await two.state.sessions.find('m\nchat')).toBeUndefined();
  sessions.put('m\nchat', 'a\nm', 60_000, false);
  await eventually(async () => (await two.state.sessions.find('m\nchat')) === 'a\nm');
  sessions.put('m\nchat', 'b\nm', 60_000, true);
  await eventually(() => two.notices.length === 1);
  expect(two.notices).toEqual([{ kind: 'session-moved', session: 'm\nchat', candidate: 'b\nm' }]);
  expect(await server.command('KEYS', '*chat*')).toEqual([]);
  await Promise.all([one, two].map(({ state }) => state.close()));
});

test('a text is known on every replica for its time, and one of several that add it has it', async () => {
  const [one, two] = await replicas(2);
  if (one === undefined || two === undefined) throw new Error('two were asked for');
  const [ours, theirs] = [one.state.texts, two.state.texts];
  expect(await theirs.get('a')).toBeNull();
  await ours.put('a', 'text', 60_000);
  expect(await theirs.get('a', 3600_000)).toBe('text');
  expect(Number(await server.command('PTTL', `cpa:{c${clusters}}:text:a`))).toBeGreaterThan(60_000);
  const added = await Promise.all([ours.add('b', 'ours', 60_000), theirs.add('b', 'theirs', 60_000)]);
  expect(added.toSorted()).toEqual([false, true]);
  await ours.note('list', 'e', 60_000);
  await ours.note('list', 'gone', 1);
  await eventually(async () => (await theirs.noted('list'))?.length === 1);
  const [noted] = (await theirs.noted('list')) ?? [];
  expect(noted?.name).toBe('e');
  expect((noted?.until ?? 0) - Date.now()).toBeWithin(50_000, 60_500);
  await ours.put('c', 'text', 20);
  await eventually(async () => (await theirs.get('c')) === null);
  await server.kill();
  await eventually(() => one.state.engine.state.kind === 'down');
  await ours.put('a', 'other', 60_000);
  expect([await ours.get('a'), await ours.add('d', 'text', 60_000)]).toEqual([undefined, undefined]);
  expect(await ours.noted('list')).toBeUndefined();
  await server.start();
  await Promise.all([one, two].map(({ state }) => state.close()));
}, 15_000);
