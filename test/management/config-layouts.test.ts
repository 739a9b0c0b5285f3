/** Files of the peer's version 8 and its tree of settings, over the API; and a log that changes its place. */
import { expect, test } from 'bun:test';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { emptyDirectory, started } from '../cli/program.ts';
import { declaredText } from './described.ts';

const newer = `config-version: 8
server: { host: 127.0.0.1, port: 0 } # here
management:
  secret-key: the-owner
oauth:
  auth-dir: accounts
access:
  api-keys: [anns-key-0001]
api-keys:
  gemini:
    # both of one project
    - base-url: http://127.0.0.1:9
      priority: 2
      keys:
        - api-key: AIza-one
        - api-key: AIza-two
          weight: 3
`;

const older = `# old
host: 127.0.0.1
port: 0
auth-dir: accounts
remote-management: { secret-key: the-owner }
api-keys: [anns-key-0001]
debug: false # quiet
claude-api-key:
  - name: ours # as the log calls it
    api-key: sk-ant-1
    prefix: team
`;

async function running(text: string) {
  const here = emptyDirectory();
  const path = join(here.path, 'config.yaml');
  writeFileSync(path, text);
  const gateway = started(['serve', '--config', path], { cwd: here.path });
  const [, base = ''] = await gateway.says(/Serving +(http\S+)/);
  return {
    directory: here.path,
    gateway,
    text: () => readFileSync(path, 'utf8'),
    said: () => parse(readFileSync(path, 'utf8')),
    async ask(method: string, where: string, body?: unknown) {
      const address = `${base}/${where}`;
      const response = await fetch(address, {
        method,
        headers: { authorization: 'Bearer the-owner' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const answer = await declaredText(method, address, response);
      return { status: response.status, body: answer === '' ? undefined : JSON.parse(answer) };
    },
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      here[Symbol.dispose]();
    },
  };
}

test('a file of version 8 keeps its layout, whatever writes into it', async () => {
  await using server = await running(newer);
  const v0 = (method: string, where: string, body?: unknown) =>
    server.ask(method, `v0/management/${where}`, body);
  expect((await v0('GET', 'gemini-api-key')).body['gemini-api-key']).toMatchObject([
    { 'api-key': 'AIza-one', priority: 2 },
    { 'api-key': 'AIza-two', priority: 2, weight: 3 },
  ]);
  expect((await v0('PUT', 'debug', { value: true })).status).toBe(200);
  expect((await v0('PUT', 'request-retry', { value: 2 })).status).toBe(200);
  expect((await v0('PATCH', 'api-keys', { old: '-', new: 'bobs-key-0001' })).status).toBe(200);
  expect((await v0('PATCH', 'gemini-api-key', { match: 'AIza-two', value: { priority: 5 } })).status).toBe(
    200,
  );
  const said = server.said();
  expect(said.observability.logs.debug).toBe(true);
  expect(said.routing.retry['request-retry']).toBe(2);
  expect(said.access['api-keys']).toEqual(['anns-key-0001', 'bobs-key-0001']);
  expect(said['api-keys'].gemini).toEqual([
    {
      'base-url': 'http://127.0.0.1:9',
      priority: 2,
      keys: [{ 'api-key': 'AIza-one' }, { 'api-key': 'AIza-two', weight: 3, priority: 5 }],
    },
  ]);
  expect(server.text()).toContain('    # both of one project\n');
  expect((await v0('GET', 'debug')).body).toEqual({ debug: true });
  expect((await v0('DELETE', 'gemini-api-key?api-key=AIza-one')).status).toBe(200);
  expect((await v0('GET', 'gemini-api-key')).body['gemini-api-key']).toMatchObject([
    { 'api-key': 'AIza-two', priority: 5, weight: 3 },
  ]);
});

test('the tree of settings is that of version 8, and an older file stays as it is laid out', async () => {
  await using server = await running(older);
  const v8 = (method: string, where: string, body?: unknown) =>
    server.ask(method, `v8/management/${where}`, body);
  const ok = { status: 200, body: { status: 'ok', 'config-version': 8 } };
  expect((await v8('GET', 'config')).body).toEqual({
    'config-version': 8,
    server: { host: '127.0.0.1', port: 0 },
    oauth: { 'auth-dir': 'accounts' },
    management: { 'secret-key': 'the-owner' },
    access: { 'api-keys': ['anns-key-0001'] },
    observability: { logs: { debug: false } },
    'api-keys': { claude: [{ name: 'ours', prefix: 'team', keys: [{ 'api-key': 'sk-ant-1' }] }] },
  });
  expect(await v8('PUT', 'config/observability/logs/debug', true)).toEqual(ok);
  expect(server.text()).toBe(older.replace('debug: false', 'debug: true'));
  expect(await v8('GET', 'config/observability/logs/debug')).toMatchObject({ body: true });
  expect(await v8('PATCH', 'config', { routing: { retry: { 'request-retry': 1 } } })).toEqual(ok);
  expect(server.said()['request-retry']).toBe(1);
  expect(await v8('DELETE', 'config/routing/retry/request-retry')).toEqual(ok);
  expect(server.said()['request-retry']).toBeUndefined();
  expect(await v8('DELETE', 'config/routing/retry/request-retry')).toMatchObject({
    status: 404,
    body: { error: 'not_found' },
  });
  expect(await v8('DELETE', 'config')).toMatchObject({
    status: 400,
    body: { error: 'cannot_delete_config' },
  });
  expect(await v8('PUT', 'config/debug', true)).toMatchObject({
    status: 400,
    body: { error: 'invalid_config' },
  });
  expect(await v8('PUT', 'config/server/port', 'many')).toMatchObject({ status: 422 });
  expect((await v8('GET', 'debug')).status).toBe(404);
});

test('13: what a file cannot keep is refused, and nothing of it is written', async () => {
  await using server = await running(older);
  const before = server.text();
  const v8 = (method: string, where: string, body: unknown) =>
    server.ask(method, `v8/management/${where}`, body);
  for (const path of ['zzz%00', 'a/%0a', '%1b%5b31m', 'a/%e2%80%a8', 'x'.repeat(257), '__proto__', 'a//b'])
    for (const method of ['PUT', 'PATCH']) {
      const { status, body } = await v8(method, `config/${path}`, 1);
      expect([method, path, status, body.error]).toEqual([method, path, 400, 'invalid_path']);
    }
  for (const body of [{ 'zzz\0': 1 }, { '': 1 }, { a: [{ '\u001b': 1 }] }, { ['x'.repeat(257)]: 1 }])
    for (const [method, path] of [
      ['PATCH', 'config'],
      ['PUT', 'config'],
      ['PUT', 'config/x'],
    ] as const)
      expect(await v8(method, path, body)).toMatchObject({ status: 400, body: { code: 'invalid_body' } });
  expect(server.text()).toBe(before);
});

test('logging-to-file acts at once, both ways', async () => {
  await using server = await running(older);
  const log = join(server.directory, 'logs', 'main.log');
  expect((await server.ask('PUT', 'v0/management/logging-to-file', { value: true })).status).toBe(200);
  await server.ask('PUT', 'v0/management/debug', { value: true });
  await server.ask('PUT', 'v0/management/logging-to-file', { value: false });
  expect(existsSync(log)).toBe(true);
  const written = readFileSync(log, 'utf8');
  expect(written).toContain('"path":"/v0/management/debug"');
  const before = server.gateway.output();
  expect(before).not.toContain('"path":"/v0/management/debug"');
  await server.ask('PUT', 'v0/management/request-retry', { value: 1 });
  await server.gateway.says(/"path":"\/v0\/management\/request-retry"/);
  expect(readFileSync(log, 'utf8')).toBe(written);
});
