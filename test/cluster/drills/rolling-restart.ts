/** A new version comes to all replicas, one after the other, while everybody goes on working. */
import { expect, test } from 'bun:test';
import { eventually } from '../../eventually.ts';
import { oneUpstream } from '../../gateway-harness.ts';
import { sandboxOfTests } from '../../sandbox-gateway.ts';
import { startCluster } from '../cluster.ts';
import { startLoad } from '../load.ts';
import { startBalancer } from '../nginx.ts';

const sandbox = sandboxOfTests();

const models = [{ name: 'sandbox-fault-slow-5', alias: 'slow' }];
const settings = { ...oneUpstream('openai-chat', sandbox.url, models), 'shutdown-drain': '1500ms' };

test('a rolling restart under load behind nginx fails no request, streams or not', async () => {
  await using cluster = await startCluster({ replicas: 3, settings });
  const { replicas } = cluster;
  await using balancer = await startBalancer(
    replicas.all.map(({ port }) => port),
    { idle: '1s' },
  );
  const load = startLoad(balancer.url, {
    clients: 12,
    model: 'slow',
    text: 'say 20 words',
    streams: (client) => client % 2 === 0,
  });
  for (const replica of replicas.all) {
    const before = load.answered();
    await eventually(() => load.answered() > before + 20);
    expect(await replica.stop()).toBe(0);
    await replica.start();
  }
  await load.stop();
  expect(load.failures()).toEqual([]);
  expect(load.answered()).toBeGreaterThan(60);
});
