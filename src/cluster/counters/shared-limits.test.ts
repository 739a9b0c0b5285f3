import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startValkey } from '../../../test/cluster/servers.ts';
import { eventually } from '../../../test/eventually.ts';
import { configOf } from '../../../test/gateway-harness.ts';
import type { ClientLimits } from '../../config/client-keys.ts';
import { keyId } from '../../config/hashed-key.ts';
import { systemClock } from '../../ground/clock.ts';
import { createLimiter, type LimitedKey, type Limiter } from '../../limits/limiter.ts';
import { connectValkey, type Valkey } from '../valkey/connection.ts';
import { valkeyMeters } from '../valkey/meter-script.ts';
import { createSharedLimits, type SharedLimitsHalf, type SharedLimitsOptions } from './shared-limits.ts';

const server = await startValkey();
const folder = mkdtempSync(join(tmpdir(), 'shared-limits-'));
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});
let clusters = 0;

interface Replica extends AsyncDisposable {
  valkey: Valkey;
  limits: SharedLimitsHalf;
  limiter: Limiter;
  ask(key: LimitedKey, tokens?: { input: number; output: number }): Promise<ReturnType<Limiter['admit']>>;
}

/** Ms that requests wait for the server: where that is not what is tested, a busy machine makes no difference. */
const patient = 5000;

async function replicas(
  count: number,
  rule: SharedLimitsOptions['rule'] = 'share',
  longestWait = patient,
): Promise<Replica[]> {
  clusters += 1;
  const name = `limits${clusters}`;
  return Promise.all(
    Array.from({ length: count }, (_, rank) => replica(name, rank, count, rule, longestWait)),
  );
}

async function replica(
  name: string,
  rank: number,
  of: number,
  rule: SharedLimitsOptions['rule'],
  longestWait: number,
): Promise<Replica> {
  const valkey = await connectValkey({ url: server.url, name, clock: systemClock });
  await valkey.ready(2000);
  const limits = createSharedLimits({
    meters: valkeyMeters(valkey),
    replica: `r${rank}`,
    isUp: () => valkey.engine.state.kind === 'up',
    rule,
    place: () => ({ rank, of }),
    clock: systemClock,
    longestWait,
  });
  const limiter = createLimiter({ now: Date.now, warn: () => undefined, shared: limits });
  return {
    valkey,
    limits,
    limiter,
    async ask(key, tokens) {
      const expected = tokens && { model: 'gpt-5', asked: 'gpt-5', ...tokens };
      await limiter.prepare(key, expected);
      return limiter.admit(key, expected);
    },
    async [Symbol.asyncDispose]() {
      await limits.close();
      valkey.close();
    },
  };
}

const written = 'a-key-of-the-tests';
const keyWith = (limits: ClientLimits): LimitedKey => ({ id: keyId(written), name: 'ann', limits });
const end = async (all: readonly Replica[]) =>
  void (await Promise.all(all.map((one) => one[Symbol.asyncDispose]())));

test('6,000 requests against a limit of 3,000 over three replicas: 3,000 are let in', async () => {
  const all = await replicas(3);
  const key = keyWith({ 'requests-per-minute': 3000 });
  let admitted = 0;
  const burst = async (one: Replica) => {
    for (let at = 0; at < 200; at += 1) {
      const entries = await Promise.all(Array.from({ length: 10 }, () => one.ask(key)));
      admitted += entries.filter(({ ok }) => ok).length;
    }
  };
  await Promise.all(all.map(burst));
  expect(admitted).toBe(3000);
  await end(all);
}, 30_000);

test('a key that asks one replica after the other is let in to the last request of its limit', async () => {
  const all = await replicas(3);
  const key = keyWith({ 'requests-per-minute': 7 });
  const outcomes: boolean[] = [];
  for (let at = 0; at < 9; at += 1) {
    const one = all[at % 3];
    if (one === undefined) throw new Error('three were asked for');
    outcomes.push((await one.ask(key)).ok);
  }
  expect(outcomes).toEqual([...Array.from({ length: 7 }, () => true), false, false]);
  const refused = await all[0]?.ask(key);
  expect(refused?.ok === false && refused.error).toMatchObject({
    status: 429,
    retryAfter: expect.any(Number),
  });
  expect(refused?.ok === false && refused.error.message).toContain('7 requests a minute');
  await end(all);
});

test('a place that one replica gives back is taken by another at once', async () => {
  const all = await replicas(2);
  const [one, two] = all;
  const key = keyWith({ concurrency: 1 });
  for (let at = 0; at < 20; at += 1) {
    const here = await (at % 2 === 0 ? one : two)?.ask(key);
    const there = await (at % 2 === 0 ? two : one)?.ask(key);
    expect([here?.ok, there?.ok]).toEqual([true, false]);
    if (here?.ok) here.settle(undefined);
  }
  await end(all);
});

