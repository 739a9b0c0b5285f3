/** Each fault is made on purpose: its check names it, with what mends it. */
import { expect, test } from 'bun:test';
import { chmodSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { processFindings } from '../../src/cli/doctor/gateway.ts';
import { type Reach, stalls } from '../../src/cli/doctor/providers.ts';
import { latestVersion } from '../../src/cli/doctor/runtime.ts';
import type { ProcessFacts } from '../../src/management/own-answers.ts';
import { placeOf } from '../../src/usage/columns.ts';
import { openUsageDatabase } from '../../src/usage/usage-database.ts';
import { startProxies } from '../proxy-servers.ts';
import { emptyDirectory, program, run, serving } from './program.ts';
import { signer } from './release-signer.ts';

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
    expect(id).toMatch(/^[a-z]+\.[a-z0-9-]+$/);
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

test('--online says which provider does not answer, and shows no key', async () => {
  const asked: { method: string; key: string | null }[] = [];
  using answering = Bun.serve({
    port: 0,
    fetch: ({ method, headers }) => {
      asked.push({ method, key: headers.get('authorization') });
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
  expect(JSON.stringify(checks)).not.toContain('never-sent-key');
  // The key goes to its own provider, with the question for models, and nowhere else.
  expect(asked.map(({ method, key }) => [method, key]).sort()).toEqual([
    ['GET', 'Bearer never-sent-key'],
    ['HEAD', null],
  ]);
});

test.each([
  { status: 200, state: 'ok', said: 'is accepted' },
  { status: 401, state: 'fail', said: 'is rejected by its provider (401)' },
  { status: 403, state: 'fail', said: 'is rejected by its provider (403)' },
  { status: 404, state: 'skip', said: 'responds with 404' },
  { status: 500, state: 'skip', said: 'responds with 500' },
])('--online: a key of each kind whose provider answers $status is $state', async (row) => {
  const paths: string[] = [];
  using provider = Bun.serve({
    port: 0,
    fetch(request) {
      if (request.method === 'GET') paths.push(new URL(request.url).pathname);
      return Response.json({ data: [], models: [] }, { status: row.status });
    },
  });
  const url = provider.url.origin;
  using place = patient(`${wellConfig}openai-compatibility:
  - {name: one, base-url: ${url}/api/v1, api-key: the-key-of-one, models: [{name: m}]}
claude-api-key:
  - {api-key: the-key-of-claude, base-url: ${url}}
gemini-api-key:
  - {api-key: the-key-of-gemini, base-url: ${url}}
codex-api-key:
  - {api-key: the-key-of-codex, base-url: ${url}/v1}
`);
  const { checks } = await place.checks(['--online', '--clock', url]);
  const keys = checks.filter(({ id }) => id === 'keys.answers');
  expect(keys.map(({ state }) => state)).toEqual(Array(4).fill(row.state));
  for (const { message } of keys) expect(message).toContain(row.said);
  expect(paths.sort()).toEqual(['/api/v1/models', '/v1/models', '/v1/models', '/v1beta/models']);
  expect(JSON.stringify(checks)).not.toContain('the-key-of');
});

test('--online goes through the proxy that a credential has, and shows no password of it', async () => {
  await using proxies = Object.assign(await startProxies(), {
    [Symbol.asyncDispose]: async () => proxies.close(),
  });
  using provider = Bun.serve({ port: 0, fetch: () => Response.json({ data: [] }) });
  const entry = (name: string, proxy: string) =>
    `  - {name: ${name}, base-url: "${provider.url.origin}/v1", api-key: k, models: [{name: m}], proxy-url: "${proxy}"}\n`;
  const { good, dead, wrongPassword } = proxies;
  using place = patient(
    `${wellConfig}openai-compatibility:\n${entry('far', good.http)}${entry('lost', dead.http)}${entry('shut', wrongPassword.socks5)}`,
  );
  const { checks } = await place.checks(['--online', '--clock', provider.url.href]);
  const seen = (id: string) =>
    checks
      .filter((check) => check.id === id)
      .map(({ state }) => state)
      .sort();
  expect(seen('network.providers')).toEqual(['fail', 'fail', 'ok']);
  expect(seen('keys.answers')).toEqual(['ok', 'skip', 'skip']);
  for (const { message } of checks.filter(({ id }) => id === 'network.providers'))
    expect(message).toContain('through its proxy');
  for (const secret of ['pass:word', 'pass%3Aword', 'wrong'])
    expect(JSON.stringify(checks)).not.toContain(secret);
});

test('a host whose IPv6 address is silent while IPv4 answers is named; others are not', async () => {
  const both = [
    { address: '2001:db8::1', family: 6 },
    { address: '192.0.2.1', family: 4 },
  ];
  const reach = (six: 'open' | 'refused' | 'silent', found = both): Reach => ({
    addresses: async () => found,
    connect: async (address) => (address.includes(':') ? six : 'open'),
  });
  expect(await stalls('host.test', 443, reach('silent'))).toMatchObject([
    { id: 'network.ipv6', state: 'warn', fix: expect.stringContaining('/etc/gai.conf') },
  ]);
  for (const how of ['open', 'refused'] as const)
    expect(await stalls('host.test', 443, reach(how))).toMatchObject([{ state: 'ok' }]);
  expect(await stalls('host.test', 443, reach('silent', both.slice(1)))).toEqual([]);
});

test.each([
  { version: '99.0.0', state: 'warn', fix: 'cli-proxy-api update' },
  { version: '0.0.1', state: 'ok', fix: undefined },
])('--online compares with the latest release: $version is $state', async ({ version, state, fix }) => {
  const by = signer('one');
  const list = Buffer.from(JSON.stringify({ version, files: {} }));
  const files: Record<string, string | Buffer> = {
    '/latest.json': list,
    '/latest.json.minisig': by.signature(list),
  };
  using server = Bun.serve({ port: 0, fetch: ({ url }) => new Response(files[new URL(url).pathname] ?? '') });
  const found = await latestVersion({ from: server.url.href, keys: [by.key] });
  expect([found.state, found.fix]).toEqual([state, fix]);
  // Nothing that is not signed is believed, and a build that knows no place says so.
  expect((await latestVersion({ from: server.url.href, keys: [signer('one').key] })).state).toBe('skip');
  expect((await latestVersion(undefined)).state).toBe('skip');
});

test('a config with problems: what it names is looked at, and nothing is said of settings that are not in force', async () => {
  using ill = patient('auth-dir: ./accounts\nhost: 0.0.0.0\nport: many\n');
  writeFileSync(ill.file('accounts/x.json'), '{}', { mode: 0o644 });
  const { of } = await ill.checks();
  expect(of('accounts.directory')).toMatchObject({
    state: 'fail',
    message: expect.stringContaining(ill.file('accounts')),
  });
  for (const id of ['network.port', 'network.exposure', 'network.tls', 'keys.strength'])
    expect(of(id)).toMatchObject({ state: 'skip', message: expect.stringContaining('has problems') });
});

test('one alias for two models of an entry is named', async () => {
  using ill = patient(
    `${wellConfig}openai-compatibility:\n  - {name: x, base-url: http://127.0.0.1:1, api-key: k, models: [{name: a, alias: Same}, {name: b, alias: same}]}\n`,
  );
  expect((await ill.checks()).of('config.aliases')).toMatchObject({
    state: 'warn',
    message: expect.stringContaining('to a and to b by turns'),
  });
});

test('a client key that is there twice is named', async () => {
  using ill = patient(`${wellConfig}  - a-client-key-that-is-long\n`);
  expect((await ill.checks()).of('config.keys')).toMatchObject({
    state: 'warn',
    message: expect.stringContaining('api-keys[1] is the same key as api-keys[0]'),
  });
});

test('a budget in money for a model without a price is named, with the line that gives it one', async () => {
  const service = (model: string) =>
    `openai-compatibility:\n  - {name: x, base-url: http://127.0.0.1:1, api-key: k, models: [{name: ${model}}]}\n`;
  const limited = '  - {key: another-client-key-that-is-long, name: ann, budget: {month: {usd: 5}}}\n';
  using ill = patient(`${wellConfig}${limited}${service('homemade')}`);
  expect((await ill.checks()).of('keys.budgets')).toMatchObject({
    state: 'warn',
    message: expect.stringContaining('ann has a budget in money, and homemade'),
    fix: expect.stringContaining('prices: {"homemade"'),
  });
  using well = patient(`${wellConfig}${limited}${service('gpt-5')}`);
  expect((await well.checks()).of('keys.budgets')).toMatchObject({ state: 'ok' });
});

test('two files of one login, and a file that nobody can open, are named by what they are', async () => {
  using ill = patient();
  const login = { type: 'codex', access_token: 'a', account_id: 'acc-1', email: 'ann@example.com' };
  for (const name of ['one', 'two'])
    writeFileSync(
      ill.file(`accounts/${name}.json`),
      JSON.stringify({ ...login, refresh_token: `rt-of-${name}-0000` }),
      { mode: 0o600 },
    );
  writeFileSync(ill.file('key'), 'an-encryption-key-of-tests', { mode: 0o600 });
  expect((await ill.checks()).of('accounts.duplicate')).toMatchObject({
    state: 'warn',
    fix: `rm ${ill.file('accounts/two.json')}`,
  });
  rmSync(ill.file('accounts/two.json'));
  writeFileSync(ill.file('config.yaml'), `${wellConfig}auth-encryption-key: file:./key\n`, { mode: 0o600 });
  expect((await run(['auth', 'encrypt'], { cwd: ill.file('.') })).code).toBe(0);
  writeFileSync(ill.file('config.yaml'), wellConfig, { mode: 0o600 });
  expect((await ill.checks()).of('accounts.encryption')).toMatchObject({ state: 'fail' });
});

test('another login of Codex or Claude Code is found where its own variable says', async () => {
  for (const [variable, name] of [
    ['CODEX_HOME', 'auth.json'],
    ['CLAUDE_CONFIG_DIR', '.credentials.json'],
  ] as const) {
    using ill = patient();
    mkdirSync(ill.file('elsewhere'));
    const token = 'rt-one-and-the-same-refresh-token';
    writeFileSync(ill.file(`elsewhere/${name}`), JSON.stringify({ x: { refresh_token: token } }));
    writeFileSync(
      ill.file('accounts/a.json'),
      JSON.stringify({ type: 'codex', access_token: 'a', refresh_token: token }),
      {
        mode: 0o600,
      },
    );
    const { of } = await ill.checks([], { [variable]: ill.file('elsewhere') });
    expect(of('accounts.shared-login')).toMatchObject({ state: 'fail' });
  }
});

test.skipIf(process.getuid?.() !== 0)(
  'files of another user are named, with the command that gives them back',
  async () => {
    using ill = patient();
    writeFileSync(ill.file('accounts/a.json'), '{}', { mode: 0o600 });
    chmodSync(ill.file('.'), 0o755);
    chmodSync(ill.file('config.yaml'), 0o644);
    const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'];
    const ran = Bun.spawnSync([...asNobody, program, 'doctor', '--json'], {
      cwd: ill.file('.'),
      env: { PATH: process.env.PATH, HOME: ill.file('.') },
    });
    const { checks }: { checks: Check[] } = JSON.parse(ran.stdout.toString());
    expect(checks.find(({ id }) => id === 'accounts.owner' || id === 'accounts.directory')).toMatchObject({
      state: 'fail',
    });
  },
);

test('a gateway that hangs is named, in time; one that answers is fine', async () => {
  using ill = patient(`${wellConfig.replace('8671', '0')}sandbox: true\n`);
  await using gateway = await serving(['serve'], { cwd: ill.file('.') });
  const well = await ill.checks();
  expect(well.of('accounts.gateway')).toMatchObject({ state: 'ok' });
  expect(well.of('network.port')?.message).toContain(gateway.url);
  for (const id of ['gateway.files', 'gateway.settings']) expect(well.of(id)).toMatchObject({ state: 'ok' });
  gateway.kill('SIGSTOP');
  expect((await ill.checks()).of('accounts.gateway')).toMatchObject({
    state: 'fail',
    message: expect.stringContaining('does not answer'),
  });
  gateway.kill('SIGCONT');
});

test('a gateway that keeps hold of files and connections, or was started otherwise, is named', () => {
  const well = { openFiles: 40, mostOpenFiles: 4096, halfClosedSockets: 0, missingSettings: [] };
  const states = (facts: Partial<ProcessFacts>) =>
    processFindings({ ...well, ...facts }).map(({ state }) => state);
  expect(states({})).toEqual(['ok', 'ok']);
  expect(states({ openFiles: 4000 })).toEqual(['warn', 'ok']);
  expect(states({ halfClosedSockets: 500 })).toEqual(['warn', 'ok']);
  expect(states({ missingSettings: ['BUN_JSC_forceRAMSize'] })).toEqual(['ok', 'warn']);
  expect(states({ openFiles: null, mostOpenFiles: null, halfClosedSockets: null })).toEqual(['skip', 'ok']);
});

test('usage that is kept for too long, takes too much room or is kept no more is named', async () => {
  using ill = patient();
  const file = ill.file('accounts/.usage.sqlite');
  const kept = openUsageDatabase(file);

  kept.database.run('INSERT INTO requests (id) VALUES (?)', [placeOf(Date.now() - 200 * 86_400_000)]);
  kept.database.close();
  const found = async (more: string) => {
    writeFileSync(ill.file('config.yaml'), `${wellConfig}${more}`, { mode: 0o600 });
    return (await ill.checks()).of('store.retention');
  };
  expect(await found('usage: {keep-requests: 365d}\n')).toMatchObject({ state: 'ok' });
  expect(await found('')).toMatchObject({ state: 'warn', message: expect.stringContaining('keep-requests') });
  expect(await found('usage: {keep-requests: 365d, max-size: 1KB}\n')).toMatchObject({
    state: 'warn',
    message: expect.stringContaining('max-size'),
  });
  expect(await found('usage: {enable: false}\n')).toMatchObject({
    state: 'warn',
    fix: expect.stringContaining(`rm ${file}`),
  });
});

test('a client on the path is named with where it leads, and what would lead it here', async () => {
  using well = patient();
  mkdirSync(well.file('programs'));
  const path = { PATH: `${well.file('programs')}:${process.env.PATH}` };
  for (const name of ['claude', 'aider'])
    writeFileSync(well.file(`programs/${name}`), '#!/bin/sh\n', { mode: 0o755 });
  const clients = async (env: Record<string, string>) =>
    (await well.checks([], { ...path, ...env })).checks.filter(({ id }) => id === 'clients.found');
  const [claude] = await clients({});
  expect(claude).toMatchObject({ fix: 'cli-proxy-api connect claude' });
  const [led] = await clients({ ANTHROPIC_BASE_URL: 'https://ann:secret-word@elsewhere.example/x' });
  expect(led?.message).toContain('ANTHROPIC_BASE_URL leads to elsewhere.example');
  mkdirSync(well.file('.claude'));
  writeFileSync(well.file('.claude/settings.json'), '{"env":{"ANTHROPIC_BASE_URL":"http://127.0.0.1:8671"}}');
  const [connected] = await clients({});
  expect(connected).toMatchObject({
    message: expect.stringContaining('settings lead to this gateway'),
    fix: null,
  });
});

test('a problem or remark about the whole file is said without a line', async () => {
  using broken = patient('');
  writeFileSync(broken.file('config.yaml'), Buffer.from([0xff, 0xfe, 0x70, 0x00]));
  expect((await broken.checks()).of('config.parses')?.message).toBe(
    '1 problem; the file is no text in UTF-8.',
  );
  using well = patient(wellConfig);
  const { of } = await well.checks([], { CLI_PROXY_API_KEY: 'schlüssel' });
  expect(of('config.keys')?.message).toMatch(/; CLI_PROXY_API_KEY character 5 is U\+00FC/);
});
