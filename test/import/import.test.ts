/** Other programs' files, each written by hand after its documentation, and what becomes of them. */
import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAccountStore } from '../../src/accounts/account-store.ts';
import { createEncryption } from '../../src/accounts/encryption.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createConfigFile } from '../../src/config-file/config-file.ts';
import { apply, type ImportDeps, type ImportReport } from '../../src/import/apply.ts';
import { claudeCodeRouter } from '../../src/import/claude-code-router.ts';
import type { ReadPlan } from '../../src/import/plan.ts';
import { sources } from '../../src/import/sources.ts';
import { emptyDirectory, run } from '../cli/program.ts';

const fixtures = join(import.meta.dir, 'fixtures');

/** No program keeps its files anywhere else. */
const nowhere = { home: '/nowhere', env: {} };

/** Every secret in a fixture has the word in it; the name of a setting is none. */
const secret = /secret(?!-key)/;

interface Case {
  program: string;
  file: string;
}

/**
 * `PROGRAM/NAME.ext` beside `PROGRAM/NAME.expected`: the config as it is then, and the tables; or why the file was refused.
 * A `.sql` becomes a database first.
 */
const cases: Case[] = sources.flatMap(({ name }) =>
  readdirSync(join(fixtures, name))
    .filter((file) => !file.endsWith('.expected'))
    .map((file) => ({ program: name, file })),
);

function pathOf({ program, file }: Case, cwd: string): string {
  const path = join(fixtures, program, file);
  if (!file.endsWith('.sql')) return path;
  const database = join(cwd, '.source.db');
  if (!existsSync(database)) {
    const made = new Database(database);
    made.exec(readFileSync(path, 'utf8'));
    made.close();
  }
  return database;
}

async function read(one: Case, cwd: string): Promise<ReadPlan> {
  const source = sources.find(({ name }) => name === one.program);
  if (source === undefined) throw new Error(one.program);
  return source.read(pathOf(one, cwd), nowhere);
}

