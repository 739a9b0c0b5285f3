/** What somebody does in the first hour, in the wrong order or with a slip of the pen: it is said in words, with what mends it. */
import { describe, expect, test } from 'bun:test';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { chatAnswer, startUpstream } from '../gateway/upstream.ts';
import { emptyDirectory, program, run, save, serving } from './program.ts';

/** A directory with this config. */
function withConfig(text: string) {
  const here = emptyDirectory();
  writeFileSync(join(here.path, 'config.yaml'), text, { mode: 0o600 });
  return {
    path: here.path,
    run: (...args: string[]) => run(args, { cwd: here.path }),
    [Symbol.dispose]: () => here[Symbol.dispose](),
  };
}

const usual = 'port: 0\nauth-dir: accounts\n';

describe('config check and doctor say before the start', () => {
  test('that nobody can answer, with the command that mends it', async () => {
    using here = withConfig(usual);
    const { out, code } = await here.run('config', 'check');
    expect(code).toBe(0);
    expect(out).toContain('warning: config.yaml');
    expect(out).toMatch(
      /no credential: .*503\n.*auth", add an API key to the config, or write "sandbox: true"/,
    );
    expect((await here.run('doctor')).out).toMatch(
      /warn {2}accounts\.any: There is no credential.*\n.*auth\n/,
    );
    using fine = withConfig(`${usual}sandbox: true\n`);
    expect((await fine.run('config', 'check')).out).not.toContain('no credential');
  });

  test('that the files of tls are not there, with the line', async () => {
    using here = withConfig(`${usual}tls:\n  enable: true\n  cert: nope.pem\n  key: nope.key\n`);
    const { out, code } = await here.run('config', 'check');
    expect(code).toBe(78);
    expect(out).toMatch(/problem: config\.yaml:5:\d+ {2}tls\.cert: the file cannot be read: .*nope\.pem/);
    expect((await here.run('doctor')).out).toContain('fail  network.tls: ');
  });

  test('that the auth-dir cannot be made', async () => {
    using here = withConfig('auth-dir: a-file/accounts\nsandbox: true\n');
    writeFileSync(join(here.path, 'a-file'), '');
    const { out } = await here.run('config', 'check');
    expect(out).toMatch(
      /problem: config\.yaml:1:11 {2}auth-dir: .*cannot be made, as .*a-file is no directory/,
    );
    const doctor = await here.run('doctor');
    expect([doctor.code, doctor.out]).toEqual([1, expect.stringContaining('fail  accounts.directory: ')]);
    using fine = withConfig('auth-dir: some/where/else\nsandbox: true\n');
    expect((await fine.run('config', 'check')).out).not.toContain('cannot be made');
    expect(existsSync(join(fine.path, 'some'))).toBe(false);
  });

  test.each([
    ['/dev/null', (): void => {}],
    ['a-file', (path: string) => writeFileSync(path, '')],
    ['a-pipe', (path: string) => void Bun.spawnSync(['mkfifo', path])],
    ['a-link', (path: string) => symlinkSync('/dev/null', path)],
  ])('that the auth-dir %s is no directory', async (name, make) => {
    using here = withConfig(`sandbox: true\nauth-dir: ${name}\n`);
    make(join(here.path, name));
    const { out, code } = await here.run('config', 'check');
    expect(code).toBe(78);
    expect(out).toMatch(
      /problem: config\.yaml:2:11 {2}auth-dir: .* is no directory: .*\n {4}hint: name a dir/,
    );
    expect(out).toEndWith('config.yaml: 1 problem. The server starts on it, and keeps nothing.\n');
    expect(JSON.parse((await here.run('config', 'check', '--json')).out).ok).toBe(false);
    const doctor = await here.run('doctor');
    expect([doctor.code, doctor.out]).toEqual([1, expect.stringContaining('fail  accounts.directory: ')]);
  });

  test.skipIf(process.getuid?.() !== 0)('that the auth-dir cannot be read', () => {
    using here = withConfig('sandbox: true\nauth-dir: accounts\n');
    mkdirSync(join(here.path, 'accounts'));
    for (const [name, mode] of [
      ['accounts', 0o333],
      ['.', 0o755],
      ['config.yaml', 0o644],
    ] as const)
      chmodSync(join(here.path, name), mode);
    const ran = Bun.spawnSync(
      ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--', program, 'config', 'check'],
      { cwd: here.path, env: { PATH: process.env.PATH, HOME: here.path } },
    );
    expect([ran.exitCode, ran.stdout.toString()]).toEqual([
      78,
      expect.stringMatching(/problem: config\.yaml:2:11 {2}auth-dir: .* cannot be read \(EACCES\)/),
    ]);
  });

  test.each([
    [
      'log.directory: .*nope is no directory: the log cannot',
      'logging-to-file: true\nlog: {directory: nope}',
    ],
    ['tls.cert: .*nope is no regular file', 'tls: {enable: true, cert: nope, key: nope}'],
  ])('that it would not start: %s', async (message, settings) => {
    using here = withConfig(`sandbox: true\n${settings}\n`);
    Bun.spawnSync(['mkfifo', join(here.path, 'nope')]);
    const { out, code } = await here.run('config', 'check');
    expect([code, out]).toEqual([
      78,
      expect.stringMatching(new RegExp(`problem: config\\.yaml:\\d+:\\d+  ${message}`)),
    ]);
    expect((await here.run('serve', '--port', '0')).code).not.toBe(0);
  });

  test('that what a key of encryption or of a provider is read from is no file', async () => {
    using here = withConfig(
      `${usual}auth-encryption-key: file:pipe\nproviders: {claude: {tls: {ca-file: pipe}}}\nsandbox: true\n`,
    );
    Bun.spawnSync(['mkfifo', join(here.path, 'pipe')]);
    const { out } = await here.run('config', 'check');
    expect(out).toContain('it is no regular file');
    expect(out).toMatch(/config\.yaml:4:\d+ {2}providers\.claude\.tls\.ca-file: .*pipe is no regular file/);
  });

  test('that a condition stands where no rule is', async () => {
    using here = withConfig(`${usual}model-routes:\n  smart:\n    - model: a\n      when: zzz\n`);
    const { out, code } = await here.run('config', 'check');
    expect([code, out]).toEqual([
      78,
      expect.stringContaining('conditions belong in rules beside the models'),
    ]);
  });
});

