/** Usage of a cluster: complete and counted once, whichever replica is asked, also after Postgres or a replica was gone. */
import { afterAll, expect, test } from 'bun:test';
import { z } from 'zod';
import { openPostgres } from '../../../src/cluster/postgres/connection.ts';
import { systemClock } from '../../../src/ground/clock.ts';
import { eventually } from '../../eventually.ts';
import { clientKey, oneUpstream } from '../../gateway-harness.ts';
import { sandboxOfTests } from '../../sandbox-gateway.ts';
import { type Replica, startReplicas } from '../replicas.ts';
import { startPostgres } from '../servers.ts';

const sandbox = sandboxOfTests();
const server = await startPostgres();
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const headers = { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' };
const answer = z.object({
  span: z.object({ total: z.object({ requests: z.number(), tokens: z.object({ output: z.number() }) }) }),
});

async function ask({ url }: Replica, times: number): Promise<void> {
  const body = JSON.stringify({ model: 'sandbox', messages: [{ role: 'user', content: 'repeat: one two' }] });
  const all = await Promise.all(
    Array.from({ length: times }, () =>
      fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body }),
    ),
  );
  for (const one of all) {
    expect(one.status).toBe(200);
    await one.text();
  }
}

async function seenBy({ url }: Replica): Promise<{ requests: number; output: number }> {
  const usage = await (await fetch(`${url}/v1/usage`, { headers })).json();
  const { total } = answer.parse(z.object({ usage: z.unknown() }).safeParse(usage).data?.usage ?? usage).span;
  return { requests: total.requests, output: total.tokens.output };
}

test('every replica answers with the usage of all, to the token, after kills and an outage', async () => {
  const url = await server.database('usage');
  const settings = {
    ...oneUpstream('openai-chat', sandbox.url, [{ name: 'sandbox' }]),
    cluster: { postgres: url },
    'auth-encryption-key': 'a-key-for-the-accounts-of-the-cluster',
  };
  await using replicas = await startReplicas(2, { settings });
  const [one, other] = [replicas.at(0), replicas.at(1)];
  const allSee = (requests: number) =>
    eventually(async () => {
      const seen = await Promise.all([one, other].map(seenBy));
      return seen.every((usage) => usage.requests === requests);
    });
  await ask(one, 7);
  await ask(other, 5);
  await allSee(12);
  const { output } = await seenBy(one);
  expect(output).toBeGreaterThan(0);
  expect(await seenBy(other)).toEqual({ requests: 12, output });

  // Away: requests go on, and nothing of them is lost, not even by a replica that stops and starts meanwhile.
  await server.kill();
  await ask(one, 4);
  await ask(other, 3);
  await eventually(() => one.output().includes('Postgres is away'));
  await one.stop();
  await server.start();
  await one.start();
  await allSee(19);

  // A replica that is killed has written what is older than a second.
  await ask(one, 6);
  await allSee(25);
  await one.kill();
  await one.start();
  await allSee(25);

  const postgres = await openPostgres({ url, clock: systemClock });
  const rows = await postgres.rows(
    z.object({
      single: z.number(),
      hours: z.number(),
      days: z.number(),
      output: z.number(),
      secrets: z.number(),
    }),
    `SELECT (SELECT count(*)::int FROM cpa_usage_request) AS single,
       (SELECT sum(requests)::int FROM cpa_usage_hour) AS hours, (SELECT sum(requests)::int FROM cpa_usage_day) AS days,
       (SELECT sum(output)::int FROM cpa_usage_day) AS output,
       (SELECT count(*)::int FROM cpa_usage_request WHERE record LIKE '%${clientKey}%') AS secrets`,
  );
  expect(rows).toEqual([{ single: 25, hours: 25, days: 25, output: (output / 12) * 25, secrets: 0 }]);
  await postgres.close();
}, 90_000);
