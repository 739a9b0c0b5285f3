import { Database } from 'bun:sqlite';
import { afterAll, describe, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../test/eventually.ts';
import { fakeClock } from '../../test/fake-clock.ts';
import { usageRecord } from '../../test/usage-records.ts';
import type { Clock } from '../ground/clock.ts';
import { digestsWith } from './digest.ts';
import { localDays } from './local-day.ts';
import type { UsageRecord } from './record.ts';
import { requestReader } from './request-reader.ts';
import { storedRecords } from './stored-records.ts';
import { openUsageDatabase } from './usage-database.ts';
import { usageReader } from './usage-reader.ts';
import { createUsageStore } from './usage-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'usage-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const noon = Date.UTC(2026, 10, 29, 12);
/** A clock of which the test runs what is due. */
function heldClock(): Clock & { run(): void; waits: number[] } {
  let due: (() => void)[] = [];
  const waits: number[] = [];
  return {
    ...fakeClock(),
    waits,
    after(ms, run) {
      waits.push(ms);
      due.push(run);
      return () => {
        due = due.filter((one) => one !== run);
      };
    },
    every: () => () => {},
    run() {
      const now = due;
      due = [];
      for (const run of now) run();
    },
  };
}

let files = 0;
function storeIn(database: Database, clock = heldClock()) {
  const problems: string[] = [];
  const refused: string[] = [];
  let recovered = 0;
  const store = createUsageStore({
    database,
    digests: digestsWith(Buffer.alloc(32, 1)),
    days: localDays('UTC'),
    clock,
    onProblem: (error, useless) => problems.push(`${useless ? 'useless: ' : ''}${String(error)}`),
    onRefused: (error) => refused.push(String(error)),
    onRecovery: () => {
      recovered += 1;
    },
  });
  return { store, clock, problems, refused, recovered: () => recovered };
}
const newFile = (): string => join(folder, `usage-${files++}.sqlite`);
const countIn = (database: Database): number =>
  database.query<{ n: number }, []>('SELECT count(*) AS n FROM requests').get()?.n ?? 0;

test('a request is on disk within a second, and the timer stands still without one', () => {
  const { store, clock } = storeIn(openUsageDatabase(newFile()).database);
  expect(clock.waits).toEqual([]);
  store.add(usageRecord({ at: noon }));
  store.add(usageRecord({ at: noon + 1 }));
  expect(clock.waits).toEqual([1000]);
  expect(countIn(store.database)).toBe(0);
  clock.run();
  expect(countIn(store.database)).toBe(2);
  expect(clock.waits).toEqual([1000]);
  store.close();
});

test('requests of one millisecond each have their place, also with the same draw', () => {
  const { store, clock } = storeIn(openUsageDatabase(newFile()).database);
  for (let i = 0; i < 50; i++) store.add(usageRecord({ at: noon, rnd: 1024 * i }));
  clock.run();
  expect(countIn(store.database)).toBe(50);
  store.close();
});

test('a full disk: requests go on, it is told, and all is written when there is room again', async () => {
  const { database } = openUsageDatabase(newFile());
  const { store, clock, problems, recovered } = storeIn(database);
  database.run('PRAGMA max_page_count = 12');
  for (let i = 0; i < 3000; i++) store.add(usageRecord({ at: noon + i }));
  for (let i = 0; i < 20; i++) clock.run();
  expect(problems[0]).toContain('full');
  expect(store.counts().waiting).toBeGreaterThan(0);
  database.run('PRAGMA max_page_count = 100000');
  // A checkpoint may come in between.
  await eventually(() => {
    clock.run();
    return store.counts().waiting === 0;
  });
  expect(recovered()).toBe(1);
  expect(store.counts()).toEqual({ waiting: 0, lost: 0 });
  expect(countIn(database)).toBe(3000);
  store.close();
});

test('what cannot be written for long goes, the oldest first, and is counted', () => {
  const { database } = openUsageDatabase(newFile());
  const { store } = storeIn(database);
  for (let i = 0; i < 20_300; i++) store.add(usageRecord({ at: noon + i }));
  expect(store.counts().waiting).toBeLessThanOrEqual(20_000);
  expect(store.counts().waiting + store.counts().lost).toBe(20_300);
  store.close();
});

const { usage: counted, attempts: made } = usageRecord({ at: noon });
const [attempt] = made;
const impossible: [string, Partial<UsageRecord>][] = [
  ['more tokens than fit', { usage: { ...counted, tokens: { input: 1e300, output: 1e19 } } }],
  ['fractions of tokens', { usage: { ...counted, tokens: { input: 10.5, output: 0.25, cacheRead: 3.3 } } }],
  ['more money than fits', { usage: { ...counted, cost: { nano: 1e30, source: 'upstream' } } }],
  [
    'money without end',
    { usage: { ...counted, cost: { nano: Number.POSITIVE_INFINITY, source: 'upstream' } } },
  ],
  ['money that is no number', { usage: { ...counted, cost: { nano: Number.NaN, source: 'upstream' } } }],
  ['negative times', { duration: -3, ttft: -0.5 }],
  ['fractions of times', { duration: 12.75, ttft: 3.5 }],
  ['no status', { status: Number.NaN }],
  [
    'a cooldown without end',
    {
      attempts:
        attempt === undefined
          ? []
          : [{ ...attempt, reason: 'quota', cooldownUntil: Number.POSITIVE_INFINITY }],
    },
  ],
  [
    'fractions of waits',
    { attempts: attempt === undefined ? [] : [{ ...attempt, waited: 0.4, startedAt: 1.2, duration: 7.7 }] },
  ],
  ['a name of half characters and zeros', { asked: 'a\0\ud800b', known: false }],
  ['a very long name', { asked: 'x'.repeat(1_000_000), known: false }],
];

test.each(impossible)('15: %s: the request is kept, and those behind it too', async (_what, what) => {
  const { database } = openUsageDatabase(newFile());
  const { store, problems } = storeIn(database);
  store.add(usageRecord({ at: noon, ...what }));
  store.add(usageRecord({ at: noon + 1 }));
  store.flushNow();
  expect(problems).toEqual([]);
  expect(store.counts()).toEqual({ waiting: 0, lost: 0 });
  expect(countIn(database)).toBe(2);
  const { total } = await usageReader(database, localDays('UTC')).totals({ by: [], where: {} });
  expect(total.requests).toBe(2);
  expect((await requestReader(database).list({ where: {}, limit: 9 })).length).toBe(2);
  store.close();
});

test('15: a request that the file refuses takes no others with it, and is counted', () => {
  const { database } = openUsageDatabase(newFile());
  database.run(
    'CREATE TRIGGER refused BEFORE INSERT ON requests WHEN new.status = 418 BEGIN SELECT RAISE(ABORT, "no teapots"); END',
  );
  const { store, problems, refused } = storeIn(database);
  for (let i = 0; i < 600; i++) store.add(usageRecord({ at: noon + i, status: i % 100 === 0 ? 418 : 200 }));
  store.flushNow();
  expect(problems).toEqual([]);
  expect(refused).toHaveLength(6);
  expect(store.counts()).toEqual({ waiting: 0, lost: 6 });
  expect(countIn(database)).toBe(594);
  expect(database.query('SELECT sum(n) AS n FROM usage_hour').get()).toEqual({ n: 594 });
  store.close();
});

test('15: what a file does not take comes back at the end, and is the same request in another file', () => {
  const { database } = openUsageDatabase(newFile());
  const { store } = storeIn(database);
  const [first, second, refused] = [0, 1, 2].map((n) =>
    usageRecord({ at: noon + n, session: `talk ${n}`, key: { id: 'key-1', name: 'mine' } }),
  );
  if (first === undefined || second === undefined || refused === undefined) throw new Error('three records');
  store.add(first);
  store.flushNow();
  database.run('PRAGMA query_only = 1');
  store.add(second);
  store.add({ ...refused, attempts: [...refused.attempts, ...refused.attempts] });
  const left = store.close();
  expect(left).toHaveLength(2);
  const whole = openUsageDatabase(newFile()).database;
  const { store: direct } = storeIn(whole);
  const other = openUsageDatabase(newFile()).database;
  const { store: later } = storeIn(other);
  direct.add(second);
  direct.add({ ...refused, attempts: [...refused.attempts, ...refused.attempts] });
  for (const { record, digests } of left) later.add(record, digests);
  direct.flushNow();
  later.flushNow();
  const kept = (of: Database) => [...storedRecords(of)].flat();
  expect(kept(other)).toHaveLength(2);
  expect(kept(other)).toEqual(kept(whole));
  direct.close();
  later.close();
});

test('15: what waits keeps its names when requests of elsewhere could not be taken in meanwhile', () => {
  const { database } = openUsageDatabase(newFile());
  const { store } = storeIn(database);
  store.add(usageRecord({ at: noon }));
  store.flushNow();
  database.run('PRAGMA query_only = 1');
  const waits = usageRecord({ at: noon + 1 });
  store.add(waits);
  expect(() => store.take([usageRecord({ at: noon + 2 })])).toThrow();
  const [left] = store.close();
  const { asked, protocol, served } = waits;
  expect(left?.record).toMatchObject({ asked, protocol, served });
});

test('another process that writes is waited for, not broken', () => {
  const file = newFile();
  const { store, clock, problems } = storeIn(openUsageDatabase(file).database);
  const other = new Database(file);
  other.run('BEGIN IMMEDIATE');
  store.add(usageRecord({ at: noon }));
  clock.run();
  expect(problems[0]).toContain('locked');
  expect(store.counts().waiting).toBe(1);
  other.run('COMMIT');
  other.close();
  clock.run();
  expect(store.counts().waiting).toBe(0);
  expect(countIn(store.database)).toBe(1);
  store.close();
});

describe('a file', () => {
  test('that is broken is moved aside with what belongs to it, and a new one begins', () => {
    const file = newFile();
    writeFileSync(file, 'not a database, and longer than a header of one '.repeat(100));
    const { database, movedAside } = openUsageDatabase(file);
    expect(movedAside).toBe(`${file}.broken`);
    expect(existsSync(`${file}.broken`)).toBe(true);
    expect(countIn(database)).toBe(0);
    database.close();
  });

  test('of a later version is left as it is, and the reason says so', () => {
    const file = newFile();
    const { database } = openUsageDatabase(file);
    database.run('PRAGMA user_version = 99');
    database.close();
    expect(() => openUsageDatabase(file)).toThrow('was written by a later version of this program');
    expect(existsSync(`${file}.broken`)).toBe(false);
  });
});

test('names that nobody serves are kept up to a bound, those that are served are not crowded out', () => {
  const { database } = openUsageDatabase(newFile());
  const { store } = storeIn(database);
  for (let i = 0; i < 6000; i++)
    store.add(usageRecord({ at: noon + i, served: undefined, known: false, asked: `scan-${i}` }));
  store.add(usageRecord({ at: noon + 7000, asked: 'opus' }));
  store.flushNow();
  const names = database.query<{ n: number }, []>('SELECT count(*) AS n FROM names WHERE kind = 12').get()?.n;
  expect(names).toBe(5001);
  expect(database.query("SELECT 1 FROM names WHERE kind = 5 AND name = 'opus'").get()).not.toBeNull();
  store.close();
});

test('15: client keys and credentials are all told apart, however many there are', async () => {
  const { database } = openUsageDatabase(newFile());
  const { store } = storeIn(database);
  for (let i = 0; i < 5500; i++)
    store.add(usageRecord({ at: noon + i, key: { id: `key-${i}`, name: `key ${i}` } }));
  store.flushNow();
  const { rows } = await usageReader(database, localDays('UTC')).totals({ by: ['key'], where: {} });
  expect(rows).toHaveLength(5500);
  store.close();
});

test('putting a record by costs next to nothing', () => {
  const { store } = storeIn(openUsageDatabase(newFile()).database);
  const records = Array.from({ length: 10_000 }, (_, i) => usageRecord({ at: noon + i }));
  const began = performance.now();
  for (const record of records) store.add(record);
  // A microsecond is promised, its row made; a loaded machine gets ten times as long.
  expect((performance.now() - began) / 10_000).toBeLessThan(0.01);
  store.close();
});
