/** Each engine goes away in every way, and comes back: requests never wait for it, and nobody has to restart anything. */
import { afterAll, describe, expect, test } from 'bun:test';
import { eventually } from '../../eventually.ts';
import { chatAnswer, startUpstream } from '../../gateway/upstream.ts';
import { oneUpstream } from '../../gateway-harness.ts';
import { readinessOf, startCluster, type TestCluster } from '../cluster.ts';
import { ask } from '../load.ts';

const upstream = startUpstream(() => chatAnswer('hi'));
afterAll(() => upstream[Symbol.dispose]());
const settings = oneUpstream('openai-chat', upstream.url, [{ name: 'model' }]);

interface Outage {
  name: string;
  begin(cluster: TestCluster): void | Promise<void>;
  end(cluster: TestCluster): void | Promise<void>;
}

const outages = (engine: 'valkey' | 'postgres'): Outage[] => {
  const network = (cluster: TestCluster) => (engine === 'valkey' ? cluster.toValkey : cluster.toPostgres);
  return [
    {
      name: 'stopped',
      begin: (cluster) => cluster[engine].stop(),
      end: (cluster) => cluster[engine].start(),
    },
    { name: 'killed', begin: (cluster) => cluster[engine].kill(), end: (cluster) => cluster[engine].start() },
    { name: 'hung', begin: (cluster) => cluster[engine].hang(), end: (cluster) => cluster[engine].wake() },
    {
      name: 'cut off',
      begin: (cluster) => network(cluster).cut(),
      end: (cluster) => network(cluster).restore(),
    },
    {
      name: 'behind a network that swallows everything',
      begin: (cluster) => network(cluster).hold(),
      end: (cluster) => network(cluster).restore(),
    },
    {
      name: 'behind a network that brings it everything, and none of its answers back',
      begin: (cluster) => network(cluster).holdOneWay('answers'),
      end: (cluster) => network(cluster).restore(),
    },
    {
      name: 'behind a network that brings back its answers alone',
      begin: (cluster) => network(cluster).holdOneWay('sent'),
      end: (cluster) => network(cluster).restore(),
    },
  ];
};

/** Milliseconds that each of so many requests took, in order; every one was answered. */
async function times(cluster: TestCluster, count: number): Promise<number[]> {
  const taken: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const started = performance.now();
    expect(await ask(cluster.replicas.at(index % 2).url, { model: 'model' })).toBeUndefined();
    taken.push(performance.now() - started);
  }
  return taken.sort((a, b) => a - b);
}

const median = (sorted: readonly number[]): number => sorted[sorted.length >> 1] ?? Number.NaN;

describe.each(['valkey', 'postgres'] as const)('%s', (engine) => {
  const title = engine === 'valkey' ? 'Valkey' : 'Postgres';

  test('goes away in every way: requests go on without waiting, it is said once, and it comes back by itself', async () => {
    await using cluster = await startCluster({ replicas: 2, settings });
    const states = () => Promise.all(cluster.replicas.all.map(readinessOf));
    const allAre = async (state: string) =>
      (await states()).every(
        ({ status, engines }) =>
          status === 200 && Bun.deepEquals(engines, { valkey: 'up', postgres: 'up', [engine]: state }),
      );
    await eventually(() => allAre('up'));
    await times(cluster, 20);
    let said = 0;
    for (const { name, begin, end } of outages(engine)) {
      const before = median(await times(cluster, 20));
      await begin(cluster);
      // From the very first moment on, and when it is known.
      const during = [...(await times(cluster, 20))];
      await eventually(() => allAre('down'));
      during.push(...(await times(cluster, 20)));
      expect(median(during.sort((a, b) => a - b)), name).toBeLessThan(before + 50);
      await end(cluster);
      await eventually(() => allAre('up'));
      said += 1;
      const warnings = () =>
        cluster.replicas.all.map(({ output }) => output().split(`${title} is away`).length - 1);
      const lines = () =>
        cluster.replicas.all.flatMap(({ output }) =>
          output()
            .split('\n')
            .filter((line) => line.includes(`"${title} `)),
        );
      // Lines of the log wait for others for up to 100 ms.
      await eventually(() => warnings().every((count) => count >= said));
      expect(warnings(), `${name}:\n${lines().join('\n')}`).toEqual([said, said]);
    }
  });
});

test('a replica that starts while both are away serves what its file says, and joins when they come', async () => {
  await using cluster = await startCluster({ replicas: 1, settings });
  cluster.toValkey.cut();
  cluster.toPostgres.cut();
  const late = await cluster.another();
  expect(await ask(late.url, { model: 'model' })).toBeUndefined();
  expect(await readinessOf(late)).toMatchObject({
    status: 200,
    engines: { valkey: 'down', postgres: 'down' },
  });
  cluster.toValkey.restore();
  cluster.toPostgres.restore();
  await eventually(async () =>
    Bun.deepEquals((await readinessOf(late)).engines, { valkey: 'up', postgres: 'up' }),
  );
});
