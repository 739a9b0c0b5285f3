/** The limits of client keys hold over all replicas, in bursts and through failures. */
import { afterAll, expect, test } from 'bun:test';
import type { JsonObject } from '../../../src/protocols/json.ts';
import { eventually } from '../../eventually.ts';
import { chatAnswer, startUpstream } from '../../gateway/upstream.ts';
import { clientKey, oneUpstream } from '../../gateway-harness.ts';
import { readinessOf, startCluster, type TestCluster } from '../cluster.ts';
import type { Replica } from '../replicas.ts';

/** Answers use 3 + 1 tokens. */
const upstream = startUpstream(() => chatAnswer('hi'));
afterAll(() => upstream[Symbol.dispose]());

const limited = (limits: JsonObject): JsonObject => ({
  ...oneUpstream('openai-chat', upstream.url, [{ name: 'model' }]),
  'api-keys': [clientKey, { key: 'key-with-limits', name: 'limited', ...limits }],
});

async function statusOf({ url }: Pick<Replica, 'url'>): Promise<number> {
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer key-with-limits', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'model', max_tokens: 4, messages: [{ role: 'user', content: 'hi' }] }),
  });
  await answer.text();
  return answer.status;
}

/** So many requests over all replicas, so many at a time; how many had which status. */
async function burst(
  replicas: readonly Replica[],
  count: number,
  atATime = 30,
  onAnswer: (replica: Replica) => void = () => {},
): Promise<Record<number, number>> {
  const statuses: Record<number, number> = {};
  let next = 0;
  const client = async () => {
    while (next < count) {
      const replica = replicas[next++ % replicas.length];
      if (replica === undefined) return;
      const status = await statusOf(replica);
      onAnswer(replica);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: atATime }, client));
  return statuses;
}

const enginesUp = (cluster: TestCluster) =>
  eventually(async () =>
    (await Promise.all(cluster.replicas.all.map(readinessOf))).every(({ engines }) =>
      Bun.deepEquals(engines, { valkey: 'up', postgres: 'up' }),
    ),
  );

test('6,000 requests within a minute against a limit of 3,000: never more are let in, and hardly fewer', async () => {
  await using cluster = await startCluster({
    replicas: 3,
    settings: limited({ 'requests-per-minute': 3000 }),
  });
  await enginesUp(cluster);
  const started = performance.now();
  const { 200: admitted = 0, 429: refused = 0 } = await burst(cluster.replicas.all, 6000, 60);
  const windows = Math.ceil((performance.now() - started) / 60_000);
  expect(admitted + refused).toBe(6000);
  expect(admitted).toBeLessThanOrEqual(3000 * windows);
  expect(admitted).toBeGreaterThanOrEqual(2970);
});

test('a budget of 4,000 tokens is spent by all together to the last, over by a request a replica at most', async () => {
  await using cluster = await startCluster({
    replicas: 3,
    settings: limited({ budget: { day: { tokens: 4000 } } }),
  });
  await enginesUp(cluster);
  const all = await burst(cluster.replicas.all, 1500);
  // Requests under way keep what they may need, their estimate and max_tokens; when they have ended, the rest is there for the next.
  const { 200: last = 0 } = await burst(cluster.replicas.all, 30, 1);
  const { 200: admitted = 0, 429: refused = 0 } = all;
  expect(admitted + refused).toBe(1500);
  expect((admitted + last) * 4).toBeLessThanOrEqual(4000 + 3 * 8);
  expect((admitted + last) * 4).toBeGreaterThanOrEqual(4000 - 24);
});

