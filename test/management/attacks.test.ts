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
