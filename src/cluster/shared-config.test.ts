/** The configuration of a replica: its own keys from its file, all else from the cluster. */
import { afterEach, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../test/eventually.ts';
import { fakeClock } from '../../test/fake-clock.ts';
import { createEncryption } from '../accounts/encryption.ts';
import type { ConfigVault, SharedText } from './ports.ts';
import { PostgresFailure } from './postgres/failure.ts';
import { openSharedConfig } from './shared-config.ts';

const cleanup: (() => void)[] = [];
afterEach(() => {
  for (const undo of cleanup.splice(0)) undo();
});

const none = (): SharedText | undefined => undefined;

/** What stands for Postgres: one row, and whether it is there. */
function memoryVault(): ConfigVault & { row: SharedText | undefined; isAway: boolean; tell: () => void } {
  const vault = {
    row: none(),
    isAway: false,
    tell: () => {},
    async newest() {
      if (vault.isAway) throw new PostgresFailure('away', 'gone');
      return vault.row;
    },
    async put(text: string, after: number) {
      if (vault.isAway) throw new PostgresFailure('away', 'gone');
      if ((vault.row?.version ?? 0) !== after) return false;
      vault.row = { version: after + 1, text };
      vault.tell();
      return true;
    },
    onChange(handler: () => void) {
      vault.tell = handler;
      return () => {};
    },
  };
  return vault;
}

async function replicaOf(vault: ConfigVault, text: string, warnings: string[] = []) {
  const directory = mkdtempSync(join(tmpdir(), 'shared-config-'));
  cleanup.push(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'config.yaml');
  writeFileSync(file, text);
  const config = await openSharedConfig({
    vault,
    file,
    encryption: createEncryption({ key: 'the-key-of-the-cluster' }),
    directory,
    clock: fakeClock(),
    warn: (sentence) => warnings.push(sentence),
  });
  return { config, file, directory };
}

const author = { who: 'ann', what: 'a key' };

test('the first file is shared, each keeps its own keys, and comments stay', async () => {
  const vault = memoryVault();
  const first = await replicaOf(
    vault,
    '# of all\nport: 1\napi-keys: [one]  # the team\ncluster: {name: a}\n',
  );
  expect(vault.row?.text).not.toContain('port');
  const second = await replicaOf(vault, 'port: 2\napi-keys: [other]\n');
  expect(await second.config.read()).toContain('port: 2');
  expect(await second.config.read()).toMatch(/one.*# the team/s);
  expect(await second.config.read()).not.toContain('other');
  expect(await first.config.read()).toContain('port: 1');
});

test('a change is shared; one of a replica’s own keys is refused, and so is one made for an older text', async () => {
  const vault = memoryVault();
  const { config, file } = await replicaOf(vault, 'port: 1\napi-keys: [one]\n');
  const other = await replicaOf(vault, 'port: 2\n');
  const before = await config.read();
  const next = before.replace('one', 'two');
  expect(await config.write(before, next, author)).toEqual({ ok: true });
  expect(await config.read()).toBe(next);
  expect(readFileSync(file, 'utf8')).toContain('one');
  expect(await config.write(next, next.replace('port: 1', 'port: 5'), author)).toMatchObject({ ok: false });
  const stale = await other.config.read();
  expect(await other.config.write(stale, stale.replace('one', 'three'), author)).toMatchObject({ ok: false });
  expect(await other.config.read()).toContain('two');
});

test('a text that leaves out a replica’s own keys changes none of them', async () => {
  const { config } = await replicaOf(memoryVault(), 'host: 127.0.0.1\nport: 1\napi-keys: [one]\n');
  expect(await config.write(await config.read(), '{"debug":true}', author)).toEqual({ ok: true });
  const text = await config.read();
  expect(text).toContain('"debug": true');
  expect(text).toContain('127.0.0.1');
  expect(text).not.toContain('one');
  expect(await config.write(text, '{"host":"0.0.0.0"}', author)).toMatchObject({ ok: false });
});

test('Postgres away at the start: what was known last, else the file, which is shared when it is there', async () => {
  const vault = memoryVault();
  vault.isAway = true;
  const warnings: string[] = [];
  const { config } = await replicaOf(vault, 'port: 1\napi-keys: [one]\n', warnings);
  expect(await config.read()).toContain('one');
  expect(warnings.join()).toContain('uses its file');
  const changed = Promise.withResolvers<void>();
  config.follow(changed.resolve, () => {});
  vault.isAway = false;
  vault.tell();
  await changed.promise;
  expect(vault.row?.text).toContain('one');
});

test('a text that cannot be read is no reason to go by the file: the replica does not start', async () => {
  const vault = memoryVault();
  vault.newest = () => Promise.reject(new Error('encrypted with another key'));
  expect(replicaOf(vault, 'api-keys: [taken-away]\n')).rejects.toThrow('encrypted with another key');
});

test('what a replica changes in its own file in vain is said, with what puts it in force', async () => {
  const vault = memoryVault();
  const text = 'port: 8317\napi-keys: [one]\ndebug: true\n';
  const { config, file } = await replicaOf(vault, text);
  const warned: string[] = [];
  config.follow(
    () => {},
    (sentence) => warned.push(sentence),
  );
  const save = async (changed: string) => {
    writeFileSync(file, changed);
    await config.read();
    return warned.splice(0);
  };
  await config.read();
  expect(warned).toEqual([]);
  expect(await save(text.replace('8317', '9000'))).toEqual([]);
  const [added] = await save(text.replace('[one]', '[one, two]'));
  expect(added).toContain('in api-keys,');
  expect(added).toContain('config import');
  expect(await save('port: 8317\ndebug: true\n')).toEqual([expect.stringContaining('in api-keys,')]);
  expect(await save(text)).toEqual([]);
  await config.write(await config.read(), text.replace('true', 'false'), author);
  expect(await save(`${text}# a comment\n`)).toEqual([]);
});

test('a replica that starts with a file that the cluster has gone on from says what of it is in vain', async () => {
  const vault = memoryVault();
  await replicaOf(vault, 'api-keys: [one]\ndebug: true\n');
  const { config } = await replicaOf(vault, 'port: 8317\napi-keys: [two]\ndebug: true\n');
  const said = Promise.withResolvers<string>();
  config.follow(() => {}, said.resolve);
  expect(await said.promise).toContain('in api-keys,');
});

test('what another replica took away is in force on a replica whose disk takes nothing, and that is said', async () => {
  const vault = memoryVault();
  const warnings: string[] = [];
  const { config, directory } = await replicaOf(vault, 'api-keys: [one, two]\n', warnings);
  rmSync(join(directory, '.cluster'), { recursive: true });
  writeFileSync(join(directory, '.cluster'), 'no folder');
  const changed = Promise.withResolvers<void>();
  config.follow(changed.resolve, () => {});
  vault.row = { version: 2, text: 'api-keys: [one]\n' };
  vault.tell();
  await changed.promise;
  expect(await config.read()).not.toContain('two');
  await eventually(() => warnings.length > 0);
  expect(warnings).toEqual([expect.stringContaining('cannot be kept')]);
});