test('config alone and config --help list its commands', async () => {
  using here = emptyDirectory();
  for (const args of [['config'], ['config', '--help']]) {
    const { out, code } = await run(args, { cwd: here.path });
    expect([code, out]).toEqual([0, expect.stringMatching(/check .*\n +history .*\n +restore /)]);
  }
  const wrong = await run(['config', 'chekc'], { cwd: here.path });
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('config check"?')]);
});

test('auth reset without a gateway fails in words where there is nothing to end', async () => {
  using here = withConfig(usual);
  const { out, err, code } = await here.run('auth', 'reset', 'claude/ada');
  expect([code, out]).toEqual([69, '']);
  expect(err).toContain('no gateway runs');
  expect(err).toContain('none has left a cooldown of "claude/ada"');
});

test('a first start on a taken port says that it has written a config', async () => {
  using here = emptyDirectory();
  const other = createServer();
  const port = await new Promise<number>((resolve) =>
    other.listen(0, '127.0.0.1', () => {
      const address = other.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    }),
  );
  try {
    const { err, code } = await run(['serve', '--port', String(port)], { cwd: here.path });
    expect(code).toBe(69);
    expect(err).toContain('is taken by another program');
    const [, file = ''] = /A first config was written to (\S+config\.yaml)/.exec(err) ?? [];
    expect(existsSync(file)).toBe(true);
  } finally {
    other.close();
  }
});

test('a config that was broken since does not stop questions to the gateway that runs', async () => {
  using here = withConfig(`${usual}sandbox: true\n`);
  await using server = await serving(['serve'], { cwd: here.path });
  save(join(here.path, 'config.yaml'), `${usual}sandbox: true\nrequest-retry: [\n`);
  for (const args of [['explain'], ['usage'], ['console', '--print']]) {
    const { code, err } = await here.run(...args);
    expect([args, code]).toEqual([args, 0]);
    expect(err).toContain('The gateway that runs goes on with the config before.');
  }
  expect((await here.run('auth', 'reset', '--all')).code).toBe(0);
  expect((await here.run('record', '--timeout', '1')).err).toContain('no request has ended meanwhile');
  expect((await here.run('connect', 'codex', '--print')).out).toContain(`base_url = "${server.url}/v1"`);
  expect((await here.run('uninstall')).out).toContain(join(here.path, 'accounts'));
  await server.end('SIGTERM');
  expect((await here.run('explain')).code).toBe(78);
});

test('tables of usage fit the terminal, and say where no price is known', async () => {
  using upstream = startUpstream(() => chatAnswer('fine'));
  using here = withConfig(
    `${usual}openai-compatibility:
  - name: local
    base-url: ${upstream.url}/v1
    api-key-entries: [{api-key: a-key-of-the-test}]
    models: [{name: a-model-that-nobody-knows-and-with-a-long-name}]
`,
  );
  await using server = await serving(['serve'], { cwd: here.path });
  await (
    await fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'a-model-that-nobody-knows-and-with-a-long-name',
        messages: [{ role: 'user', content: 'Hello' }],
      }),
    })
  ).text();
  for (const args of [['usage', '--by', 'key,model'], ['usage', 'requests'], ['explain']]) {
    const { out } = await run(args, { cwd: here.path, env: { COLUMNS: '80' } });
    expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(
      out.includes('neither sum') ? 140 : 80,
    );
    for (const line of out.split('\n').filter((row) => row.startsWith('  ')))
      expect(line.length).toBeLessThan(81);
    expect(out).not.toContain('$0');
  }
  const { out } = await here.run('usage');
  expect(out).toMatch(/NO PRICE[^\n]*\n[^\n]* - +- +1 /);
  expect((await here.run('usage', 'requests')).out).toContain('no price');
  expect((await here.run('explain')).out).toMatch(/req_\w{24} /);
});

test('models update says that a pipe is no file, and does not wait for its writer', async () => {
  using here = withConfig(usual);
  Bun.spawnSync(['mkfifo', join(here.path, 'prices.json')]);
  const { code, err } = await here.run('models', 'update', '--from', 'prices.json');
  expect(code).toBe(1);
  expect(err).toContain('prices.json cannot be read: it is no regular file');
});
