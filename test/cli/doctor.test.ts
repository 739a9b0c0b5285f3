/** Each fault is made on purpose: its check names it, with what mends it. */
import { expect, test } from 'bun:test';
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { emptyDirectory, run } from './program.ts';

interface Check {
  id: string;
  state: 'ok' | 'warn' | 'fail' | 'skip';
  message: string;
  fix: string | null;
}

const wellConfig =
  'host: 127.0.0.1\nport: 8671\nauth-dir: ./accounts\napi-keys:\n  - a-client-key-that-is-long\n';

/** A directory in which nothing is wrong, until a test changes that. */
function patient(config = wellConfig) {
  const here = emptyDirectory();
  const file = (name: string) => join(here.path, name);
  writeFileSync(file('config.yaml'), config, { mode: 0o600 });
  mkdirSync(file('accounts'), { mode: 0o700 });
  return {
    file,
    async checks(options: string[] = [], env: Record<string, string> = {}) {
      const { out, code } = await run(['doctor', '--json', ...options], { cwd: here.path, env });
      const { checks }: { checks: Check[] } = JSON.parse(out);
      return { checks, code, of: (id: string) => checks.find((check) => check.id === id) };
    },
    [Symbol.dispose]: () => here[Symbol.dispose](),
  };
}

test('a healthy place has no failed check, each with id, state, sentence and fix, in 3 seconds', async () => {
  using well = patient();
  const started = performance.now();
  const { checks, code } = await well.checks();
  expect(performance.now() - started).toBeLessThan(3_000 * (process.env.CI === undefined ? 4 : 1));
  expect(checks.filter(({ state }) => state === 'fail')).toEqual([]);
  expect(code).toBe(0);
  expect(checks.length).toBeGreaterThan(15);
  for (const { id, state, message, fix } of checks) {
    expect(id).toMatch(/^[a-z]+\.[a-z-]+$/);
    expect(message.length).toBeGreaterThan(10);
    if (state === 'warn' || state === 'fail') expect(fix).toBeString();
  }
});

test('without a config it looks at what there is, and names the command that makes one', async () => {
  using here = emptyDirectory();
  const { out, code } = await run(['doctor', '--json'], { cwd: here.path });
  const { checks }: { checks: Check[] } = JSON.parse(out);
  expect(checks[0]).toMatchObject({ id: 'config.file', state: 'warn', fix: 'cli-proxy-api serve' });
  expect([0, 1]).toContain(code);
});

test('a config that does not parse fails with its line', async () => {
  using ill = patient('port: many\n');
  const { of, code } = await ill.checks();
  expect(code).toBe(1);
  expect(of('config.parses')).toMatchObject({
    state: 'fail',
    message: expect.stringContaining('line 1: port'),
  });
});

test('an unknown key of the config is named', async () => {
  using ill = patient(`${wellConfig}moods: 1\n`);
  expect((await ill.checks()).of('config.keys')).toMatchObject({ state: 'warn' });
});

test('files that others may read are named, and --fix closes them', async () => {
  using ill = patient();
  writeFileSync(ill.file('accounts/a.json'), '{}');
  chmodSync(ill.file('config.yaml'), 0o644);
  chmodSync(ill.file('accounts'), 0o755);
  chmodSync(ill.file('accounts/a.json'), 0o644);
  const { of } = await ill.checks();
  expect(of('config.mode')).toMatchObject({ state: 'warn', fix: expect.stringContaining('chmod 600') });
  expect(of('accounts.directory')).toMatchObject({
    state: 'fail',
    fix: expect.stringContaining('chmod 700'),
  });
  const mended = await ill.checks(['--fix']);
  expect(mended.of('config.mode')?.state).toBe('ok');
  expect(mended.of('accounts.directory')?.state).toBe('ok');
  expect(statSync(ill.file('accounts/a.json')).mode & 0o777).toBe(0o600);
});

test('a port that another program has taken fails', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const address = other.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  using ill = patient(wellConfig.replace('8671', String(port)));
  expect((await ill.checks()).of('network.port')).toMatchObject({ state: 'fail' });
  other.close();
});

test('a gateway that anybody could use fails', async () => {
  using ill = patient('host: 0.0.0.0\nport: 8671\nauth-dir: ./accounts\n');
  expect((await ill.checks()).of('network.exposure')).toMatchObject({ state: 'fail' });
});

test('a certificate that ends in ten days is named, and one that is none fails', async () => {
  const tls = 'tls:\n  enable: true\n  cert: ./cert.pem\n  key: ./key.pem\n';
  using ill = patient(wellConfig + tls);
  writeFileSync(ill.file('cert.pem'), 'none');
  writeFileSync(ill.file('key.pem'), 'none');
  expect((await ill.checks()).of('network.tls')).toMatchObject({ state: 'fail' });
  const make = [
    'openssl',
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '10',
    '-subj',
    '/CN=localhost',
  ];
  Bun.spawnSync([...make, '-out', ill.file('cert.pem'), '-keyout', ill.file('key.pem')], {
    stderr: 'ignore',
  });
  expect((await ill.checks()).of('network.tls')).toMatchObject({
    state: 'warn',
    message: expect.stringMatching(/runs out in (9|10) days/),
  });
});