test('a replica that is killed with what it has leased: the limit still holds, and its part comes back', async () => {
  await using cluster = await startCluster({
    replicas: 3,
    settings: limited({ 'requests-per-minute': 600 }),
  });
  await enginesUp(cluster);
  const started = performance.now();
  const victim = cluster.replicas.at(0);
  const answeredAt: number[] = [];
  const before = await burst(cluster.replicas.all, 300, 30, (replica) => {
    if (replica === victim) answeredAt.push(performance.now());
  });
  expect(before).toEqual({ 200: 300 });
  const killedAt = performance.now();
  await victim.kill();
  // What it let in during its last 100 ms it may not have said; all of that was answered since.
  const unsaid = answeredAt.filter((at) => killedAt - at <= 100).length;
  const others = cluster.replicas.all.slice(1);
  let admitted = 300;
  // Its lease lapses after 15 s; until then as much is refused early.
  while (performance.now() - started < 40_000) {
    admitted += (await burst(others, 60, 10))[200] ?? 0;
    await Bun.sleep(500);
  }
  // What it had not said before it died is counted by nobody.
  expect(admitted).toBeLessThanOrEqual(600 + unsaid);
  expect(admitted).toBeGreaterThanOrEqual(590);
});

test('Valkey killed in the middle, and back empty: the limit is not let in anew', async () => {
  await using cluster = await startCluster({
    replicas: 3,
    settings: limited({ 'requests-per-minute': 900 }),
  });
  await enginesUp(cluster);
  const started = performance.now();
  let admitted = (await burst(cluster.replicas.all, 450))[200] ?? 0;
  expect(admitted).toBe(450);
  await cluster.valkey.kill();
  await eventually(async () => (await readinessOf(cluster.replicas.at(0))).engines !== undefined);
  // share: a third of the limit for each, of which each knows what it has let in itself.
  admitted += (await burst(cluster.replicas.all, 300))[200] ?? 0;
  expect(admitted).toBeLessThanOrEqual(900);
  await cluster.valkey.start();
  await enginesUp(cluster);
  await Bun.sleep(300);
  admitted += (await burst(cluster.replicas.all, 900))[200] ?? 0;
  expect(performance.now() - started).toBeLessThan(60_000);
  // One round of leases ahead, a tenth, may be let in between the loss and the first words of all.
  expect(admitted).toBeLessThanOrEqual(900 * 1.1);
});

test('FLUSHALL in the middle: replicas say again what was used, and the limit is not let in anew', async () => {
  await using cluster = await startCluster({
    replicas: 3,
    settings: limited({ 'requests-per-minute': 600, budget: { day: { tokens: 100_000 } } }),
  });
  await enginesUp(cluster);
  const started = performance.now();
  const before = (await burst(cluster.replicas.all, 400))[200] ?? 0;
  // On a busy machine answers of Valkey are late, and up to a tenth of the limit may be refused early.
  expect(before).toBeGreaterThan(400 - 60);
  await Bun.sleep(300);
  await cluster.valkey.command('FLUSHALL');
  // Each replica finds out with its next sign of life, a second later at most.
  await eventually(async () => {
    const keys = await cluster.valkey.command('KEYS', '*limit:*requests-per-minute*');
    return Array.isArray(keys) && keys.length > 0;
  });
  await Bun.sleep(1200);
  const after = (await burst(cluster.replicas.all, 600))[200] ?? 0;
  expect(performance.now() - started).toBeLessThan(60_000);
  expect(before + after).toBeLessThanOrEqual(660);
  expect(before + after).toBeGreaterThanOrEqual(540);
});

test.each([
  ['refuse', 503],
  ['local', 200],
])('without Valkey, %s answers keys with limits %d, and all others as ever', async (rule, status) => {
  await using cluster = await startCluster({
    replicas: 2,
    settings: limited({ 'requests-per-minute': 100 }),
    cluster: { 'when-valkey-is-away': rule },
  });
  await enginesUp(cluster);
  await cluster.valkey.stop();
  await eventually(async () =>
    Bun.deepEquals((await readinessOf(cluster.replicas.at(0))).engines, { valkey: 'down', postgres: 'up' }),
  );
  expect(await statusOf(cluster.replicas.at(0))).toBe(status);
  const { status: free } = await fetch(`${cluster.replicas.at(0).url}/v1/models`, {
    headers: { authorization: `Bearer ${clientKey}` },
  });
  expect(free).toBe(200);
});
