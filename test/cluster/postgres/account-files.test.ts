/** Account files on their way into a cluster, and the gateway's replicas that serve from it: taken in once, by whose login it is. */
import { afterAll, expect, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEncryption } from '../../../src/accounts/encryption.ts';
import { watchIntake } from '../../../src/cluster/postgres/accounts/account-intake.ts';
import { emptyDirectory, run, save, serving } from '../../cli/program.ts';
import { eventually } from '../../eventually.ts';
import { startReplicas } from '../replicas.ts';
import { startPostgres } from '../servers.ts';
import { openReplica } from './replicas.ts';

const server = await startPostgres();
afterAll(() => server[Symbol.asyncDispose]());

const key = 'a-key-for-the-accounts-of-the-cluster';
const owner = 'management-key-0123456789';
const login = (generation: number, refreshed: string) => ({
  type: 'claude',
  email: 'ann@example.com',
  access_token: `access-${generation}`,
  refresh_token: `refresh-${generation}`,
  last_refresh: refreshed,
  expired: '2099-01-01T00:00:00Z',
});
const files = (directory: string) => readdirSync(directory).filter((name) => !name.startsWith('.'));

test('a file is taken in once, by identity: an old copy brings no spent token back', async () => {
  await using replica = await openReplica(await server.database('intake'));
  const { directory, vault, postgres } = replica;
  const written: string[] = [];
  const log = {
    info: (sentence: string) => void written.push(sentence),
    warn: (sentence: string) => void written.push(sentence),
  };
  const encryption = createEncryption({ key: 'the key of the cluster, long enough' });
  const put = (name: string, content: object) =>
    writeFileSync(join(directory, name), JSON.stringify(content));
  const intake = () => watchIntake({ directory, encryption, postgres, now: Date.now, log });
  put('ann.json', login(1, '2026-11-01T00:00:00Z'));
  const first = await intake();
  await first.ready;
  expect(files(directory)).toEqual(['ann.json.imported']);
  await first.close();

  // The cluster has renewed it since; the same file comes again, and an older one under another name.
  const renewed = JSON.stringify(login(5, '2026-11-09T00:00:00Z'));
  await vault.changeText('ann.json', () => renewed);
  put('ann.json', login(1, '2026-11-01T00:00:00Z'));
  put('copy.json', login(2, '2026-11-02T00:00:00Z'));
  const second = await intake();
  await second.ready;
  expect(await vault.text('ann.json')).toMatchObject({ ok: true, text: renewed });
  expect(await vault.names()).toEqual({ ok: true, files: ['ann.json'] });
  expect(files(directory).sort()).toEqual(['ann.json.imported', 'ann.json.imported-2', 'copy.json.imported']);

  // A newer login, put in while it runs, takes the place of the older.
  put('again.json', login(9, '2026-11-20T00:00:00Z'));
  await eventually(() => files(directory).includes('again.json.imported'));
  expect((await vault.list()).accounts.map(({ tokens }) => tokens.refreshToken)).toEqual(['refresh-9']);
  await second.close();
});

