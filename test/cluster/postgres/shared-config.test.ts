/** Client keys and settings of a cluster: changed on any replica, in force on all within a second, whatever their files say. */
import { afterAll, expect, test } from 'bun:test';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { openPostgres } from '../../../src/cluster/postgres/connection.ts';
import { systemClock } from '../../../src/ground/clock.ts';
import { run } from '../../cli/program.ts';
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

const owner = 'management-key-0123456789';
const guest = 'guest-key-0123456789';

const statusFor = async (key: string, { url }: Replica): Promise<number> =>
  (await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;

function manage({ url }: Replica, method: string, path: string, body?: unknown): Promise<Response> {
  const headers = { authorization: `Bearer ${owner}`, 'content-type': 'application/json' };
  return fetch(`${url}/v0/management/${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function milliseconds(until: () => Promise<boolean>): Promise<number> {
  const begun = performance.now();
  await eventually(until);
  return performance.now() - begun;
}

test('a key that is added or revoked on one replica counts on all within a second', async () => {
  const url = await server.database('config');
  const settings = {
    ...oneUpstream('openai-chat', sandbox.url, [{ name: 'sandbox' }]),
    cluster: { postgres: url },
    'auth-encryption-key': 'a-key-for-the-accounts-of-the-cluster',
    'remote-management': { 'secret-key': owner },
  };
  await using replicas = await startReplicas(2, { settings });
  const [one, other] = [replicas.at(0), replicas.at(1)];

  const added = await manage(one, 'PUT', 'api-keys', [clientKey, guest]);
  expect([added.status, await added.text()]).toMatchObject([200, expect.stringContaining('ok')]);
  expect(await statusFor(guest, one)).toBe(200);
  expect(await milliseconds(async () => (await statusFor(guest, other)) === 200)).toBeLessThan(1000);
  expect((await manage(other, 'PUT', 'api-keys', [clientKey])).status).toBe(200);
  expect(await statusFor(guest, other)).toBe(401);
  expect(await milliseconds(async () => (await statusFor(guest, one)) === 401)).toBeLessThan(1000);

  // The files are as they were; a replica whose file says only what is its own, and may not be written, has all the rest.
  expect(readFileSync(one.configFile, 'utf8')).not.toContain(guest);
  await manage(one, 'PUT', 'api-keys', [clientKey, guest]);
  await other.stop();
  const {
    host,
    port,
    'auth-dir': authDir,
    cluster,
    'auth-encryption-key': key,
  } = JSON.parse(readFileSync(other.configFile, 'utf8'));
  writeFileSync(
    other.configFile,
    JSON.stringify({ host, port, 'auth-dir': authDir, cluster, 'auth-encryption-key': key }),
  );
  chmodSync(other.configFile, 0o400);
  await other.start();
  expect(await statusFor(guest, other)).toBe(200);
  expect(await statusFor(clientKey, other)).toBe(200);
  expect((await manage(other, 'PUT', 'debug', { value: true })).status).toBe(200);

  // What is a replica's own is not changed for all.
  const own = await manage(other, 'PUT', 'config/port', 1234);
  expect([409, 422, 404, 405]).toContain(own.status);

  // Nothing of it lies open in Postgres.
  const postgres = await openPostgres({ url, clock: systemClock });
  const rows = await postgres.rows(z.object({ sealed: z.string() }), 'SELECT sealed FROM cpa_config');
  expect(rows.length).toBeGreaterThan(1);
  expect(JSON.stringify(rows)).not.toContain(guest);
  await postgres.close();

  // Away: what is known stays in force, also over a start; nothing can be changed.
  await server.kill();
  await eventually(() => other.output().includes('Postgres is away'));
  expect(await statusFor(guest, other)).toBe(200);
  expect((await manage(one, 'PUT', 'api-keys', [clientKey])).status).toBe(409);
  await other.stop();
  await other.start();
  expect(await statusFor(guest, other)).toBe(200);
  await server.start();
  await eventually(async () => (await manage(one, 'PUT', 'api-keys', [clientKey])).status === 200);
  await eventually(async () => (await statusFor(guest, other)) === 401);

  // With another key a replica would go by its file, and by the client keys in it: it does not start.
  const stranger = `${one.configFile}.yaml`;
  const text = readFileSync(one.configFile, 'utf8').replace(
    'a-key-for-the-accounts',
    'b-key-for-the-accounts',
  );
  writeFileSync(stranger, text.replace(one.authDir, `${one.authDir}-2`));
  const refused = await run(['serve', '--port', '0', '--config', stranger], { cwd: one.folder });
  expect(refused.code).not.toBe(0);
  expect(refused.err).toContain('encrypted with another key');

  // A file can be put there again.
  const { code, err } = await run(['config', 'import', '--config', one.configFile], { cwd: one.folder });
  expect({ code, err }).toEqual({ code: 0, err: '' });
}, 90_000);
