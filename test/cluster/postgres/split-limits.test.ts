/** Without a Valkey each replica has a fixed part of every limit, and all parts together are the whole. */
import { expect, test } from 'bun:test';
import { chatAnswer, startUpstream } from '../../gateway/upstream.ts';
import { oneUpstream } from '../../gateway-harness.ts';
import { ask } from '../load.ts';
import { startReplicas } from '../replicas.ts';
import { startPostgres } from '../servers.ts';

test('of 7 requests a minute two replicas let in 7, and each shows both', async () => {
  using upstream = startUpstream(() => chatAnswer('hi'));
  await using server = await startPostgres();
  const key = 'limited-key-of-the-test';
  const managementKey = 'management-key-of-the-test';
  const settings = {
    ...oneUpstream('openai-chat', upstream.url, [{ name: 'model' }]),
    'api-keys': [{ key, 'requests-per-minute': 7 }],
    'remote-management': { 'secret-key': managementKey },
    'auth-encryption-key': 'a-key-for-the-accounts-of-the-cluster',
    cluster: { postgres: await server.database('split') },
  };
  await using replicas = await startReplicas(2, { settings });
  // Each knows of the other after its next keep-alive.
  await Bun.sleep(3500);
  const admitted: number[] = [];
  for (const { url } of replicas.all) {
    let count = 0;
    for (let at = 0; at < 9; at += 1) if ((await ask(url, { model: 'model', key })) === undefined) count += 1;
    admitted.push(count);
  }
  expect(admitted.sort()).toEqual([3, 4]);
  const answer = await fetch(`${replicas.at(0).url}/v0/management/cluster`, {
    headers: { authorization: `Bearer ${managementKey}` },
  });
  expect(await answer.json()).toMatchObject({
    cluster: {
      name: 'default',
      replicas: [{ id: expect.any(String) }, { id: expect.any(String) }],
      engines: [{ name: 'postgres', state: 'up', why: null, since: null }],
      notShared: ['limits', 'cooldowns', 'quotas', 'conversations'],
    },
  });
}, 60_000);
