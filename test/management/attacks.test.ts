/** Whoever has no management key gets nothing out of any address, and no key is repeated anywhere. */
import { expect, test } from 'bun:test';
import { clientKey } from '../gateway-harness.ts';
import { managedGateway } from './managed-gateway.ts';

interface Operation {
  security?: unknown[];
}

test('no key, a wrong one and a client key are refused at every address of the reference', async () => {
  await using gateway = await managedGateway();
  const { body } = await gateway.ask('GET', 'openapi.json');
  const paths: [string, Record<string, Operation>][] = Object.entries(body.paths);
  const guarded = paths.flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { security }]) =>
      security === undefined ? [[method.toUpperCase(), path.replace(/\{\w+\}/g, 'x')] as const] : [],
    ),
  );
  expect(guarded.length).toBeGreaterThan(80);
  for (const [method, path] of guarded) {
    const headers = { origin: 'http://evil.test', 'x-forwarded-for': '127.0.0.1' };
    const none = await fetch(`${gateway.url}${path}`, { method, headers });
    expect([method, path, none.status]).toEqual([method, path, 401]);
  }
  for (const key of ['canary-wrong-key', clientKey]) {
    const [method, path] = guarded[0] ?? ['GET', ''];
    const refused = await fetch(`${gateway.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}` },
    });
    expect([refused.status, await refused.text()]).toEqual([401, expect.not.stringContaining(key)]);
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
