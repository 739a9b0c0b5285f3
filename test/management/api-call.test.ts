/** Calls through the gateway, tried on the running gateway: attacks on this computer, and what a panel asks for. */
import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentialsFromConfig } from '../../src/credentials/from-config.ts';
import { authIndex } from '../../src/management/auth-index.ts';
import { type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { configOf, startTested, type TestedGateway } from '../gateway-harness.ts';

const canary = 'CANARY-e77c-of-the-provider-key';
const managementKey = 'management-key-of-the-tests';
const folder = mkdtempSync(join(tmpdir(), 'api-call-'));

/** Whoever is asked on this computer writes that down. */
const asked: { port: number; path: string; headers: Headers }[] = [];
function listener(answer: (request: Request) => Response) {
  const server: Bun.Server<undefined> = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch(request) {
      asked.push({ port: server.port ?? 0, path: new URL(request.url).pathname, headers: request.headers });
      return answer(request);
    },
  });
  return server;
}
const victim = listener(() => new Response('the inner secret'));
const provider = listener((request) =>
  new URL(request.url).pathname === '/v1/redirect'
    ? new Response(null, { status: 302, headers: { location: `http://127.0.0.1:${victim.port}/` } })
    : Response.json({ authorization: request.headers.get('authorization') }, { headers: { 'x-up': '1' } }),
);
afterAll(() => {
  victim.stop(true);
  provider.stop(true);
  rmSync(folder, { recursive: true, force: true });
});

const settings: JsonObject = {
  'auth-dir': folder,
  'remote-management': { 'secret-key': managementKey },
  'codex-api-key': [{ 'api-key': canary, 'base-url': `http://127.0.0.1:${provider.port}/v1` }],
};

async function managed(
  gateway: TestedGateway,
  method: string,
  path: string,
  body?: JsonObject,
): Promise<{ status: number; said: JsonObject }> {
  const answer = await fetch(`${gateway.url}/${path}`, {
    method,
    headers: { authorization: `Bearer ${managementKey}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, said: JSON.parse(await answer.text()) };
}

/** The index under which clients know the one key. */
function index(): string {
  const [credential] = credentialsFromConfig(configOf(settings));
  return authIndex(credential?.id ?? '');
}

const bearer = { Authorization: 'Bearer $TOKEN$' };

describe.each(['v0/management/api-call', 'v8/management/requests/api-call'])('%s', (path) => {
  test('a panel gets what the provider of a key answers, without the key', async () => {
    await using gateway = await startTested(settings);
    const { status, said } = await managed(gateway, 'POST', path, {
      auth_index: index(),
      method: 'GET',
      url: `http://127.0.0.1:${provider.port}/v1/models`,
      header: bearer,
    });
    expect(status).toBe(200);
    expect(said).toMatchObject({ status_code: 200, header: { 'X-Up': ['1'] } });
    expect(asked.at(-1)?.headers.get('authorization')).toBe(`Bearer ${canary}`);
    expect(asked.at(-1)?.headers.get('user-agent')).toStartWith('cli-proxy-api/');
    expect(JSON.stringify(said)).not.toContain(canary);
  });

  test.each([true, false])('this computer is out of reach (with a token: %p)', async (withToken) => {
    await using gateway = await startTested(settings);
    const { port } = new URL(gateway.url);
    const auth_index = index();
    const before = asked.length;
    for (const host of [
      '127.0.0.1',
      'localhost',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '2130706433',
      '0.0.0.0',
      '127.1',
    ])
      for (const target of [`http://${host}:${victim.port}/`, `http://${host}:${port}/healthz`])
        for (const whose of [{ auth_index }, {}]) {
          const { status, said } = await managed(gateway, 'POST', path, {
            ...whose,
            method: 'GET',
            url: target,
            ...(withToken && { header: bearer }),
          });
          expect([400, 403]).toContain(status);
          expect(typeof said.error).toBe('string');
          expect(JSON.stringify(said)).not.toContain('inner secret');
        }
    expect(asked.length).toBe(before);
  });

  test('a redirect of the provider is answered, and not followed', async () => {
    await using gateway = await startTested(settings);
    const { said } = await managed(gateway, 'POST', path, {
      auth_index: index(),
      method: 'GET',
      url: `http://127.0.0.1:${provider.port}/v1/redirect`,
      header: bearer,
    });
    expect(said.status_code).toBe(302);
    expect(asked.at(-1)?.path).toBe('/v1/redirect');
  });
});

describe('an end to cooldowns', () => {
  test.each([
    'v0/management/reset-quota',
    'v0/management/quota/reset',
    'v8/management/routing/cooldown/reset',
    'v8/management/credentials/quota/reset',
  ])('%s answers as the peer does', async (path) => {
    await using gateway = await startTested(settings);
    const auth_index = index();
    const { status, said } = await managed(gateway, 'POST', path, { auth_index });
    expect(status).toBe(200);
    expect(said).toMatchObject({ status: 'ok', auth_index });
    expect(Array.isArray(said.models)).toBe(true);
    expect(await managed(gateway, 'POST', path, {})).toMatchObject({
      status: 400,
      said: { error: 'auth_index is required' },
    });
    expect(await managed(gateway, 'POST', path, { auth_index: 'none' })).toMatchObject({
      status: 404,
      said: { error: 'auth not found' },
    });
  });
});

test('what is left is 501 where the provider has reported nothing', async () => {
  await using gateway = await startTested(settings);
  const auth_index = index();
  expect((await managed(gateway, 'POST', 'v0/management/quota/fetch', { auth_index })).status).toBe(501);
  expect((await managed(gateway, 'POST', 'v8/management/credentials/quota/fetch', {})).status).toBe(400);
  expect((await managed(gateway, 'GET', 'v0/management/quota/providers')).said).toEqual({ providers: [] });
});

test('keys of the configuration have their successes under the names that panels look for', async () => {
  await using gateway = await startTested(settings);
  for (const path of ['v0/management/api-key-usage', 'v8/management/observability/usage/api-keys']) {
    const { said } = await managed(gateway, 'GET', path);
    const key = `http://127.0.0.1:${provider.port}/v1|${canary}`;
    const counts = parseJson(JSON.stringify(said));
    expect(counts).toMatchObject({ codex: { [key]: { success: 0, failed: 0 } } });
    expect(JSON.stringify(said)).toMatch(
      /"recent_requests":\[\{"time":"\d\d:\d\d-\d\d:\d\d","success":0,"failed":0\}/,
    );
  }
});