test('a budget is spent to the last token by all together, and never over by more than the last requests', async () => {
  const all = await replicas(3);
  const key = keyWith({ budget: { day: { tokens: 10_000 } } });
  let spent = 0;
  const burst = async (one: Replica) => {
    for (let at = 0; at < 100; at += 1) {
      const entry = await one.ask(key, { input: 40, output: 100 });
      if (!entry.ok) continue;
      spent += 90;
      entry.settle({ tokens: 90, cost: undefined, model: 'gpt-5' });
    }
  };
  await Promise.all(all.map(burst));
  await Bun.sleep(300);
  await Promise.all(all.map(burst));
  expect(spent).toBeGreaterThanOrEqual(10_000 - 40);
  expect(spent).toBeLessThanOrEqual(10_000 + 3 * 90);
  const known = all[0]?.limiter.usageOf(key)[0];
  expect(known?.limit).toBe('budget.day.tokens');
  await end(all);
}, 20_000);

test('money counts over all replicas', async () => {
  const all = await replicas(2);
  const key = keyWith({ budget: { month: { usd: 1 } } });
  const pay = async (at: number, usd: number) => {
    const entry = await all[at]?.ask(key, { input: 1, output: 1 });
    if (entry?.ok) entry.settle({ tokens: 2, cost: usd * 1e9, model: 'gpt-5' });
    await Bun.sleep(150);
    return entry?.ok;
  };
  expect([await pay(0, 0.6), await pay(1, 0.5), await pay(0, 0.1)]).toEqual([true, true, false]);
  await end(all);
});

test.each([
  { rule: 'share', admitted: [3, 2] },
  { rule: 'local', admitted: [5, 5] },
  { rule: 'refuse', admitted: [0, 0] },
] as const)(
  'while Valkey is away, $rule: of 5 requests a minute two replicas let in $admitted',
  async ({ rule, admitted }) => {
    const all = await replicas(2, rule);
    const key = keyWith({ 'requests-per-minute': 5 });
    await server.kill();
    await eventually(() => all.every(({ valkey }) => valkey.engine.state.kind === 'down'));
    const counts = await Promise.all(
      all.map(async (one) => {
        let count = 0;
        for (let at = 0; at < 8; at += 1) if ((await one.ask(key)).ok) count += 1;
        return count;
      }),
    );
    expect(counts).toEqual([...admitted]);
    const refused = await all[0]?.ask(key);
    expect(refused?.ok === false && refused.error.status).toBe(rule === 'refuse' ? 503 : 429);
    await server.start();
    await eventually(() => all.every(({ valkey }) => valkey.engine.state.kind === 'up'));
    // What was let in meanwhile counts for all.
    await Bun.sleep(250);
    let more = 0;
    for (let at = 0; at < 8; at += 1) if ((await all[at % 2]?.ask(key))?.ok) more += 1;
    expect(more).toBe(Math.max(0, 5 - admitted[0] - admitted[1]));
    await end(all);
  },
  20_000,
);

test('a server that hangs holds a request up for some ms once, and then no request', async () => {
  const all = await replicas(1, 'share', 5);
  const [one] = all;
  const key = keyWith({ 'requests-per-minute': 1_000_000 });
  await one?.ask(key);
  server.hang();
  const waits: number[] = [];
  for (let at = 0; at < 200; at += 1) {
    const started = performance.now();
    expect((await one?.ask(key))?.ok).toBe(true);
    waits.push(performance.now() - started);
    await Bun.sleep(2);
  }
  server.wake();
  // Those that waited, waited for 5 ms, however busy the machine is besides; most waited for nothing.
  expect(waits.toSorted((a, b) => a - b)[150]).toBeLessThan(5);
  await end(all);
}, 20_000);

test('a server that was emptied is told what was used', async () => {
  const all = await replicas(2);
  const [one, two] = all;
  const key = keyWith({ 'requests-per-minute': 50, budget: { day: { tokens: 1000 } } });
  for (const { limiter } of all)
    await limiter.configure({
      ...configOf({ 'api-keys': [{ key: written, 'requests-per-minute': 50 }] }),
      'auth-dir': mkdtempSync(join(folder, 'replica-')),
    });
  for (let at = 0; at < 20; at += 1) {
    const entry = await one?.ask(key, { input: 1, output: 1 });
    if (entry?.ok) entry.settle({ tokens: 10, cost: undefined, model: 'gpt-5' });
  }
  await Bun.sleep(250);
  await server.command('FLUSHALL');
  for (const { limits } of all) limits.again();
  await Bun.sleep(100);
  let admitted = 0;
  for (let at = 0; at < 60; at += 1) if ((await two?.ask(key, { input: 1, output: 1 }))?.ok) admitted += 1;
  // Some may be leased to the other, for requests to come.
  expect(admitted).toBeGreaterThanOrEqual(25);
  expect(admitted).toBeLessThanOrEqual(30);
  expect(
    two?.limiter.usageOf(key).find(({ limit }) => limit === 'budget.day.tokens')?.used,
  ).toBeGreaterThanOrEqual(200);
  await end(all);
}, 20_000);

test('how a key stands is what all replicas have used, also on one that it never asked', async () => {
  const [one, two] = await replicas(2);
  const key = keyWith({ 'requests-per-minute': 100 });
  for (let at = 0; at < 5; at += 1) await one?.ask(key);
  await Bun.sleep(250);
  await two?.limiter.refresh(key);
  expect(two?.limiter.usageOf(key)[0]?.used).toBe(5);
  for (const replica of [one, two]) await replica?.[Symbol.asyncDispose]();
});