/** As the command does it, without a process of its own. */
async function imported(one: Case, cwd: string, options: Partial<ImportDeps> = {}): Promise<ImportReport> {
  const plan = await read(one, cwd);
  if (!plan.ok) throw new Error(plan.sentence);
  const config = join(cwd, 'config.yaml');
  const applied = await apply(plan.plan, {
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

function tablesOf({ carried, left, unset }: ImportReport): string {
  return [
    ...carried.map(({ title, to }) => `# carried: ${title} -> ${to}\n`),
    ...left.map(({ title, reason }) => `# not: ${title}: ${reason}\n`),
    ...(unset.length > 0 ? [`# unset: ${unset.join(', ')}\n`] : []),
  ].join('');
}

function visible(cwd: string): string[] {
  return readdirSync(cwd).filter((name) => !name.startsWith('.'));
}

for (const one of cases) {
  const { program, file } = one;
  const expected = readFileSync(join(fixtures, program, file.replace(/\.\w+$/, '.expected')), 'utf8');
  const isRefused = expected.startsWith('# refused: ');

  test(`${program}: ${file} becomes the config that is expected`, async () => {
    using here = emptyDirectory();
    const config = join(here.path, 'config.yaml');
    const plan = await read(one, here.path);
    if (!plan.ok) {
      expect(plan.sentence).not.toMatch(secret);
      const place = pathOf(one, here.path);
      expect(`# refused: ${plan.sentence.replaceAll(place, 'FILE')}\n`).toBe(expected);
      return;
    }
    const dry = await imported(one, here.path, { dryRun: true });
    expect(visible(here.path)).toEqual([]);
    const report = await imported(one, here.path);
    expect({ ...dry, carried: [] }).toEqual({ ...report, carried: [] });
    const text = existsSync(config) ? readFileSync(config, 'utf8') : '';
    expect(`${text.replaceAll(fixtures, '/fixtures')}${tablesOf(report)}`).toBe(expected);
    if (text === '') return;
    expect(statSync(config).mode & 0o777).toBe(0o600);
    expect((await imported(one, here.path)).changed).toBe(false);
    expect(readFileSync(config, 'utf8')).toBe(text);
    expect(await loadConfig(config, { env: {} })).toMatchObject({ ok: true, warnings: [] });
  });

  if (!isRefused)
    test(`${program}: ${file} with its keys in .env`, async () => {
      using here = emptyDirectory();
      const { changed } = await imported(one, here.path, { secrets: 'env' });
      const config = join(here.path, 'config.yaml');
      if (!existsSync(config)) return expect(changed).toBe(visible(here.path).length > 0);
      const text = readFileSync(config, 'utf8');
      expect(text).not.toMatch(secret);
      const env = join(here.path, '.env');
      const kept = existsSync(env) ? readFileSync(env, 'utf8') : '';
      if (kept !== '') expect(statSync(env).mode & 0o777).toBe(0o600);
      expect((await imported(one, here.path, { secrets: 'env' })).changed).toBe(false);
      expect(readFileSync(config, 'utf8')).toBe(text);
      expect(existsSync(env) ? readFileSync(env, 'utf8') : '').toBe(kept);
      // Whatever way the keys go, the config means the same.
      using there = emptyDirectory();
      await imported(one, there.path);
      const [inEnv, inFile] = await Promise.all(
        [config, join(there.path, 'config.yaml')].map((path) => loadConfig(path, { env: {} })),
      );
      if (!inEnv?.ok || !inFile?.ok) throw new Error('does not load');
      expect({ ...inEnv.config, 'auth-dir': '' }).toEqual({ ...inFile.config, 'auth-dir': '' });
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

test('where the config cannot be written nothing stays, no key in .env either', async () => {
  using here = emptyDirectory();
  const file = join(here.path, 'config.yaml');
  const refusing = async () => ({
    ...createConfigFile({ file, env: {}, authDir: () => join(here.path, 'auth'), now: Date.now }),
    edit: async () => ({ ok: false, reason: 'unwritable', sentence: 'the disk is full' }) as const,
  });
  const importing = imported({ program: 'claude-code-router', file: 'full.json5' }, here.path, {
    secrets: 'env',
    configFile: refusing,
  });
  await expect(importing).rejects.toThrow('the disk is full');
  expect(readdirSync(here.path)).toEqual([]);
});

test('a key that was pasted in the place of an address is shown nowhere', async () => {
  using here = emptyDirectory();
  const source = join(here.path, 'litellm.yaml');
  writeFileSync(
    source,
    'model_list:\n  - model_name: m\n    litellm_params: { model: openai/m, api_base: sk-secret-pasted-0123456789abcdef, api_key: secret-key }\n',
  );
  const { out, err } = await run(['import', 'litellm', source, '--config', 'c.yaml'], { cwd: here.path });
  expect(`${out}${err}`).not.toMatch(secret);
}, 60_000);

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
    const read = await claudeCodeRouter.read(join(here.path, name), nowhere);
    expect(read.ok).toBe(false);
    expect(JSON.stringify(read)).not.toMatch(secret);
  }
});

test.each([
  ['./ccr.json', 'PROGRAM ./ccr.json, PROGRAM being one of '],
  ['/home/me/.codex/auth.json', 'codex /home/me/.codex/auth.json.'],
  ['/home/me/.claude-code-router', 'claude-code-router /home/me/.claude-code-router.'],
  ['plain', 'PROGRAM plain, PROGRAM being one of '],
])(
  'a path without a program, %s, is told what comes first',
  async (path, next) => {
    using here = emptyDirectory();
    writeFileSync(join(here.path, 'plain'), '{}');
    const { code, err } = await run(['import', '--dry-run', path], { cwd: here.path });
    expect(code).toBe(2);
    expect(err).toContain(`"${path}" is a path; the name of the program whose file it is comes first`);
    expect(err).toContain(`import ${next}`);
  },
  60_000,
);

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

test.each([
  ['new-api', '[]'],
  ['new-api', '{"success":true,"data":[]}'],
  ['litellm', 'model_list: []\n'],
  ['claude-code-router', '{"Providers":[]}'],
])('%s of %s is a failure that says that nothing was found, and writes nothing', async (program, text) => {
  using here = emptyDirectory();
  const file = join(here.path, 'theirs.yaml');
  writeFileSync(file, text);
  const { out, err, code } = await run(['import', program, file], { cwd: here.path });
  expect([out, code]).toEqual(['', 1]);
  expect(err).toContain(`nothing was found in ${file}`);
  expect(readdirSync(here.path).filter((name) => name !== '.bun')).toEqual(['theirs.yaml']);
});
