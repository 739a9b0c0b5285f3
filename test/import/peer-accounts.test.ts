/** CLIProxyAPI's directory of accounts: what is copied, what is offered as a new sign-in, and what is there already. */
import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImportReport } from '../../src/import/apply.ts';
import { emptyDirectory, run } from '../cli/program.ts';

const claude = {
  type: 'claude',
  email: 'ann@example.com',
  access_token: 'at-secret',
  refresh_token: 'rt-secret',
  expired: '2096-01-01T00:00:00Z',
  prefix: 'work',
};
const gemini = (project: string) => ({
  type: 'gemini',
  email: 'ann@example.com',
  project_id: project,
  token: { access_token: 'ya29.secret', refresh_token: '1//secret', expiry: '2096-01-01T00:00:00Z' },
  note: 'mine',
});

/** A checkout of the other program: its config, and the directory that its compose file mounts. */
function peer(cwd: string): string {
  const directory = join(cwd, 'peer');
  mkdirSync(join(directory, 'auths'), { recursive: true });
  writeFileSync(join(directory, 'config.yaml'), 'auth-dir: "/root/.cli-proxy-api-there"\napi-keys: [k1]\n');
  const put = (name: string, content: unknown) =>
    writeFileSync(join(directory, 'auths', name), JSON.stringify(content));
  put('claude-ann@example.com.json', claude);
  put('gemini-ann@example.com-one.json', gemini('one'));
  put('gemini-ann@example.com-two.json', gemini('two'));
  put('broken.json', 'secret');
  return directory;
}

const accountsIn = (cwd: string) =>
  readdirSync(join(cwd, '.cli-proxy-api')).filter((name) => name.endsWith('.json') && !name.startsWith('.'));

test('accounts are copied as they are; a rotating one only with --take-over', async () => {
  using here = emptyDirectory();
  const from = peer(here.path);
  const imported = async (...more: string[]): Promise<ImportReport> => {
    const { out, err, code } = await run(
      ['import', 'cliproxyapi', from, '--config', 'config.yaml', '--json', ...more],
      { cwd: here.path },
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).not.toContain('secret');
    return JSON.parse(out);
  };
  const before = readFileSync(join(from, 'auths', 'claude-ann@example.com.json'), 'utf8');
  const dry = await imported('--dry-run');
  expect(readdirSync(here.path)).not.toContain('config.yaml');
  expect(readdirSync(here.path)).not.toContain('.cli-proxy-api');
  const first = await imported();
  expect(dry.left).toEqual(first.left);
  expect(first.carried.map(({ title }) => title)).toEqual([
    'api-keys[0]',
    'gemini-ann@example.com-one.json (ann@example.com)',
    'gemini-ann@example.com-two.json (ann@example.com)',
  ]);
  const reasons = new Map(first.left.map(({ title, reason }) => [title, reason]));
  expect(reasons.get('claude-ann@example.com.json (ann@example.com)')).toContain('cli-proxy-api auth claude');
  expect(reasons.has('broken.json')).toBe(true);
  const copied = join(here.path, '.cli-proxy-api', 'gemini-ann@example.com-two.json');
  expect(JSON.parse(readFileSync(copied, 'utf8'))).toEqual(gemini('two'));
  expect(statSync(copied).mode & 0o777).toBe(0o600);
  expect(await imported()).toMatchObject({ changed: false });

  expect(await imported('--take-over')).toMatchObject({ changed: true });
  expect(accountsIn(here.path)).toHaveLength(3);
  expect(await imported('--take-over')).toMatchObject({ changed: false });
  // Without --take-over, too, what is there is there.
  expect((await imported()).left.map(({ title }) => title)).toEqual(['broken.json']);
  expect(accountsIn(here.path)).toHaveLength(3);
  expect(readFileSync(join(from, 'auths', 'claude-ann@example.com.json'), 'utf8')).toBe(before);
}, 120_000);

test('a directory of accounts that this gateway has already is not copied', async () => {
  using here = emptyDirectory();
  mkdirSync(join(here.path, '.cli-proxy-api'), { mode: 0o700 });
  writeFileSync(join(here.path, '.cli-proxy-api', 'mine.json'), JSON.stringify(claude), { mode: 0o600 });
  writeFileSync(join(here.path, 'theirs.yaml'), 'port: 8317 # theirs\nauth-dir: ~/.cli-proxy-api\n');
  const { out } = await run(['import', 'cliproxyapi', 'theirs.yaml', '--config', 'c.yaml', '--json'], {
    cwd: here.path,
  });
  expect(JSON.parse(out)).toMatchObject({
    carried: [{ title: 'port' }, { title: 'mine.json (ann@example.com)', to: 'mine', state: 'there' }],
    left: [],
  });
  expect(accountsIn(here.path)).toEqual(['mine.json']);
  expect(readFileSync(join(here.path, 'c.yaml'), 'utf8')).toBe('port: 8317 # theirs\n');
}, 60_000);

test('what the config says already stays, and entries come to it under their older names', async () => {
  using here = emptyDirectory();
  const mine = '# mine\nport: 9000 # by hand\ngenerative-language-api-key: [AIza-one]\n';
  writeFileSync(join(here.path, 'c.yaml'), mine);
  writeFileSync(
    join(here.path, 'theirs.yaml'),
    'port: 8317\ngemini-api-key: [{api-key: AIza-one}, {api-key: AIza-two, prefix: p}]\nrouting: {strategy: rr}\n',
  );
  const args = ['import', 'cliproxyapi', 'theirs.yaml', '--config', 'c.yaml', '--json'];
  const { out } = await run(args, { cwd: here.path });
  const { carried, left }: ImportReport = JSON.parse(out);
  expect(carried.map(({ title, state }) => [title, state])).toEqual([
    ['gemini-api-key[0]', 'there'],
    ['gemini-api-key[1]', 'new'],
    ['routing.strategy', 'new'],
  ]);
  expect(left).toEqual([{ title: 'port', reason: 'the config has another port' }]);
  const text = readFileSync(join(here.path, 'c.yaml'), 'utf8');
  expect(text.startsWith(mine)).toBe(true);
  expect(JSON.parse((await run(args, { cwd: here.path })).out)).toMatchObject({ changed: false });
  expect(readFileSync(join(here.path, 'c.yaml'), 'utf8')).toBe(text);
}, 60_000);

test('new-api: what is in the log of a database is read, and nothing is written beside it', async () => {
  using here = emptyDirectory();
  const path = join(here.path, 'one-api.db');
  using database = new Database(path);
  database.exec('pragma journal_mode = wal');
  database.exec(
    'create table channels (id integer primary key, type integer, key text, name text, models text)',
  );
  database.exec("insert into channels values (1, 43, 'sk-secret', 'DeepSeek', 'deepseek-chat')");
  const listed = readdirSync(here.path);
  expect(listed).toContain('one-api.db-wal');
  const { out, code } = await run(['import', 'new-api', 'one-api.db', '--config', 'c.yaml', '--dry-run'], {
    cwd: here.path,
  });
  expect({ code, out }).toMatchObject({ code: 0 });
  expect(out).toContain('channel DeepSeek');
  expect(out).not.toContain('secret');
  expect(readdirSync(here.path).filter((name) => name !== '.bun')).toEqual(listed);
  writeFileSync(join(here.path, 'torn.db'), `SQLite format 3\0${'x'.repeat(3000)}`);
  const torn = await run(['import', 'new-api', 'torn.db'], { cwd: here.path });
  expect(torn.code).not.toBe(0);
  expect(torn.err).toContain('cannot be read; it may be damaged');
}, 60_000);
