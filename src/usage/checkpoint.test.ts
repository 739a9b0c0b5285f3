import { Database } from 'bun:sqlite';
import { afterAll, expect, test } from 'bun:test';
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../test/eventually.ts';
import { usageRecord } from '../../test/usage-records.ts';
import { systemClock } from '../ground/clock.ts';
import { pragma } from '../ground/database-file.ts';
import { checkpoints } from './checkpoint.ts';
import { digestsWith } from './digest.ts';
import { localDays } from './local-day.ts';
import { openUsageDatabase } from './usage-database.ts';
import { createUsageStore } from './usage-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'usage-checkpoint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const noon = Date.UTC(2026, 10, 29, 12);

/** Rows in a copy of the file alone, without its log: what would be there if the log were lost. */
function inFileAlone(file: string): number {
  copyFileSync(file, `${file}.copy`);
  using copy = new Database(`${file}.copy`);
  expect(copy.query('PRAGMA quick_check').get()).toEqual({ quick_check: 'ok' });
  return copy.query<{ n: number }, []>('SELECT count(*) AS n FROM requests').get()?.n ?? 0;
}

/** More than a megabyte, so that a checkpoint is due. */
function fill(database: Database): void {
  database.run(
    `INSERT INTO names (id, kind, name) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
     SELECT i, 5, printf('%0100d', i) FROM n`,
  );
}

test('15: what is in the log comes into the file, and the log is short again', async () => {
  const file = join(folder, 'whole.sqlite');
  const { database } = openUsageDatabase(file);
  const run = checkpoints(database);
  database.run('INSERT INTO requests (id) VALUES (1), (2), (3)');
  run.wrote();
  expect(run.begin()).toBeUndefined();
  fill(database);
  await run.begin();
  expect(inFileAlone(file)).toBe(3);
  expect(statSync(`${file}-wal`).size).toBe(0);
  // The first commit into an empty log waits for no disk; from then on it is as before.
  expect(pragma(database, 'synchronous')).toBe(0);
  database.run('INSERT INTO requests (id) VALUES (4)');
  run.wrote();
  expect(pragma(database, 'synchronous')).toBe(1);
  expect(pragma(database, 'busy_timeout')).toBe(250);
  database.close();
  run.close();
});

test('15: another process that reads is not waited for, and loses nothing', async () => {
  const file = join(folder, 'read.sqlite');
  const { database } = openUsageDatabase(file);
  const run = checkpoints(database);
  database.run('INSERT INTO requests (id) VALUES (1)');
  const other = new Database(file);
  other.run('BEGIN');
  expect(other.query('SELECT count(*) AS n FROM requests').get()).toEqual({ n: 1 });
  database.run('INSERT INTO requests (id) VALUES (2)');
  fill(database);
  await run.begin();
  expect(other.query('SELECT count(*) AS n FROM requests').get()).toEqual({ n: 1 });
  expect(pragma(database, 'synchronous')).toBe(1);
  other.run('COMMIT');
  expect(other.query('SELECT count(*) AS n FROM requests').get()).toEqual({ n: 2 });
  other.close();
  // What is in the file already, and stands in the log since somebody read, is no reason for the next.
  expect(run.begin()).toBeUndefined();
  database.close();
  run.close();
});

test('15: a database that is closed during a checkpoint is whole', async () => {
  const file = join(folder, 'closed.sqlite');
  const { database } = openUsageDatabase(file);
  const run = checkpoints(database);
  database.run('INSERT INTO requests (id) VALUES (1)');
  fill(database);
  const under = run.begin();
  database.close();
  run.close();
  await under;
  expect(inFileAlone(file)).toBe(1);
});

test('15: many requests: all are written, and the log stays short', async () => {
  const file = join(folder, 'many.sqlite');
  const { database } = openUsageDatabase(file);
  const problems: unknown[] = [];
  const store = createUsageStore({
    ...{ database, days: localDays('UTC'), digests: digestsWith(Buffer.alloc(32, 1)), clock: systemClock },
    onProblem: (error) => problems.push(error),
  });
  for (let round = 0; round < 10; round++) {
    for (let n = 0; n < 1000; n++) store.add(usageRecord({ at: noon + round, rnd: round * 1000 + n }));
    await eventually(() => store.counts().waiting === 0);
  }
  expect(problems).toEqual([]);
  expect(store.counts().lost).toBe(0);
  expect(statSync(`${file}-wal`).size).toBeLessThan(2_200_000);
  expect(store.close()).toEqual([]);
  expect(inFileAlone(file)).toBe(10_000);
});
