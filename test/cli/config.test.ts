import { expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyDirectory, program, run } from './program.ts';

/** Runs a command in a directory whose config.yaml holds `text`. */
async function withConfig(text: string, ...args: string[]) {
  using here = emptyDirectory();
  writeFileSync(join(here.path, 'config.yaml'), text);
  return await run(args, { cwd: here.path });
}

const good = `port: 0
api-keys: [the-key]
gemini-api-key:
  - api-key: AIzaSy-not-a-real-key-1234
    prefix: personal
    models: [{ name: gemini-2.5-flash, alias: flash }]
`;

test('config check: a good config is fine', async () => {
  expect(await withConfig(good, 'config', 'check')).toEqual({
    out: '6 keys taken.\n✓ config.yaml is fine.\n',
    err: '',
    code: 0,
  });
});

test('config check --json: a good config is ok, without problems', async () => {
  const { out, code } = await withConfig(good, 'config', 'check', '--json');
  const { keys, ...others } = JSON.parse(out);
  expect(others).toEqual({ ok: true, file: 'config.yaml', problems: [], warnings: [] });
  expect(keys).toContainEqual({ state: 'taken', key: 'gemini-api-key[].prefix', line: 5 });
  expect(code).toBe(0);
});

test('config check: each problem has its line, what is allowed and the likely meaning', async () => {
  const { out, code } = await withConfig('prot: 80\nport: 99999\n', 'config', 'check');
  expect(code).toBe(78);
  expect(out).toContain('config.yaml:1:1  prot: unknown key\n    hint: did you mean "port"?');
  expect(out).toContain('config.yaml:2:7  port: expected a whole number from 0 to 65535, found 99999');
  expect(out).toEndWith('✗ config.yaml: 2 problems. The server does not start on it.\n');
});

test('config check --json: problems as data, the exit code the same', async () => {
  const { out, code } = await withConfig('port: 99999\n', 'config', 'check', '--json');
  expect(code).toBe(78);
  expect(JSON.parse(out)).toMatchObject({
    ok: false,
    problems: [{ file: 'config.yaml', line: 1, column: 7, key: 'port', found: '99999' }],
  });
});

test('config check: a server open to everybody is a problem', async () => {
  const { out, code } = await withConfig('host: 0.0.0.0\n', 'config', 'check');
  expect(code).toBe(78);
  expect(out).toContain('host: other computers could reach 0.0.0.0');
});

test.each(['192.0.2.7', 'no-such-computer.invalid'])(
  'config check: a host that is no address of this computer is warned of: %s',
  async (host) => {
    using here = emptyDirectory();
    writeFileSync(
      join(here.path, 'config.yaml'),
      `host: ${host}\nauth-dir: a\napi-keys: [a-key-that-is-long]\n`,
    );
    const { out, code } = await run(['config', 'check'], { cwd: here.path });
    expect([code, out]).toEqual([
      0,
      expect.stringContaining(`config.yaml:1:7  host: ${host} is not an address of this computer`),
    ]);
    const doctor = await run(['doctor'], { cwd: here.path });
    expect(doctor.out).toContain(`fail  network.port: ${host} is not an address of this computer.`);
  },
);

test('config check: one table of what is taken, read under another name, and ignored', async () => {
  const text =
    'port: 0\ngenerative-language-api-key: [AIza-x]\nrouting: {strategy: ff}\nws-auth: true\nhome: {}\n';
  const { out, code } = await withConfig(text, 'config', 'check');
  expect(code).toBe(0);
  expect(out).toBe(`1 key taken: port
  LINE  KEY                          WHAT BECOMES OF IT
     2  generative-language-api-key  read as  gemini-api-key[].api-key
     3  routing.strategy: ff         read as  routing.strategy: fill-first
     4  ws-auth                      ignored  not supported yet, so it changes nothing
     5  home                         ignored  not a key of this gateway
✓ config.yaml is fine, 2 warnings.
`);
});

test('config check --json: what becomes of each key, as data', async () => {
  const text = 'generative-language-api-key: [AIza-x]\nws-auth: true\nx-keys: &k {}\n';
  const { out, code } = await withConfig(text, 'config', 'check', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out).keys).toEqual([
    { state: 'translated', key: 'generative-language-api-key', line: 1, as: 'gemini-api-key[].api-key' },
    { state: 'ignored', key: 'ws-auth', line: 2, reason: 'not supported yet, so it changes nothing' },
    { state: 'ignored', key: 'x-keys', line: 3, reason: 'a place for anchors' },
  ]);
});

test('models: id, provider and credential of each, no secret', async () => {
  const { out, code } = await withConfig(good, 'models');
  expect(code).toBe(0);
  expect(out).toBe(`  MODEL           PROVIDER  CREDENTIALS
  flash           gemini    gemini/personal (…1234)
  personal/flash  gemini    gemini/personal (…1234)
`);
});

test('models --json: the same as data, with the name at the provider', async () => {
  const { out } = await withConfig(good, 'models', '--json');
  const credentials = [{ label: 'gemini/personal (…1234)', provider: 'gemini', model: 'gemini-2.5-flash' }];
  expect(JSON.parse(out)).toEqual([
    { id: 'flash', credentials },
    { id: 'personal/flash', credentials },
  ]);
});

test('models: without a credential the list is empty, and the reason is said beside it', async () => {
  const { out, err, code } = await withConfig('port: 0\n', 'models', '--json');
  expect({ out, code }).toEqual({ out: '[]\n', code: 0 });
  expect(err).toStartWith('No credential can be used: add an API key to the config');
});

test("first-hour 8: while the sandbox serves, models lists the sandbox's", async () => {
  const { out, err, code } = await withConfig('port: 0\nsandbox: true\n', 'models');
  expect(code).toBe(0);
  expect(out).toMatch(/^ {2}MODEL +PROVIDER +CREDENTIALS\n {2}sandbox +sandbox +sandbox\n {2}sandbox-chat/);
  expect(err).toBe(`No credential is configured yet: "${program} serve" answers from its sandbox.\n`);
});

test('first-hour 5: a key has the name that its owner gave it', async () => {
  const named = `port: 0
gemini-api-key: [{ api-key: AIza-never-called, name: team, models: [{ name: a }] }]
openai-compatibility:
  - name: local
    base-url: http://127.0.0.1:1/v1
    api-key-entries: [{ api-key: sk-never-called, name: second }]
    models: [{ name: b }]
`;
  const { out } = await withConfig(named, 'models');
  expect(out).toMatch(/a +gemini +gemini\/team\n {2}b +\S+ +local\/second\n/);
});

test('config check: a model that a model route names and nobody serves is warned of, with its line', async () => {
  const routes = 'model-routes:\n  smart:\n    - flash\n    - flahs\n  fast: personal/flash\n';
  const { out, code } = await withConfig(`${good}${routes}`, 'config', 'check');
  expect(code).toBe(0);
  expect(out).toContain(
    'config.yaml:10:7  model-routes.smart[1]: no credential serves "flahs"\n    hint: did you mean flash',
  );
  expect(out).toContain('config.yaml is fine, 1 warning.');
});

test('models: a model route is listed with the credentials behind it', async () => {
  const { out } = await withConfig(`${good}model-routes: {smart: flash, "x-*": flash}\n`, 'models');
  expect(out).toMatch(/^ *smart +gemini/m);
  expect(out).not.toContain('x-*');
});
