/** One gateway an auth-dir: a second one is refused, a rolling restart waits, a killed one stands in nobody's way. */
import { expect, test } from 'bun:test';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { emptyDirectory, run, save, serving, started } from '../cli/program.ts';
import { eventually } from '../eventually.ts';

const key = 'a-client-key-of-this-test';

function config(authDir: string, more = ''): string {
  return `port: 0\nauth-dir: ${authDir}\napi-keys: [${key}]\ngemini-api-key: [{api-key: never-called, base-url: "http://127.0.0.1:1"}]\n${more}`;
}

function configIn(folder: string, name: string, text: string): string[] {
  writeFileSync(join(folder, name), text);
  return ['serve', '--config', join(folder, name)];
}

const models = async (url: string) =>
  (await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;

test('H10: a second gateway with the same auth-dir ends with 75 and names the first', async () => {
  using here = emptyDirectory();
  const cwd = here.path;
  await using first = await serving(configIn(cwd, 'one.yaml', config('accounts')), { cwd });
  // From the first second, where no directory was.
  expect(existsSync(join(cwd, 'accounts', '.gateway.sock'))).toBe(true);
  expect(statSync(join(cwd, 'accounts')).mode & 0o777).toBe(0o700);
  const second = await run(configIn(cwd, 'two.yaml', config('./accounts')), { cwd });
  expect(second.code).toBe(75);
  expect(second.err).toContain(`another gateway, at ${first.url}, runs with the auth-dir`);
  // Nothing of the first was touched, other commands work beside it, and another directory is free.
  expect(await models(first.url)).toBe(200);
  expect((await run(['explain', '--config', 'one.yaml'], { cwd })).code).toBe(0);
  expect((await run(['auth', 'list', '--config', 'one.yaml'], { cwd })).code).toBe(0);
  await using other = await serving(configIn(cwd, 'three.yaml', config('elsewhere')), { cwd });
  expect(await models(other.url)).toBe(200);
  expect(await first.end('SIGTERM')).toBe(0);
  await using next = await serving(['serve', '--config', 'two.yaml'], { cwd });
  expect(await models(next.url)).toBe(200);
}, 30_000);

test('H10: through a symbolic link the directory is the same', async () => {
  using here = emptyDirectory();
  const cwd = here.path;
  await using first = await serving(configIn(cwd, 'one.yaml', config('accounts')), { cwd });
  symlinkSync('accounts', join(cwd, 'linked'));
  const second = await run(configIn(cwd, 'two.yaml', config('linked')), { cwd });
  expect(second.code).toBe(75);
  expect(second.err).toContain(first.url);
}, 30_000);

test('H10: after kill -9 the next one starts at once, over the socket that was left', async () => {
  using here = emptyDirectory();
  const cwd = here.path;
  const args = configIn(cwd, 'config.yaml', config('accounts'));
  {
    await using first = await serving(args, { cwd });
    first.kill('SIGKILL');
    await first.exited;
  }
  expect(existsSync(join(cwd, 'accounts', '.gateway.sock'))).toBe(true);
  await using second = await serving(args, { cwd });
  expect(await models(second.url)).toBe(200);
  expect((await run(['explain', '--config', 'config.yaml'], { cwd })).code).toBe(0);
}, 30_000);

test('H10: a rolling restart waits for the gateway that finishes its answers', async () => {
  using here = emptyDirectory();
  const cwd = here.path;
  const open = Promise.withResolvers<void>();
  using upstream = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch() {
      await open.promise;
      return Response.json({ choices: [{ index: 0, message: { role: 'assistant', content: 'fine' } }] });
    },
  });
  const more = `shutdown-grace: 20s\nopenai-compatibility: [{name: local, base-url: "http://127.0.0.1:${upstream.port}/v1", api-key-entries: [{api-key: k}], models: [{name: m}]}]\n`;
  const args = configIn(cwd, 'config.yaml', config('accounts', more));
  await using first = await serving(args, { cwd });
  const answer = fetch(`${first.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hello' }] }),
  });
  await eventually(() => upstream.pendingRequests > 0);
  const ended = first.end('SIGTERM');
  await first.says(/Stopping/);
  await using second = started(args, { cwd });
  await second.says(/waiting for the gateway at/);
  open.resolve();
  expect((await answer).status).toBe(200);
  expect(await ended).toBe(0);
  const said = () =>
    second
      .output()
      .match(/http:\/\/127\.0\.0\.1:\d+/g)
      ?.filter((url) => url !== first.url) ?? [];
  await eventually(() => said().length > 0);
  expect(await models(said()[0] ?? '')).toBe(200);
}, 30_000);

test('H10: over the API an auth-dir of another gateway is refused unwritten', async () => {
  using here = emptyDirectory();
  const cwd = here.path;
  await using first = await serving(configIn(cwd, 'one.yaml', config('accounts')), { cwd });
  const owner = 'remote-management: {secret-key: the-owner}\n';
  await using second = await serving(configIn(cwd, 'two.yaml', config('elsewhere', owner)), { cwd });
  const put = async (text: string) => {
    const headers = { authorization: 'Bearer the-owner' };
    const answer = await fetch(`${second.url}/v0/management/config.yaml`, {
      method: 'PUT',
      headers,
      body: text,
    });
    return { status: answer.status, text: await answer.text() };
  };
  const before = readFileSync(join(cwd, 'two.yaml'), 'utf8');
  const refused = await put(config('accounts', owner));
  expect(refused.status).toBe(422);
  expect(refused.text).toContain(`auth-dir: another gateway, at ${first.url}, runs with the auth-dir`);
  const unreadable = await put(
    config('elsewhere', `${owner}tls: {enable: true, cert: no.pem, key: no.pem}\n`),
  );
  expect(unreadable).toMatchObject({ status: 422, text: expect.stringContaining('tls.cert') });
  writeFileSync(join(cwd, 'a-file'), '');
  const unwritable = await put(
    config('elsewhere', `${owner}logging-to-file: true\nlog: {directory: a-file}\n`),
  );
  expect(unwritable).toMatchObject({ status: 422, text: expect.stringContaining('logging-to-file') });
  expect(readFileSync(join(cwd, 'two.yaml'), 'utf8')).toBe(before);
  // A directory of its own by another name is no second gateway, and the versions come along to a new one.
  symlinkSync('elsewhere', join(cwd, 'linked'));
  expect((await put(config('linked', owner))).status).toBe(200);
  expect((await put(config('third', owner))).status).toBe(200);
  const history = await run(['config', 'history', '--config', 'two.yaml'], { cwd });
  expect(history.out.match(/config.yaml: the whole file/g)?.length).toBe(2);
}, 30_000);

test('H10: a reload onto an auth-dir that another gateway has is refused, the one before stays', async () => {
  using here = emptyDirectory();
  const cwd = here.path;
  await using first = await serving(configIn(cwd, 'one.yaml', config('accounts')), { cwd });
  await using second = await serving(configIn(cwd, 'two.yaml', config('elsewhere')), { cwd });
  save(join(cwd, 'two.yaml'), config('accounts'));
  await second.says(/could not be put into force/);
  expect(second.output()).toContain(first.url);
  expect(await models(second.url)).toBe(200);
  expect((await run(configIn(cwd, 'three.yaml', config('elsewhere')), { cwd })).code).toBe(75);
  // Another one that is free is taken, and the one before let go.
  save(join(cwd, 'two.yaml'), config('third'));
  await eventually(() => existsSync(join(cwd, 'third', '.gateway.sock')));
  await second.says(/config reloaded/);
  await using third = await serving(['serve', '--config', 'three.yaml'], { cwd });
  expect(await models(third.url)).toBe(200);
}, 30_000);

test('M8: an auth-dir that is there keeps its mode, and is named when others may look into it', async () => {
  using here = emptyDirectory();
  const cwd = here.path;
  mkdirSync(join(cwd, 'accounts'));
  chmodSync(join(cwd, 'accounts'), 0o755);
  const args = configIn(cwd, 'config.yaml', config('accounts', 'save-cooldown-status: true\n'));
  await using server = await serving(args, { cwd });
  await server.says(/has the mode 0755: other users of this computer may look into it/);
  const listed = await run(['auth', 'list', '--config', 'config.yaml'], { cwd });
  expect(listed.err).toContain('has the mode 0755');
  expect(await server.end('SIGTERM')).toBe(0);
  expect(statSync(join(cwd, 'accounts')).mode & 0o777).toBe(0o755);
}, 30_000);

test('Low: the state files are not written through symbolic links', async () => {
  using here = emptyDirectory();
  const cwd = here.path;
  mkdirSync(join(cwd, 'accounts'), { mode: 0o700 });
  const names = ['.client-limits.json', '.cooldowns.json', '.gateway.lock'];
  for (const name of names) {
    writeFileSync(join(cwd, `outside${name}`), 'mine');
    symlinkSync(join(cwd, `outside${name}`), join(cwd, 'accounts', name));
  }
  using upstream = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: () =>
      Response.json({ error: { message: 'spent' } }, { status: 429, headers: { 'retry-after': '600' } }),
  });
  const text = `port: 0\nauth-dir: accounts\napi-keys: [{key: ${key}, requests-per-minute: 5}]\nsave-cooldown-status: true\nopenai-compatibility: [{name: local, base-url: "http://127.0.0.1:${upstream.port}/v1", api-key-entries: [{api-key: k}], models: [{name: m}]}]\n`;
  await using server = await serving(configIn(cwd, 'config.yaml', text), { cwd });
  await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hello' }] }),
  });
  expect(await server.end('SIGTERM')).toBe(0);
  for (const name of names) expect(readFileSync(join(cwd, `outside${name}`), 'utf8')).toBe('mine');
  expect(readFileSync(join(cwd, 'accounts', '.client-limits.json'), 'utf8')).toContain('"requests"');
  expect(readFileSync(join(cwd, 'accounts', '.cooldowns.json'), 'utf8')).toContain('quota');
}, 30_000);