test('replicas share accounts; auth import and auth export move them', async () => {
  const cluster = { postgres: await server.database('gateway') };
  const settings = {
    cluster,
    'remote-management': { 'secret-key': owner },
    'auth-encryption-key': key,
    sandbox: false,
    'api-keys': ['client-key-0123456789'],
  };
  await using replicas = await startReplicas(2, { settings });
  const [one, other] = [replicas.at(0), replicas.at(1)];
  const command = (...args: string[]) =>
    run(['auth', ...args, '--config', other.configFile, '--json'], { cwd: other.folder });
  const ids = async () =>
    JSON.parse((await command('list')).out).accounts?.map(({ id }: { id: string }) => id);

  mkdirSync(one.authDir, { recursive: true });
  writeFileSync(join(one.authDir, 'ann.json'), JSON.stringify(login(1, '2026-11-01T00:00:00Z')));
  await eventually(() => existsSync(join(one.authDir, 'ann.json.imported')));
  await eventually(() => other.output().includes('account added'));
  expect(await ids()).toEqual(['ann']);
  // The management API of any replica lists them, and changes them for all.
  const manage = (url: string, path: string, init: RequestInit = {}) =>
    fetch(`${url}/v0/management/${path}`, {
      ...init,
      headers: { authorization: `Bearer ${owner}`, 'content-type': 'application/json' },
    });
  const listed = async (url: string) => (await manage(url, 'auth-files')).text();
  expect(await listed(other.url)).toContain('"ann.json"');
  const body = JSON.stringify({ name: 'ann.json', prefix: 'team-a' });
  const changed = await manage(other.url, 'auth-files/fields', { method: 'PATCH', body });
  expect([changed.status, await changed.text()]).toMatchObject([200, expect.stringContaining('ok')]);
  await eventually(async () => (await listed(one.url)).includes('team-a'));

  using folder = emptyDirectory();
  const out = join(folder.path, 'out.json');
  expect(await command('export', 'ann', '--out', out, '--remove')).toMatchObject({ code: 0 });
  expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ refresh_token: 'refresh-1' });
  await eventually(
    () => one.output().includes('account removed') && other.output().includes('account removed'),
  );

  const bob = join(folder.path, 'bob.json');
  save(
    bob,
    JSON.stringify({ ...login(1, '2026-11-01T00:00:00Z'), email: 'bob@example.com', refresh_token: 'bob-1' }),
  );
  expect(await command('import', bob)).toMatchObject({ code: 0 });
  expect(files(folder.path).sort()).toEqual(['bob.json.imported', 'out.json']);
  await eventually(() => one.output().split('account added').length > 2);
  expect(await ids()).toEqual(['bob']);

  // Without Postgres the accounts stay in use; it is said once.
  await server.kill();
  await eventually(() => one.output().includes('Postgres is away'));
  const ready = async () => (await fetch(`${one.url}/readyz`)).json();
  expect(await ready()).toMatchObject({ status: 'degraded' });
  await server.start();
  await eventually(() => one.output().includes('Postgres answers'));
  expect(readdirSync(one.authDir).filter((name) => name.endsWith('.json'))).toEqual([]);
}, 60_000);

test('an account that was removed can be imported again; spent tokens not', async () => {
  using folder = emptyDirectory();
  const config = join(folder.path, 'config.yaml');
  const settings = { 'auth-dir': join(folder.path, 'auth'), 'auth-encryption-key': key };
  save(config, JSON.stringify({ ...settings, cluster: { postgres: await server.database('again') } }));
  const auth = (...args: string[]) => run(['auth', ...args, '--config', config], { cwd: folder.path });
  const [first, second] = [join(folder.path, 'ann.json'), join(folder.path, 'second.json')];
  const put = () => save(first, JSON.stringify(login(1, '2026-11-01T00:00:00Z')));
  put();
  expect(await auth('import', first)).toMatchObject({ code: 0, out: expect.stringContaining('Added') });
  put();
  expect(await auth('import', first)).toMatchObject({ out: expect.stringContaining('Nothing new') });

  for (const out of [join(folder.path, 'none', 'x'), join(config, 'x')]) {
    const refused = await auth('export', 'ann', '--out', out, '--remove');
    expect([refused.code, refused.err]).toEqual([
      1,
      expect.stringContaining(`cli-proxy-api: ${out} cannot be written (E`),
    ]);
  }
  expect(await auth('export', 'ann', '--out', second, '--remove')).toMatchObject({ code: 0 });
  expect(await auth('import', second)).toMatchObject({ out: expect.stringContaining('Added') });
  expect((await auth('list')).out).toContain('ann@example.com');
  expect(await auth('remove', 'second', '-y')).toMatchObject({ code: 0 });
  put();
  expect(await auth('import', first)).toMatchObject({ out: expect.stringContaining('Added') });

  // A login without a name is known by its tokens alone.
  const { email: _, ...nameless } = login(1, '2026-11-01T00:00:00Z');
  const putNameless = () => save(second, JSON.stringify({ ...nameless, refresh_token: 'nameless' }));
  putNameless();
  expect(await auth('import', second)).toMatchObject({ out: expect.stringContaining('Added') });
  expect(await auth('remove', 'second', '-y')).toMatchObject({ code: 0 });
  putNameless();
  expect(await auth('import', second)).toMatchObject({ out: expect.stringContaining('Added') });
}, 60_000);

