/** What one replica finds out about an upstream holds on all, whatever their clocks say. */
import { afterAll, expect, test } from 'bun:test';
import type { JsonObject } from '../../../src/protocols/json.ts';
import { chatAnswer, startUpstream } from '../../gateway/upstream.ts';
import { installedProgram } from '../../installed-program.ts';
import { startCluster } from '../cluster.ts';
import { ask } from '../load.ts';

/** Which keys of the upstream are spent, and say so. */
const spent = new Set<string>();
const upstream = startUpstream((asked) => {
  if (spent.has(asked.key))
    return Response.json(
      { error: { message: 'quota', type: 'rate_limit_error' } },
      { status: 429, headers: { 'retry-after': '600' } },
    );
  return chatAnswer(asked.key);
});
afterAll(() => upstream[Symbol.dispose]());

/** Three keys of one service; the first that may is taken. */
const three: JsonObject = {
  routing: { strategy: 'fill-first' },
  'openai-compatibility': [
    {
      name: 'service',
      'base-url': `${upstream.url}/v1`,
      'api-key-entries': ['key-a', 'key-b', 'key-c'].map((key) => ({ 'api-key': key })),
      models: [{ name: 'model' }],
    },
  ],
};
const askedWith = (key: string): number => upstream.asked.filter((asked) => asked.key === key).length;

test('a cooldown is known on every replica within 100 ms, and after a restart', async () => {
  spent.clear();
  await using cluster = await startCluster({ replicas: 3, settings: three });
  for (let round = 0; round < 2; round += 1) {
    const key = round === 0 ? 'key-a' : 'key-b';
    spent.add(key);
    expect(await ask(cluster.replicas.at(round).url, { model: 'model' })).toBeUndefined();
    const first = askedWith(key);
    await Bun.sleep(100);
    for (const { url } of cluster.replicas.all) expect(await ask(url, { model: 'model' })).toBeUndefined();
    expect(askedWith(key)).toBe(first);
  }
  const late = await cluster.another();
  const before = [askedWith('key-a'), askedWith('key-b')];
  expect(await ask(late.url, { model: 'model' })).toBeUndefined();
  expect([askedWith('key-a'), askedWith('key-b')]).toEqual(before);
});

test('a replica whose clock is a minute off keeps the same cooldowns as the others', async () => {
  spent.clear();
  const faketime = installedProgram('faketime');
  const library = Bun.spawnSync([faketime, '-f', '+0s', 'printenv', 'LD_PRELOAD']).stdout.toString().trim();
  await using cluster = await startCluster({ replicas: 1, settings: three });
  const skewed = (by: string) =>
    cluster.another({ env: { LD_PRELOAD: library, FAKETIME: by, FAKETIME_DONT_FAKE_MONOTONIC: '1' } });
  const [ahead, behind] = await Promise.all([skewed('+60s'), skewed('-60s')]);
  spent.add('key-a');
  expect(await ask(ahead.url, { model: 'model' })).toBeUndefined();
  spent.add('key-b');
  await Bun.sleep(100);
  expect(await ask(behind.url, { model: 'model' })).toBeUndefined();
  await Bun.sleep(100);
  const before = [askedWith('key-a'), askedWith('key-b')];
  for (const { url } of [cluster.replicas.at(0), ahead, behind])
    expect(await ask(url, { model: 'model' })).toBeUndefined();
  expect([askedWith('key-a'), askedWith('key-b')]).toEqual(before);
});
