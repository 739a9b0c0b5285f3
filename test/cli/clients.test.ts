/** `run` and `connect` with a stand-in for the client's program; the real ones are in `npm run test:clients`. */
import { expect, test } from 'bun:test';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyDirectory, run, save, serving } from './program.ts';

const config = 'port: 0\nsandbox: true\nauth-dir: accounts   # here\napi-keys:\n  - the-key # first\n';

/** A gateway on its sandbox, and a program `claude` that says what it was given. */
async function household(text = config) {
  const here = emptyDirectory();
  writeFileSync(join(here.path, 'config.yaml'), text);
  mkdirSync(join(here.path, 'programs'));
  const claude = join(here.path, 'programs/claude');
  writeFileSync(claude, '#!/bin/sh\necho "args: $*"\nenv | grep ANTHROPIC | sort\nexit 7\n');
  chmodSync(claude, 0o755);
  const server = await serving(['serve'], { cwd: here.path });
  const env = { PATH: `${join(here.path, 'programs')}:${process.env.PATH}`, ANTHROPIC_API_KEY: 'sk-ant-own' };
  return {
    path: here.path,
    url: server.url,
    run: (...args: string[]) => run(args, { cwd: here.path, env }),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      here[Symbol.dispose]();
    },
  };
}

test('run starts the client with everything set, and ends with its code', async () => {
  await using home = await household();
  const { out, code } = await home.run('run', 'claude', '--', '-p', 'say hi', '--help');
  expect(code).toBe(7);
  expect(out).toContain('-p say hi --help');
  expect(out).toContain(`ANTHROPIC_BASE_URL=${home.url}\n`);
  expect(out).toContain('ANTHROPIC_AUTH_TOKEN=the-key\n');
  for (const size of ['OPUS', 'SONNET', 'HAIKU'])
    expect(out).toContain(`ANTHROPIC_DEFAULT_${size}_MODEL=sandbox`);
  expect(out).not.toContain('sk-ant-own');
  expect(existsSync(join(home.path, '.claude'))).toBe(false);
});

test('run says what is missing: client, program, gateway or model', async () => {
  await using home = await household();
  expect((await home.run('run', 'cluade')).err).toContain('run claude"?');
  expect((await home.run('run', 'zed')).err).toContain('connect zed" shows how to set it up');
  expect((await home.run('run', 'aider')).err).toContain('Install it: python -m pip install aider-install');
  expect((await home.run('run', 'claude', '--model', 'sandbox-cluade')).err).toContain('"sandbox-claude"?');
  const gone = await home.run('run', 'claude', '--url', 'http://127.0.0.1:9');
  expect([gone.code, gone.err]).toEqual([69, expect.stringContaining('serve"')]);
});

test('connect writes, proves, changes nothing a second time, and is undone to the byte', async () => {
  await using home = await household();
  const settings = join(home.path, '.claude/settings.json');
  const before = '{\n  "permissions": {"allow": []}\n}';
  mkdirSync(join(home.path, '.claude'));
  writeFileSync(settings, before);
  const first = await home.run('connect', 'claude', '--model', 'sandbox-claude');
  expect([first.code, first.err]).toEqual([0, '']);
  expect(first.out).toContain('answered   sandbox-claude');
  expect(first.out).not.toContain('the-key');
  const written = readFileSync(settings, 'utf8');
  const { env, permissions } = JSON.parse(written);
  expect(permissions).toEqual({ allow: [] });
  expect(env).toMatchObject({ ANTHROPIC_BASE_URL: home.url, ANTHROPIC_MODEL: 'sandbox-claude' });
  // The gateway has keys, so the client has one of its own.
  expect(env.ANTHROPIC_AUTH_TOKEN).toMatch(/^sk-/);
  expect(readFileSync(join(home.path, 'config.yaml'), 'utf8')).toMatch(
    /^ {2}- the-key # first\n {2}- key: sk-\S+\n {4}name: claude\n$/m,
  );
  const history = await home.run('config', 'history');
  expect(history.out).toMatch(/connect +the client key "claude" \(\w+\) was added/);

  const second = await home.run('connect', 'claude', '--model', 'sandbox-claude');
  expect(second.out).toContain(`unchanged  ${settings}`);
  expect(readFileSync(settings, 'utf8')).toBe(written);

  expect((await home.run('connect', 'claude', '--undo')).code).toBe(0);
  expect(readFileSync(settings, 'utf8')).toBe(before);
  expect(readFileSync(join(home.path, 'config.yaml'), 'utf8')).toBe(config);
  expect(readdirSync(join(home.path, '.claude'))).toEqual(['settings.json']);
  expect((await home.run('connect', 'claude', '--undo')).err).toContain('nothing to undo');
});

test('undone where two files were made in one new directory, nothing of it is left', async () => {
  await using home = await household();
  expect((await home.run('connect', 'gemini')).code).toBe(0);
  expect(readdirSync(join(home.path, '.gemini')).sort()).toEqual(['.env', 'settings.json']);
  expect((await home.run('connect', 'gemini', '--undo')).code).toBe(0);
  expect(existsSync(join(home.path, '.gemini'))).toBe(false);
});