test('certificate checks that are switched off fail', async () => {
  using ill = patient();
  const { of } = await ill.checks([], { NODE_TLS_REJECT_UNAUTHORIZED: '0' });
  expect(of('network.certificate-checks')).toMatchObject({ state: 'fail' });
});

test('a proxy of the environment is seen, and its password is not shown', async () => {
  using ill = patient();
  const { of, checks } = await ill.checks([], { HTTPS_PROXY: 'http://ann:secret@127.0.0.1:9' });
  expect(of('network.proxy')?.message).toContain('HTTPS_PROXY');
  expect(JSON.stringify(checks)).not.toContain('secret');
});

test('an account whose login another program holds, too, fails', async () => {
  using ill = patient();
  const token = 'rt-one-and-the-same-refresh-token';
  mkdirSync(ill.file('.codex'));
  writeFileSync(ill.file('.codex/auth.json'), JSON.stringify({ tokens: { refresh_token: token } }));
  writeFileSync(
    ill.file('accounts/codex.json'),
    JSON.stringify({ type: 'codex', access_token: 'a', refresh_token: token }),
    { mode: 0o600 },
  );
  const { of, checks } = await ill.checks();
  expect(of('accounts.shared-login')).toMatchObject({ state: 'fail' });
  expect(JSON.stringify(checks)).not.toContain(token);
});

test('a file that is no account is named', async () => {
  using ill = patient();
  writeFileSync(ill.file('accounts/x.json'), 'none', { mode: 0o600 });
  expect((await ill.checks()).of('accounts.files')).toMatchObject({ state: 'warn' });
});

test('a renewal that was broken off is named', async () => {
  using ill = patient();
  writeFileSync(ill.file('accounts/.a.json.journal'), '{}', { mode: 0o600 });
  expect((await ill.checks()).of('accounts.journal')).toMatchObject({ state: 'warn' });
});

test('a client key that can be guessed is counted, not shown', async () => {
  using ill = patient(wellConfig.replace('a-client-key-that-is-long', 'hunter2'));
  const { of, checks } = await ill.checks();
  expect(of('keys.strength')).toMatchObject({ state: 'warn' });
  expect(JSON.stringify(checks)).not.toContain('hunter2');
});

test('a damaged database fails', async () => {
  using ill = patient();
  writeFileSync(ill.file('accounts/.usage.sqlite'), 'x'.repeat(8192), { mode: 0o600 });
  expect((await ill.checks()).of('store.integrity')).toMatchObject({ state: 'fail' });
});

test('few open files are named', async () => {
  using ill = patient();
  const { program } = await import('./program.ts');
  const ran = Bun.spawnSync(['sh', '-c', 'ulimit -n 512; exec "$0" doctor --json', program], {
    cwd: ill.file('.'),
    env: { PATH: process.env.PATH, HOME: ill.file('.') },
  });
  const { checks }: { checks: Check[] } = JSON.parse(ran.stdout.toString());
  expect(checks.find(({ id }) => id === 'runtime.files')).toMatchObject({ state: 'warn' });
});

test('a service whose program is gone fails', async () => {
  using ill = patient();
  mkdirSync(ill.file('.config/systemd/user'), { recursive: true });
  writeFileSync(
    ill.file('.config/systemd/user/cli-proxy-api.service'),
    '[Service]\nExecStart="/gone/cli-proxy-api" serve\n',
  );
  expect((await ill.checks()).of('service.program')).toMatchObject({
    state: 'fail',
    fix: 'cli-proxy-api service install',
  });
});

test.each([
  { minutes: 0, state: 'ok' },
  { minutes: 10, state: 'fail' },
])('--online compares the clock with a server: $minutes minutes apart is $state', async (row) => {
  using server = Bun.serve({
    port: 0,
    fetch: () =>
      new Response('', { headers: { date: new Date(Date.now() + row.minutes * 60_000).toUTCString() } }),
  });
  using well = patient();
  const { of } = await well.checks(['--online', '--clock', server.url.href]);
  expect(of('network.clock')).toMatchObject({ state: row.state });
});

test('--online says which provider does not answer, without sending a key', async () => {
  const asked: Headers[] = [];
  using answering = Bun.serve({
    port: 0,
    fetch: (request) => {
      asked.push(request.headers);
      return new Response('');
    },
  });
  const service = (name: string, url: string) =>
    `  - name: ${name}\n    base-url: ${url}\n    api-key: never-sent-key\n`;
  using ill = patient(
    `${wellConfig}openai-compatibility:\n${service('there', answering.url.href)}${service('gone', 'http://127.0.0.1:1/')}`,
  );
  const { checks } = await ill.checks(['--online', '--clock', 'http://127.0.0.1:1/']);
  const providers = checks.filter(({ id }) => id === 'network.providers');
  expect(providers.map(({ state }) => state).sort()).toEqual(['fail', 'ok']);
  expect(asked.length).toBe(1);
  expect(JSON.stringify(asked.map((headers) => [...headers]))).not.toContain('never-sent-key');
});
