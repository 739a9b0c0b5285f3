import { Database } from 'bun:sqlite';
import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { usageRecord } from '../../test/usage-records.ts';
import { systemClock } from '../ground/clock.ts';
import { NewerDatabase, openToRead } from '../ground/database-file.ts';
import { placeOf } from './columns.ts';
import { digestsWith } from './digest.ts';
import { localDays } from './local-day.ts';
import { requestReader } from './request-reader.ts';
import { storedRecords } from './stored-records.ts';
import { openSoundUsage, openUsageDatabase, usageFormat } from './usage-database.ts';
import { createUsageStore } from './usage-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'cli-proxy-api-usage-database-'));
afterAll(() => rmSync(folder, { recursive: true }));
const now = Date.UTC(2026, 10, 30, 12);
let files = 0;
const newFile = (): string => join(folder, `${files++}.sqlite`);

/** What versions before 30 November 2026 made, as `sqlite3 .schema` prints it, with a request in it. */
function earlierFile(): string {
  const file = newFile();
  const database = new Database(file);
  const integers = (names: string): string => names.replaceAll(/\w+/g, '$& INTEGER');
  for (const statement of [
    'PRAGMA journal_mode = WAL',
    'PRAGMA application_id = 1129333109',
    'CREATE TABLE names (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL, label TEXT, UNIQUE (kind, name)) STRICT',
    `CREATE TABLE requests (id INTEGER PRIMARY KEY, ${integers(
      'rnd, key, session, credential, provider, model, asked, protocol, operation, tier, error, choice, status, attempts, streamed, began, ttft, bucket, duration, input, cache_read, cache_write, cache_write_1h, reasoning, output, counted, cost, source, billed',
    )}) STRICT`,
    `CREATE TABLE attempts (${integers(
      'request, n, credential, provider, model, status, reason, started, waited, duration, trial, cooldown, billed, input, cache_read, cache_write, cache_write_1h, reasoning, output, counted, tier, cost, source',
    )}, PRIMARY KEY (request, n)) STRICT, WITHOUT ROWID`,
    `INSERT INTO requests (id, rnd, status, attempts, duration, input, output, counted) VALUES (${placeOf(now)}, 7, 200, 0, 5, 40, 2, 0)`,
    'PRAGMA user_version = 1',
  ])
    database.run(statement);
  database.close();
  return file;
}

const spoken = usageRecord({
  at: now + 1,
  usage: {
    tokens: { input: 1000, output: 50, audioInput: 700, audioRead: 100, cacheRead: 300, imageOutput: 40 },
    counted: 'provider',
    tier: undefined,
    cost: { nano: 1, source: 'list' },
  },
});

test('15: a file of an earlier version gets its columns, keeps what it has, and takes the new', async () => {
  const file = earlierFile();
  const { database, movedAside } = openUsageDatabase(file);
  expect(movedAside).toBeUndefined();
  const store = createUsageStore({
    ...{ database, clock: systemClock, days: localDays('UTC'), digests: digestsWith(new Uint8Array(32)) },
    onProblem(error) {
      throw error;
    },
  });
  store.add(spoken);
  store.flushNow();
  const rows = await requestReader(database).list({ where: {}, limit: 10 });
  expect(rows.map(({ tokens }) => tokens)).toMatchObject([
    { input: 1000, audioInput: 700, audioRead: 100, imageOutput: 40 },
    { input: 40, output: 2 },
  ]);
  expect(rows[1]?.tokens).not.toHaveProperty('audioInput');
  store.close();
  // Opened again there is nothing left to do; and it is what an earlier version takes, too.
  const again = openSoundUsage(file);
  expect(again.query('PRAGMA user_version').get()).toEqual({ user_version: 1 });
  expect([...storedRecords(again)].flat().map(({ usage }) => usage.tokens.audioInput)).toEqual([
    undefined,
    700,
  ]);
  again.close();
});

test('15: where nothing can be written, a file of an earlier version says what it lacks', () => {
  expect(() => openToRead(earlierFile(), usageFormat)).toThrow('an earlier version of this program');
});

test('15: a file of a later version is refused in words, by those who only read as well', () => {
  const file = earlierFile();
  const database = new Database(file);
  database.run('PRAGMA user_version = 9');
  database.close();
  for (const open of [openUsageDatabase, openSoundUsage, (path: string) => openToRead(path, usageFormat)])
    expect(() => open(file)).toThrow(NewerDatabase);
  expect(() => openSoundUsage(file)).toThrow('written by a later version of this program (format 9');
});