test('undone after others have written, our values alone go', async () => {
  await using home = await household();
  await home.run('connect', 'claude');
  await home.run('connect', 'codex');
  const settings = join(home.path, '.claude/settings.json');
  const value = JSON.parse(readFileSync(settings, 'utf8'));
  writeFileSync(settings, JSON.stringify({ ...value, theme: 'dark' }));
  expect((await home.run('connect', 'claude', '--undo')).code).toBe(0);
  expect(JSON.parse(readFileSync(settings, 'utf8'))).toEqual({ theme: 'dark' });
  const keys = readFileSync(join(home.path, 'config.yaml'), 'utf8');
  expect(keys).toContain('codex');
  expect(keys).not.toContain('claude');
  await home.run('connect', 'codex', '--undo');
  expect(existsSync(join(home.path, '.codex'))).toBe(false);
  expect(readFileSync(join(home.path, 'config.yaml'), 'utf8')).toBe(config);
});

test('an --undo that fails at a broken config leaves all as it is, and can be done again', async () => {
  await using home = await household();
  await home.run('connect', 'claude');
  const settings = join(home.path, '.claude/settings.json');
  const file = join(home.path, 'config.yaml');
  const [connected, text] = [readFileSync(settings, 'utf8'), readFileSync(file, 'utf8')];
  save(file, `${text}request-retry: [\n`);
  expect((await home.run('connect', 'claude', '--undo')).code).toBe(1);
  expect(readFileSync(settings, 'utf8')).toBe(connected);
  save(file, text);
  expect((await home.run('connect', 'claude', '--undo')).code).toBe(0);
  expect(existsSync(settings)).toBe(false);
  expect(readFileSync(file, 'utf8')).toBe(config);
});

test.each([
  ['before the client keys', (text: string) => `request-retry: [\n${text}`],
  ['behind them', (text: string) => `${text}\n# more\nrequest-retry: [\n`],
  ['an unknown key among them', (text: string) => `${text}unknown-thing: 1\nport: none\n`],
])('run works beside a config that was broken since: %s', async (_, broken) => {
  await using home = await household();
  save(join(home.path, 'config.yaml'), broken(config));
  const { out, err, code } = await home.run('run', 'claude');
  expect([code, err]).toEqual([7, expect.stringContaining('goes on with the config before')]);
  expect(out).toContain('ANTHROPIC_AUTH_TOKEN=the-key\n');
});

test('the key of the environment is sent, also to a gateway of which there is no config here', async () => {
  await using home = await household();
  using elsewhere = emptyDirectory();
  const env = {
    PATH: `${join(home.path, 'programs')}:${process.env.PATH}`,
    CLI_PROXY_API_CLIENT_KEY: 'the-key',
  };
  const asked = await run(['run', 'claude', '--url', home.url], { cwd: elsewhere.path, env });
  expect(asked).toMatchObject({ code: 7, out: expect.stringContaining('ANTHROPIC_AUTH_TOKEN=the-key\n') });
});

test('where the config keeps hashes alone, the client gets a key all the same', async () => {
  const hashed = `  - "sha256:${'0'.repeat(64)}"\n`;
  await using home = await household(config.replace('  - the-key # first\n', hashed));
  const { out, code } = await home.run('connect', 'claude');
  expect([code, out]).toEqual([0, expect.stringContaining('answered   sandbox-claude')]);
  const { env } = JSON.parse(readFileSync(join(home.path, '.claude/settings.json'), 'utf8'));
  expect(env.ANTHROPIC_MODEL).toBe('sandbox-claude');
});

test('the last client key stays: without any, everybody could use the gateway', async () => {
  await using home = await household();
  await home.run('connect', 'claude');
  const file = join(home.path, 'config.yaml');
  save(file, readFileSync(file, 'utf8').replace('  - the-key # first\n', ''));
  const { out, code } = await home.run('connect', 'claude', '--undo');
  expect([code, out]).toEqual([0, expect.stringContaining('the client key "claude"')]);
  expect(readFileSync(file, 'utf8')).toContain('name: claude');
});

test('a gateway at another address gets no key from the config of this one', async () => {
  await using home = await household();
  expect((await home.run('connect', 'claude', '--url', home.url)).code).toBe(0);
  expect(readFileSync(join(home.path, 'config.yaml'), 'utf8')).toBe(config);
});

test('connect --print names the address that the running gateway has', async () => {
  using here = emptyDirectory();
  writeFileSync(join(here.path, 'config.yaml'), config.replace('port: 0', 'port: 8317'));
  await using server = await serving(['serve', '--port', '0'], { cwd: here.path });
  const { out } = await run(['connect', 'codex', '--print'], { cwd: here.path });
  expect(out).toContain(`base_url = "${server.url}/v1"`);
});

test('connect --print needs no gateway, client or secret, and writes nothing', async () => {
  using here = emptyDirectory();
  writeFileSync(join(here.path, 'config.yaml'), 'port: 8640\napi-keys: [the-secret]\n');
  const { out, err, code } = await run(['connect', 'codex', '--print', '--model', 'm'], { cwd: here.path });
  expect(code).toBe(0);
  expect(out).toContain('base_url = "http://127.0.0.1:8640/v1"');
  expect(out + err).not.toContain('the-secret');
  expect(readdirSync(here.path).filter((name) => name !== '.bun')).toEqual(['config.yaml']);
});
