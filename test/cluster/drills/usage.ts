/** What was used is complete to the token and counted once, whatever happens to Postgres and to replicas on the way. */
import { afterAll, expect, test } from 'bun:test';
import { parseJson } from '../../../src/protocols/json.ts';
import { asObject } from '../../../src/protocols/json-members.ts';
import { eventually } from '../../eventually.ts';
import { chatAnswer, startUpstream } from '../../gateway/upstream.ts';
import { clientKey, oneUpstream } from '../../gateway-harness.ts';
import { readinessOf, startCluster, type TestCluster } from '../cluster.ts';
import { ask } from '../load.ts';

/** Answers use 3 + 1 tokens. */
const upstream = startUpstream(() => chatAnswer('hi'));
afterAll(() => upstream[Symbol.dispose]());
const settings = oneUpstream('openai-chat', upstream.url, [{ name: 'model' }]);

/** What the client key has used, as this replica answers it. */
async function usageAt({ url }: { url: string }): Promise<unknown> {
  const answer = await fetch(`${url}/v1/usage?since=1d`, {
    headers: { authorization: `Bearer ${clientKey}` },
  });
  const span = asObject(asObject(asObject(parseJson(await answer.text()))?.usage)?.span);
  const total = asObject(span?.total);
  const tokens = asObject(total?.tokens);
  return { requests: total?.requests, input: tokens?.input, output: tokens?.output };
}

async function many(cluster: TestCluster, count: number): Promise<number> {
  let answered = 0;
  for (let index = 0; index < count; index += 10)
    await Promise.all(
      Array.from({ length: 10 }, async (_, at) => {
        if ((await ask(cluster.replicas.at((index + at) % 3).url, { model: 'model' })) === undefined)
          answered += 1;
      }),
    );
  return answered;
}

test('usage of all replicas is one, through a Postgres that is killed and hung, to the last token', async () => {
  await using cluster = await startCluster({ replicas: 3, settings });
  const postgresIs = (state: string) =>
    eventually(async () =>
      (await Promise.all(cluster.replicas.all.map(readinessOf))).every(({ engines }) =>
        Bun.deepEquals(engines, { valkey: 'up', postgres: state }),
      ),
    );
  await postgresIs('up');
  let answered = await many(cluster, 100);
  await cluster.postgres.kill();
  answered += await many(cluster, 100);
  await cluster.postgres.start();
  await postgresIs('up');
  answered += await many(cluster, 50);
  cluster.postgres.hang();
  answered += await many(cluster, 100);
  cluster.postgres.wake();
  await postgresIs('up');
  // A replica that stops in order writes what it has first; one more is started in its place.
  await cluster.replicas.at(1).stop();
  await cluster.replicas.at(1).start();
  answered += await many(cluster, 50);
  expect(answered).toBe(400);
  const complete = { requests: answered, input: 3 * answered, output: answered };
  for (const replica of cluster.replicas.all)
    await eventually(async () => Bun.deepEquals(await usageAt(replica), complete));
});
