/** Other programs' files, each written by hand after its documentation, and what becomes of them. */
import { expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAccountStore } from '../../src/accounts/account-store.ts';
import { createEncryption } from '../../src/accounts/encryption.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createConfigFile } from '../../src/config-file/config-file.ts';
import { apply, type ImportReport, type ImportWorld } from '../../src/import/apply.ts';
import { claudeCodeRouter } from '../../src/import/claude-code-router.ts';
import { gateways } from '../../src/import/sources.ts';
import { emptyDirectory, run } from '../cli/program.ts';

const fixtures = join(import.meta.dir, 'fixtures');

/** Every secret in a fixture has the word in it. */
const secret = /secret/;

interface Case {
  program: string;
  file: string;
}

/** `PROGRAM/NAME.ext` beside `PROGRAM/NAME.expected`: the config as it is then, and what was left out. */
const cases: Case[] = gateways.flatMap(({ name }) =>
  readdirSync(join(fixtures, name))
    .filter((file) => !file.endsWith('.expected'))
    .map((file) => ({ program: name, file })),
);

/** As the command does it, without a process of its own. */
async function imported(
  { program, file }: Case,
  cwd: string,
  options: Partial<ImportWorld> = {},
): Promise<ImportReport> {
  const read = await gateways.find(({ name }) => name === program)?.read(join(fixtures, program, file));
  if (!read?.ok) throw new Error(read?.sentence);
  const config = join(cwd, 'config.yaml');
  const applied = await apply(read.plan, {
    file: config,
    exists: existsSync(config),
    env: {},
    secrets: 'file',
    dryRun: false,
    takeOver: false,
    configFile: async () =>
      createConfigFile({ file: config, env: {}, authDir: () => join(cwd, 'auth'), now: Date.now }),
    store: async () =>
      createAccountStore({
        directory: join(cwd, 'auth'),
        encryption: createEncryption({ key: undefined }),
        now: Date.now,
      }),
    ...options,
  });
  if (!applied.ok) throw new Error(applied.sentence);
  expect(JSON.stringify(applied.report)).not.toMatch(secret);
  return applied.report;
}

for (const one of cases) {
  const { program, file } = one;

  test(`${program}: ${file} becomes the config that is expected`, async () => {
    using here = emptyDirectory();
    expect((await imported(one, here.path, { dryRun: true })).changed).toBe(true);
    expect(readdirSync(here.path).filter((name) => !name.startsWith('.'))).toEqual([]);
    const { left, changed } = await imported(one, here.path);
    expect(changed).toBe(true);
    const text = readFileSync(join(here.path, 'config.yaml'), 'utf8');
    const lost = left.map(({ title, reason }) => `# not: ${title}: ${reason}\n`).join('');
    expect(`${text}${lost}`).toBe(
      readFileSync(join(fixtures, program, file.replace(/\.\w+$/, '.expected')), 'utf8'),
    );
    expect(statSync(join(here.path, 'config.yaml')).mode & 0o777).toBe(0o600);

    expect((await imported(one, here.path)).changed).toBe(false);
    expect(readFileSync(join(here.path, 'config.yaml'), 'utf8')).toBe(text);
    expect(await loadConfig(join(here.path, 'config.yaml'), { env: {} })).toMatchObject({
      ok: true,
      warnings: [],
    });
  });

  test(`${program}: ${file} with its keys in .env`, async () => {
    using here = emptyDirectory();
    await imported(one, here.path, { secrets: 'env' });
    const text = readFileSync(join(here.path, 'config.yaml'), 'utf8');
    expect(text).not.toMatch(secret);
    expect(statSync(join(here.path, '.env')).mode & 0o777).toBe(0o600);
    const kept = readFileSync(join(here.path, '.env'), 'utf8');
    expect((await imported(one, here.path, { secrets: 'env' })).changed).toBe(false);
    expect(readFileSync(join(here.path, 'config.yaml'), 'utf8')).toBe(text);
    expect(readFileSync(join(here.path, '.env'), 'utf8')).toBe(kept);
  });
}

test('what the config says already stays, with its comments', async () => {
  using here = emptyDirectory();
  const mine =
    '# mine\nproxy-url: direct # none\napi-keys:\n  - k1 # Ann\nmodel-routes:\n  claude-*: mine # by hand\n';
  writeFileSync(join(here.path, 'config.yaml'), mine);
  const { left } = await imported({ program: 'claude-code-router', file: 'full.json5' }, here.path);
  const text = readFileSync(join(here.path, 'config.yaml'), 'utf8');
  for (const line of mine.trimEnd().split('\n')) expect(text).toContain(`${line}\n`);
  expect(left).toContainEqual({
    title: 'model claude-*',
    reason: 'the config has another model-routes.claude-*',
  });
  expect(left).toContainEqual({ title: 'PROXY_URL', reason: 'the config has another proxy-url' });
});

test('a file that does not load is left as it is, and so is what is no file of the program', async () => {
  using here = emptyDirectory();
  const from = join(fixtures, 'claude-code-router', 'full.json5');
  writeFileSync(join(here.path, 'config.yaml'), 'port: many\n');
  const broken = await run(['import', 'claude-code-router', from], { cwd: here.path });
  expect(broken).toMatchObject({ code: 78, out: '' });
  expect(broken.err).toContain('does not load as it is; nothing was changed');
  expect(readFileSync(join(here.path, 'config.yaml'), 'utf8')).toBe('port: many\n');
  for (const [name, text] of Object.entries({
    'deep.json': '['.repeat(1_000_000),
    'list.json': '[1]',
    'other.json': '{"a": "secret"}',
    'torn.json': '{"a": "secret',
  })) {
    writeFileSync(join(here.path, name), text);
    const read = await claudeCodeRouter.read(join(here.path, name));
    expect(read.ok).toBe(false);
    expect(JSON.stringify(read)).not.toMatch(secret);
  }
});

test('what the gateway would not load with is left out, and the rest is carried over', async () => {
  using here = emptyDirectory();
  writeFileSync(
    join(here.path, 'ccr.json'),
    JSON.stringify({
      APIKEY: 'two words secret',
      Providers: [
        { name: 'a', api_base_url: 'https://a.example/v1/chat/completions', api_key: 'k', models: ['m'] },
      ],
    }),
  );
  const { out } = await run(
    ['import', 'claude-code-router', 'ccr.json', '--config', 'config.yaml', '--json'],
    { cwd: here.path },
  );
  expect(out).not.toMatch(secret);
  const { left }: ImportReport = JSON.parse(out);
  expect(left).toMatchObject([{ title: 'APIKEY' }]);
  expect(readFileSync(join(here.path, 'config.yaml'), 'utf8')).toContain('name: a\n');
});
