import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../../test/eventually.ts';
import { configOf } from '../../../test/gateway-harness.ts';
import { usageRecord } from '../../../test/usage-records.ts';
import { type Clock, systemClock } from '../../ground/clock.ts';
import { pragma } from '../../ground/database-file.ts';
import { createLog } from '../../telemetry/log.ts';
import { requestReader } from '../../usage/request-reader.ts';
import { usageFile } from '../../usage/usage-database.ts';
import { type ManagedUsage, managedUsage } from './managed-usage.ts';

const now = Date.UTC(2026, 10, 29, 12);

function started(lines: string[]): ManagedUsage {
  const log = createLog({ level: 'info', format: 'json', sink: { write: (line) => lines.push(line) } });
  return managedUsage(log, { ...systemClock, now: () => now });
}

/** Overwrites the page in which a table begins: what opening the file reads stays as it was. */
function damage(file: string, table: string): void {
  const database = new Database(file);
  database.run('PRAGMA wal_checkpoint(TRUNCATE)');
  const page = database
    .query<{ rootpage: number }, [string]>('SELECT rootpage FROM sqlite_master WHERE name = ?')
    .get(table)?.rootpage;
  const size = pragma(database, 'page_size');
  database.close();
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(size, 0xa5), 0, size, ((page ?? 1) - 1) * size);
  closeSync(handle);
}

test.each([
  { table: 'meta', shows: 'when it is opened' },
  { table: 'usage_hour', shows: 'when it is written' },
])('a file of usage that shows only $shows that it is broken is moved aside', async ({ table }) => {
  const directory = mkdtempSync(join(tmpdir(), 'cli-proxy-api-managed-usage-'));
  using _ = { [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) };
  const config = configOf({ 'auth-dir': directory });
  const first = started([]);
  await first.configure(config);
  for (let i = 0; i < 500; i++) first.add(usageRecord({ at: now + i }));
  await first.open();
  first.close();
  const file = usageFile(directory);
  damage(file, table);

  const lines: string[] = [];
  const second = started(lines);
  await second.configure(config);
  await eventually(async () => {
    second.add(usageRecord({ at: now }));
    await second.open();
    return existsSync(`${file}.broken`);
  });
  expect(lines.join('')).toContain('it was moved aside, and a new one begins');
  await eventually(async () => {
    second.add(usageRecord({ at: now }));
    const open = await second.open();
    return open.ok && (await requestReader(open.database).list({ where: {}, limit: 10 })).length > 0;
  });
  second.close();
});

test('15: what ends while the file cannot be opened waits for it, and the log says so once', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'cli-proxy-api-managed-usage-'));
  using _ = { [Symbol.dispose]: () => rmSync(parent, { recursive: true, force: true }) };
  const directory = join(parent, 'accounts');
  // A file where the directory should be: nothing can be made in it.
  writeFileSync(directory, '');
  const lines: string[] = [];
  const due: (() => void)[] = [];
  const log = createLog({ level: 'info', format: 'json', sink: { write: (line) => lines.push(line) } });
  const after: Clock['after'] = (_ms, run) => {
    due.push(run);
    return () => {};
  };
  const kept = managedUsage(log, { ...systemClock, after, now: () => now });
  await kept.configure(configOf({ 'auth-dir': directory }));
  for (let i = 0; i < 200; i++) kept.add(usageRecord({ at: now + i }));
  expect(await kept.open()).toMatchObject({ ok: false, code: 'usage_unavailable' });
  const retry = async (): Promise<void> => {
    due.shift()?.();
    await Bun.sleep(0);
  };
  await retry();
  expect(lines.filter((line) => line.includes('cannot be opened'))).toHaveLength(1);
  expect(lines.filter((line) => line.includes('secret for digests'))).toHaveLength(1);

  rmSync(directory);
  await eventually(async () => {
    await retry();
    return (await kept.open()).ok;
  });
  expect(lines.filter((line) => line.includes('usage is written again'))).toHaveLength(1);
  kept.add(usageRecord({ at: now + 1000 }));
  const open = await kept.open();
  if (!open.ok) throw new Error(open.sentence);
  expect((await requestReader(open.database).list({ where: {}, limit: 1000 })).length).toBe(201);
  expect(kept.lost()).toBe(0);
  await kept.close();
});

