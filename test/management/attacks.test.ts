/** Whoever has no management key gets nothing out of any address, and no key is repeated anywhere. */
import { expect, test } from 'bun:test';
import { clientKey } from '../gateway-harness.ts';
import { type ManagedGateway, managedGateway } from './managed-gateway.ts';

interface Operation {
  security?: unknown[];
}

/** None of them is the management key in its place. */
const refusedKeys: readonly Record<string, string>[] = [
  { authorization: 'Bearer canary-wrong-key' },
  { 'x-management-key': 'canary-wrong-key' },
  { authorization: `Bearer ${clientKey}` },
  { 'x-api-key': 'management-key-of-the-tests', cookie: 'key=management-key-of-the-tests' },
  { authorization: 'Basic bWFuYWdlbWVudC1rZXktb2YtdGhlLXRlc3Rz' },
];

/** Every address that needs a key, as the reference has it: a new one is among them. */
async function guardedAddresses(
  gateway: ManagedGateway,
): Promise<(readonly [method: string, path: string])[]> {
  const { body } = await gateway.ask('GET', 'openapi.json');
  const paths: [string, Record<string, Operation>][] = Object.entries(body.paths);
  return paths.flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { security }]) =>
      security === undefined ? [[method.toUpperCase(), path.replace(/\{\w+\}/g, 'x')] as const] : [],
    ),
  );
}

test('no key opens any address of the reference, whatever the request says of where it comes from', async () => {
  await using gateway = await managedGateway();
  const guarded = await guardedAddresses(gateway);
  expect(guarded.length).toBeGreaterThan(150);
  for (const [method, path] of guarded) {
    const headers = {
      origin: 'http://evil.test',
      'x-forwarded-for': '127.0.0.1',
      'x-real-ip': '127.0.0.1',
      forwarded: 'for=127.0.0.1',
      cookie: 'session=x',
    };
    const none = await fetch(`${gateway.url}${path}`, { method, headers });
    expect([method, path, none.status]).toEqual([method, path, 401]);
  }
}, 60_000);

test('16: neither does a wrong key, a client key or one in another place, and none is repeated', async () => {
  // Each guess comes from an address of its own: behind each other they would wait.
  await using gateway = await managedGateway({
    'trusted-proxies': ['127.0.0.1', '::1'],
    'remote-management': { 'secret-key': 'management-key-of-the-tests', 'allow-remote': true },
  });
  const guarded = await guardedAddresses(gateway);
  let address = 0;
  for (const [method, path] of guarded)
    for (const headers of refusedKeys) {
      address += 1;
      const from = `203.0.${address >> 8}.${address & 255}`;
      const refused = await fetch(`${gateway.url}${path}?key=management-key-of-the-tests`, {
        method,
        headers: { ...headers, 'x-forwarded-for': from },
      });
      const said = await refused.text();
      expect([method, path, headers, refused.status]).toEqual([method, path, headers, 401]);
      expect(said).not.toMatch(new RegExp(`canary|${clientKey}|of-the-tests`));
    }
}, 120_000);

test('16: from another computer no address is open without allow-remote, with the right key either', async () => {
  await using gateway = await managedGateway({ 'trusted-proxies': ['127.0.0.1', '::1'] });
  const guarded = await guardedAddresses(gateway);
  for (const [method, path] of guarded) {
    const headers = {
      authorization: 'Bearer management-key-of-the-tests',
      'x-forwarded-for': '127.0.0.1, 203.0.113.9',
    };
    const refused = await fetch(`${gateway.url}${path}`, { method, headers });
    expect([method, path, refused.status]).toEqual([method, path, 403]);
  }
}, 60_000);

test.each([
  '/v0/management/../management/auth-files',
  '/v0/management/%2e%2e/management/auth-files',
  '/v0/management//auth-files',
  '//v0/management/auth-files',
  '/v0/management/auth-files/..;/download',
  '/V0/management/auth-files',
])('%s gives no account away without a key', async (path) => {
  await using gateway = await managedGateway({}, { 'a.json': { type: 'claude', access_token: 'canary' } });
  const answer = await fetch(`${gateway.url}${path}`);
  expect([401, 404]).toContain(answer.status);
  expect(await answer.text()).not.toContain('a.json');
});

test('16: X-Forwarded-For counts from the proxies that the owner lists, and from nobody else', async () => {
  const lists = [['127.0.0.1', '::1'], []];
  for (const proxies of lists) {
    await using behind = await managedGateway({ 'trusted-proxies': proxies });
    const ask = (named?: string) =>
      behind.ask('GET', 'debug', undefined, named === undefined ? {} : { 'x-forwarded-for': named });
    const kept = proxies.length > 0 ? 403 : 200;
    expect((await ask()).status).toBe(200);
    expect((await ask('203.0.113.9')).status).toBe(kept);
    expect((await ask('127.0.0.1, 203.0.113.9')).status).toBe(kept);
    expect((await ask('unknown')).status).toBe(kept);
  }
});

test('16: behind a listed proxy each client waits for its own wrong keys', async () => {
  await using behind = await managedGateway({
    'trusted-proxies': ['127.0.0.0/8'],
    'remote-management': { 'secret-key': 'management-key-of-the-tests', 'allow-remote': true },
  });
  const wait = async (named: string) =>
    (
      await behind.ask('GET', 'debug', undefined, { authorization: 'Bearer wrong', 'x-forwarded-for': named })
    ).headers.get('retry-after');
  for (let guess = 0; guess < 4; guess++) await wait('203.0.113.9');
  expect(await wait('203.0.113.9')).not.toBeNull();
  expect(await wait('203.0.113.10')).toBeNull();
});

test('16: a client key at /metrics is no guess at the key of the management', async () => {
  await using own = await managedGateway();
  const ask = async (key: string) =>
    (await fetch(`${own.url}/metrics`, { headers: { authorization: `Bearer ${key}` } })).status;
  const began = performance.now();
  for (let time = 0; time < 8; time++) expect(await ask(clientKey)).toBe(401);
  expect(performance.now() - began).toBeLessThan(1500);
  const counted = await own.ask('GET', '/metrics', undefined, {
    authorization: 'Bearer management-key-of-the-tests',
  });
  expect(counted.text).not.toMatch(/wrong.management.key"\} [1-9]/);
});
