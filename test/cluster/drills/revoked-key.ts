/** A client key that is taken away on one replica is refused by all within a second. */
import { afterAll, expect, test } from 'bun:test';
import { eventually } from '../../eventually.ts';
import { chatAnswer, startUpstream } from '../../gateway/upstream.ts';
import { clientKey, oneUpstream } from '../../gateway-harness.ts';
import { readinessOf, startCluster } from '../cluster.ts';
import { ask } from '../load.ts';

const upstream = startUpstream(() => chatAnswer('hi'));
afterAll(() => upstream[Symbol.dispose]());
const managementKey = 'management-key-of-the-tests';
const taken = 'key-that-is-taken-away';
const settings = {
  ...oneUpstream('openai-chat', upstream.url, [{ name: 'model' }]),
  'api-keys': [clientKey, taken],
  'remote-management': { 'allow-remote': false, 'secret-key': managementKey },
};

test('a key that is taken away is refused everywhere within a second, by replicas that start later, too', async () => {
  await using cluster = await startCluster({ replicas: 3, settings });
  const { all } = cluster.replicas;
  await eventually(async () =>
    (await Promise.all(all.map(readinessOf))).every(({ engines }) =>
      Bun.deepEquals(engines, { valkey: 'up', postgres: 'up' }),
    ),
  );
  const problems = () => Promise.all(all.map(({ url }) => ask(url, { model: 'model', key: taken })));
  expect(await problems()).toEqual([undefined, undefined, undefined]);
  const answer = await fetch(`${cluster.replicas.at(0).url}/v0/management/api-keys?value=${taken}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${managementKey}` },
  });
  expect(answer.status).toBe(200);
  const since = performance.now();
  // Each is asked until it refuses, and no more: who sends wrong keys again and again has to wait for the answers.
  const refused = async ({ url }: { url: string }) => {
    while (!(await ask(url, { model: 'model', key: taken }))?.startsWith('401')) await Bun.sleep(20);
  };
  await Promise.all(all.map(refused));
  expect(performance.now() - since).toBeLessThan(1000);
  // Its file still has the key; what counts is what the cluster has.
  const late = await cluster.another();
  await eventually(
    async () => (await ask(late.url, { model: 'model', key: taken }))?.startsWith('401') === true,
  );
  expect(await ask(late.url, { model: 'model' })).toBeUndefined();
});