test('with another key nothing is written, also where Postgres comes later', async () => {
  using folder = emptyDirectory();
  const url = await server.database('keys');
  const configWith = (name: string, secret: string) => {
    const config = join(folder.path, `${name}.yaml`);
    const own = { port: 0, 'auth-dir': join(folder.path, name), 'auth-encryption-key': secret };
    save(config, JSON.stringify({ ...own, cluster: { postgres: url }, sandbox: false }));
    return config;
  };
  const [right, wrong] = [configWith('right', key), configWith('wrong', `another-${key}`)];
  const program = (...args: string[]) => run(args, { cwd: folder.path });
  const file = join(folder.path, 'ann.json');
  const put = (path: string, email: string) =>
    writeFileSync(path, JSON.stringify({ ...login(1, '2026-11-01T00:00:00Z'), email, refresh_token: email }));
  put(file, 'ann@example.com');
  expect((await program('auth', 'import', file, '--config', right)).code).toBe(0);

  put(file, 'zed@example.com');
  const accounts = 'the accounts of the cluster cannot be read: the file is encrypted with another key';
  for (const words of [
    ['auth', 'import', file],
    ['serve'],
    ['cluster', 'adopt'],
    ['auth', 'remove', 'ann', '-y'],
  ]) {
    const { code, err } = await program(...words, '--config', wrong);
    expect([words, code, err]).toEqual([words, 78, expect.stringContaining(accounts)]);
  }
  expect(existsSync(file)).toBe(true);

  await server.kill();
  const authDir = join(folder.path, 'wrong');
  mkdirSync(authDir, { recursive: true, mode: 0o700 });
  put(join(authDir, 'zed.json'), 'zed@example.com');
  const late = await serving(['serve', '--config', wrong], { cwd: folder.path });
  await server.start();
  await eventually(() => late.output().includes(`is not used: ${accounts}`));
  expect(await late.end('SIGTERM')).toBe(0);
  expect(existsSync(join(authDir, 'zed.json'))).toBe(true);
  const listed = await program('auth', 'list', '--json', '--config', right);
  expect(JSON.parse(listed.out)).toMatchObject({ accounts: [{ id: 'ann' }], problems: [] });

  // Once the key is changed it is the other way round, for the configuration as well.
  expect((await program('config', 'import', '--config', right)).code).toBe(0);
  const old = join(folder.path, 'old');
  save(old, key);
  const rotate = ['auth', 'encrypt', '--rotate', '--old-key', `file:${old}`, '--config', wrong];
  const { code, err } = await program(...rotate);
  expect([code, err]).toEqual([0, expect.stringContaining('1 file encrypted')]);
  expect((await program('config', 'import', '--config', wrong)).code).toBe(0);
  expect((await program('auth', 'list', '--config', right)).code).toBe(78);
}, 90_000);

test('a replica that is too old for the tables refuses to start, in words', async () => {
  const url = await server.database('newer');
  await using replica = await openReplica(url);
  await replica.postgres.run(
    "INSERT INTO cpa_schema (version, oldest_reader, name) VALUES (999, 999, 'future')",
  );
  using folder = emptyDirectory();
  const config = join(folder.path, 'config.yaml');
  save(
    config,
    JSON.stringify({
      port: 0,
      'auth-dir': folder.path,
      cluster: { postgres: url, name: 'test' },
      'auth-encryption-key': key,
    }),
  );
  const { code, err } = await run(['serve', '--config', config], { cwd: folder.path });
  expect(code).not.toBe(0);
  expect(err).toContain('needs a program with version 999');
}, 30_000);
