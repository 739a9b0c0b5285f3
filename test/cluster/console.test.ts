/** The console behind a load balancer: its requests reach any replica. */
import { expect, test } from 'bun:test';
import { eventually } from '../eventually.ts';
import { startCluster } from './cluster.ts';

const managementKey = 'management-key-of-the-tests';
const own = { 'content-type': 'application/json', 'x-console': '1' };

test('who signs in to the console on one replica is signed in on the other, and out on both', async () => {
  await using cluster = await startCluster({
    replicas: 2,
    settings: { 'remote-management': { 'secret-key': managementKey } },
  });
  const [one, two] = [cluster.replicas.at(0).url, cluster.replicas.at(1).url];
  const signIn = await fetch(`${one}/console/api/session`, {
    method: 'POST',
    headers: own,
    body: JSON.stringify({ key: managementKey }),
  });
  const cookie = signIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const statusAt = async (url: string) =>
    (await fetch(`${url}/console/api/system`, { headers: { ...own, cookie } })).status;
  // The other one may still have its configuration to read.
  await eventually(async () => (await statusAt(two)) === 200);
  expect([await statusAt(one), await statusAt(two)]).toEqual([200, 200]);
  await fetch(`${two}/console/api/session`, { method: 'DELETE', headers: { ...own, cookie } });
  expect(await statusAt(two)).toBe(401);
  await eventually(async () => (await statusAt(one)) === 401);
  const keys = await cluster.valkey.command('KEYS', '*console-session:*');
  expect(keys).toHaveLength(1);
  expect(JSON.stringify(keys)).not.toContain(cookie.split('=')[1] ?? cookie);
}, 60_000);