test('15: beyond a bound the oldest of what waits for the file goes, and is counted', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'cli-proxy-api-managed-usage-'));
  using _ = { [Symbol.dispose]: () => rmSync(parent, { recursive: true, force: true }) };
  writeFileSync(join(parent, 'file'), '');
  const kept = started([]);
  await kept.configure(configOf({ 'auth-dir': join(parent, 'file') }));
  for (let i = 0; i < 25_000; i++) kept.add(usageRecord({ at: now + i }));
  expect(kept.lost()).toBe(10_001);
  await kept.close();
  expect(kept.lost()).toBe(25_000);
});

test('15: a file of a later version: what ends is counted as lost, and the file stays as it is', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'cli-proxy-api-managed-usage-'));
  using _ = { [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) };
  const file = usageFile(directory);
  const first = started([]);
  await first.configure(configOf({ 'auth-dir': directory }));
  await first.close();
  const database = new Database(file);
  database.run('PRAGMA user_version = 99');
  database.close();
  const lines: string[] = [];
  const kept = started(lines);
  await kept.configure(configOf({ 'auth-dir': directory }));
  kept.add(usageRecord({ at: now }));
  expect(lines.join('')).toContain('of a later version of this program');
  await kept.close();
  expect(kept.lost()).toBe(1);
  const after = new Database(file);
  expect(pragma(after, 'user_version')).toBe(99);
  after.close();
});

/** Usage kept in a directory, by a clock whose looks for what is old come when they are asked for. */
async function keptIn(directory: string) {
  const lines: string[] = [];
  const looks: (() => void)[] = [];
  const log = createLog({ level: 'info', format: 'json', sink: { write: (line) => lines.push(line) } });
  const every: Clock['every'] = (_ms, run) => {
    looks.push(run);
    return () => {};
  };
  const kept = managedUsage(log, { ...systemClock, every, now: () => now });
  await kept.configure(configOf({ 'auth-dir': directory }));
  const ids = async (): Promise<number> => {
    const open = await kept.open();
    if (!open.ok) throw new Error(open.sentence);
    return (await requestReader(open.database).list({ where: {}, limit: 1000 })).length;
  };
  return { kept, lines, ids, look: () => looks.at(-1)?.() };
}

test('15: a file that is deleted while it is in use has a new one in its place, and the log says so', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'cli-proxy-api-kept-usage-'));
  using _ = { [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) };
  const { kept, lines, ids, look } = await keptIn(directory);
  for (let i = 0; i < 10; i++) kept.add(usageRecord({ at: now + i }));
  expect(await ids()).toBe(10);
  look();
  await Bun.sleep(1);
  expect(lines.filter((line) => line.includes('not the one that was opened'))).toHaveLength(0);
  const file = usageFile(directory);
  for (const part of ['', '-wal', '-shm']) rmSync(file + part, { force: true });
  for (let i = 0; i < 5; i++) kept.add(usageRecord({ at: now + 100 + i }));
  look();
  await eventually(async () => existsSync(file) && (await ids()) === 5);
  expect(lines.filter((line) => line.includes('not the one that was opened'))).toHaveLength(1);
  expect(kept.lost()).toBe(0);
  await kept.close();
});

test('15: where writing fails and another file stands in the place, what waits goes there', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'cli-proxy-api-kept-usage-'));
  using _ = { [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) };
  const { kept, lines, ids } = await keptIn(directory);
  kept.add(usageRecord({ at: now }));
  expect(await ids()).toBe(1);
  const open = await kept.open();
  if (!open.ok) throw new Error(open.sentence);
  // As where a file system has broken, and is mounted anew with what was saved of it.
  open.database.run('PRAGMA max_page_count = 1');
  const file = usageFile(directory);
  const before = join(directory, 'before');
  for (const part of ['', '-wal', '-shm']) renameSync(file + part, before + part);
  copyFileSync(before, file);
  for (let i = 0; i < 600; i++) kept.add(usageRecord({ at: now + 1 + i }));
  await eventually(async () => (await ids().catch(() => 0)) >= 600);
  expect(lines.filter((line) => line.includes('usage cannot be written'))).toHaveLength(1);
  expect(lines.filter((line) => line.includes('not the one that was opened'))).toHaveLength(1);
  expect(kept.lost()).toBe(0);
  await kept.close();
});
