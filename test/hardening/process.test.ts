/** What surrounds the process must not change it: files of strangers, a closed terminal, a config that says nothing. */
import { expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyDirectory, program, run, type Serving, save, serving } from '../cli/program.ts';
import { eventually } from '../eventually.ts';
import { selfSigned } from '../failures/self-signed.ts';

const key = 'a-client-key-of-this-test';

function config(more = ''): string {
  return `port: 0\nauth-dir: accounts\napi-keys: [${key}]\ngemini-api-key: [{api-key: never-called, base-url: "http://127.0.0.1:1"}]\n${more}`;
}

async function status(server: Serving, given: string, path = '/v1/models'): Promise<number> {
  return (await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${given}` } })).status;
}

test('H9: a .env of the working directory adds no client key and switches no check off', async () => {
  using here = emptyDirectory();
  using folder = emptyDirectory();
  using upstream = selfSigned();
  const settings = config(
    `claude-api-key: [{api-key: k, base-url: "${upstream.url}", models: [{name: claude-x, alias: claude-x}]}]\n`,
  );
  writeFileSync(join(folder.path, 'config.yaml'), settings);
  writeFileSync(
    join(here.path, '.env'),
    'CLI_PROXY_API_KEY=key-of-a-stranger\nNODE_TLS_REJECT_UNAUTHORIZED=0\n',
  );
  await using server = await serving(['serve', '--config', join(folder.path, 'config.yaml')], {
    cwd: here.path,
  });
  expect(await status(server, key)).toBe(200);
  expect(await status(server, 'key-of-a-stranger')).toBe(401);
  const answer = await fetch(`${server.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': key },
    body: JSON.stringify({ model: 'claude-x', max_tokens: 5, messages: [{ role: 'user', content: 'x' }] }),
  });
  expect(answer.status).toBe(502);
  expect(upstream.asked()).toBe(0);
});

test('H9: the .env beside the config fills its variables, anew at each reload, and nothing else', async () => {
  using here = emptyDirectory();
  const file = join(here.path, 'config.yaml');
  writeFileSync(join(here.path, '.env'), 'CLIENT_KEY=first-key-0001\nCLI_PROXY_API_KEY=key-of-the-file\n');
  const settings = config().replace(key, '"${CLIENT_KEY}"');
  writeFileSync(file, settings);
  await using server = await serving(['serve', '--config', file], { cwd: here.path });
  expect(await status(server, 'first-key-0001')).toBe(200);
  expect(await status(server, 'key-of-the-file')).toBe(401);
  writeFileSync(join(here.path, '.env'), 'CLIENT_KEY=second-key-0002\n');
  save(file, `${settings}# saved again\n`);
  await eventually(async () => (await status(server, 'second-key-0002')) === 200);
});

test('H9: the environment wins over the .env beside the config', async () => {
  using here = emptyDirectory();
  writeFileSync(join(here.path, '.env'), 'PROXY_WANTED=nonsense\n');
  writeFileSync(join(here.path, 'config.yaml'), 'proxy-url: "${PROXY_WANTED}"\n');
  const check = (env: Record<string, string>) => run(['config', 'check'], { cwd: here.path, env });
  expect((await check({})).code).toBe(78);
  expect((await check({ PROXY_WANTED: 'http://127.0.0.1:3128' })).code).toBe(0);
});

test('M12: an emptied config, or one without the last client key, does not replace the running one', async () => {
  using here = emptyDirectory();
  const file = join(here.path, 'config.yaml');
  writeFileSync(file, config());
  await using server = await serving(['serve', '--config', file], { cwd: here.path });
  for (const [text, said] of [
    ['', /the file is empty/g],
    ['# all lines are comments\n', /the file is empty/g],
    [config().replace(key, ''), /the last client key is gone/g],
  ] as const) {
    const before = server.output().match(said)?.length ?? 0;
    save(file, text);
    await eventually(() => (server.output().match(said)?.length ?? 0) > before);
    expect(await status(server, key)).toBe(200);
    expect(await status(server, '')).toBe(401);
  }
});

test('M12: the last client key that goes over the management API is told loudly', async () => {
  using here = emptyDirectory();
  writeFileSync(join(here.path, 'config.yaml'), config('remote-management: {secret-key: management-1}\n'));
  await using server = await serving(['serve'], { cwd: here.path });
  const put = await fetch(`${server.url}/v0/management/api-keys`, {
    method: 'PUT',
    headers: { authorization: 'Bearer management-1', 'content-type': 'application/json' },
    body: '[]',
  });
  expect(put.status).toBe(200);
  await server.says(/the last client key is gone/);
  expect(await status(server, 'any')).toBe(200);
}, 60_000);

test('M13: a closed terminal ends it in order, unless it was started to outlive that', async () => {
  using here = emptyDirectory();
  writeFileSync(join(here.path, 'config.yaml'), config());
  await using server = await serving(['serve'], { cwd: here.path });
  expect(await server.end('SIGHUP')).toBe(0);
  expect(server.output()).toContain('Stopping');

  await using outliving = await serving([program, 'serve'], { cwd: here.path, command: 'nohup' });
  outliving.kill('SIGHUP');
  expect(await status(outliving, key)).toBe(200);
  expect(await outliving.end('SIGTERM')).toBe(0);
});

test('H8: a hashed management key opens by what it was made of, never by itself', async () => {
  using here = emptyDirectory();
  const hash = await Bun.password.hash('management-1', { algorithm: 'bcrypt', cost: 4 });
  writeFileSync(join(here.path, 'config.yaml'), config(`remote-management: {secret-key: "${hash}"}\n`));
  await using server = await serving(['serve'], { cwd: here.path });
  expect(await status(server, 'management-1', '/v0/management/cooldowns')).toBe(200);
  expect(await status(server, hash, '/v0/management/cooldowns')).toBe(401);
});

test('M14: who is turned away is logged without the key, and counted', async () => {
  using here = emptyDirectory();
  writeFileSync(
    join(here.path, 'config.yaml'),
    config('remote-management: {secret-key: management-1}\nlog: {format: json}\n'),
  );
  await using server = await serving(['serve'], { cwd: here.path });
  expect(await status(server, 'a-guessed-key-000')).toBe(401);
  expect(await status(server, key, '/wp-login.php?key=another-guessed-key')).toBe(404);
  expect(await status(server, 'guessed-management', '/v0/management/cooldowns')).toBe(401);
  // Only the path says whose request it is.
  expect(await status(server, key, '/v1/models?x=/v0/management/')).toBe(200);
  expect(await status(server, 'management-1', '/v0/management/requests/%ff')).toBe(404);
  const counts = await fetch(`${server.url}/v0/management/refusals`, {
    headers: { authorization: 'Bearer management-1' },
  });
  expect(await counts.json()).toMatchObject({
    refusals: { 'wrong-client-key': 1, 'unknown-address': 1, 'wrong-management-key': 1 },
  });
  await eventually(() => server.output().match(/"msg":"refused"/g)?.length === 3);
  expect(server.output()).toContain('"reason":"wrong-client-key","address":"127.0.0.1"');
  expect(server.output()).not.toContain('guessed');
});
