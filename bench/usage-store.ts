/** The usage store with five million requests in it: what questions take, how long the writer holds others up, what it keeps in memory. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../src/ground/clock.ts';
import { placeOf, requestColumns } from '../src/usage/columns.ts';
import { digestsWith } from '../src/usage/digest.ts';
import { latencyColumns } from '../src/usage/latency.ts';
import { localDays } from '../src/usage/local-day.ts';
import { nameKinds } from '../src/usage/names.ts';
import { requestReader } from '../src/usage/request-reader.ts';
import { hourMs, rollUpColumns, rollUpKeys } from '../src/usage/roll-up.ts';
import { openUsageDatabase } from '../src/usage/usage-database.ts';
import { usageReader } from '../src/usage/usage-reader.ts';
import { createUsageStore } from '../src/usage/usage-store.ts';
import { folder } from './contenders.ts';
import { median } from './process.ts';
import { counts, recordAt } from './usage-records.ts';

const rows = 5_000_000;
const ninetyDays = 90 * 24 * hourMs;

type Generated = ReturnType<typeof openUsageDatabase>['database'];

function fill(database: Generated, now: number): void {
  const first: Record<string, number> = {};
  for (const [kind, count] of Object.entries(counts)) {
    first[kind] = (database.query<{ n: number }, []>('SELECT count(*) AS n FROM names').get()?.n ?? 0) + 1;
    for (let at = 0; at < count; at++)
      database.run('INSERT INTO names (kind, name, label) VALUES (?, ?, ?)', [
        nameKinds[kind as keyof typeof counts],
        `${kind}-${at}`,
        `${kind} ${at}`,
      ]);
  }
  const step = placeOf(ninetyDays) / rows;
  const begin = placeOf(now - ninetyDays);
  const values: Partial<Record<(typeof requestColumns)[number], string>> = {
    id: `CAST(${begin} + n * ${step} AS INTEGER)`,
    rnd: 'n',
    key: `${first.key} + (n * 7919) % ${counts.key}`,
    credential: `${first.credential} + (n * 104729) % ${counts.credential}`,
    provider: `${first.provider} + ((n * 104729) % ${counts.credential}) % ${counts.provider}`,
    model: `${first.model} + (n * 15485863) % ${counts.model}`,
    ...{
      status: '200',
      attempts: '1',
      streamed: '1',
      began: '1',
      ttft: '400',
      bucket: '1',
      duration: '2000',
    },
    ...{ input: '9000 + n % 5000', cache_read: '6000', cache_write: '500', output: '300 + n % 700' },
    ...{ counted: '0', cost: '12000000', source: '2', billed: 'n % 2' },
  };
  const names = requestColumns.filter((column) => values[column] !== undefined);
  database.run(`WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ${rows})
    INSERT INTO requests (${names.join(', ')}) SELECT ${names.map((name) => values[name]).join(', ')} FROM numbers`);
  const sums = rollUpColumns.map((column) => {
    if (rollUpKeys.some((key) => key === column)) return column;
    if (column === 'n') return 'count(*)';
    if (column === 'paid') return 'sum(CASE WHEN billed = 0 THEN cost ELSE 0 END)';
    if (column === 'worth') return 'sum(CASE WHEN billed = 1 THEN cost ELSE 0 END)';
    if (column === 'failed' || column === 'unpriced') return '0';
    const bucket = latencyColumns.map(String).indexOf(column);
    return bucket >= 0 ? (bucket === 1 ? 'count(*)' : '0') : `sum(coalesce(${column}, 0))`;
  });
  for (const [table, length, at] of [
    ['usage_hour', hourMs, hourMs],
    ['usage_day', 24 * hourMs, 1],
  ] as const)
    database.run(`INSERT INTO ${table} (at, ${rollUpColumns.join(', ')})
      SELECT id / ${placeOf(length)} * ${at}, ${sums.join(', ')} FROM requests GROUP BY 1, ${rollUpKeys.join(', ')}`);
  database.run("INSERT INTO meta (name, value) VALUES ('timezone', 'UTC')");
}

async function milliseconds(times: number, run: () => Promise<unknown>): Promise<number> {
  const taken: number[] = [];
  for (let time = 0; time < times; time++) {
    const began = performance.now();
    await run();
    taken.push(performance.now() - began);
  }
  return median(taken);
}

/** The longest that the loop stood still while 500 records were written, for many such lots, the shortest first. In ms. */
async function pausesOfWriter(store: ReturnType<typeof createUsageStore>, now: number): Promise<number[]> {
  let longest = 0;
  let last = performance.now();
  let watching = true;
  const look = (): void => {
    const at = performance.now();
    longest = Math.max(longest, at - last);
    last = at;
    if (watching) setImmediate(look);
  };
  look();
  const pauses: number[] = [];
  for (let lot = 0; lot < 200; lot++) {
    for (let n = 0; n < 500; n++) store.add(recordAt(now + lot * 500 + n, n));
    last = performance.now();
    longest = 0;
    while (store.counts().waiting > 0) await Bun.sleep(1);
    pauses.push(longest);
  }
  watching = false;
  return pauses.sort((one, other) => one - other);
}

/** Megabytes; the reader, the rows that were generated here and their garbage are no part of it. */
function ownMemory(file: string): number {
  const script = join(import.meta.dir, 'store-memory.ts');
  const { stdout } = Bun.spawnSync([process.execPath, script, file], { stderr: 'inherit' });
  return Number(stdout.toString());
}

/** The figures as Markdown. Takes about a minute and a gigabyte of disk. */
export async function usageStoreTable(): Promise<string> {
  const file = join(folder, 'usage.sqlite');
  const now = Date.now();
  const { database: filled } = openUsageDatabase(file);
  fill(filled, now);
  filled.close();
  const { database } = openUsageDatabase(file);
  const days = localDays('UTC');
  const store = createUsageStore({
    ...{ database, days, digests: digestsWith(Buffer.alloc(32, 1)), clock: systemClock },
    onProblem(error) {
      throw error;
    },
  });
  const reader = usageReader(database, days);
  const requests = requestReader(database);
  const since = now - 30 * 24 * hourMs;
  const byModel = await milliseconds(21, () => reader.totals({ by: ['model'], where: {}, since }));
  const newest = await milliseconds(101, () => requests.list({ where: {}, limit: 50 }));
  const pauses = await pausesOfWriter(store, now);
  const p99 = pauses[Math.floor(pauses.length * 0.99)] ?? 0;
  store.close();
  const grown = ownMemory(file);
  rmSync(file, { force: true });
  const line = (what: string, found: number, unit: string, most: number): string =>
    `| ${what} | ${found.toFixed(found < 10 ? 2 : 0)} ${unit} | ≤ ${most} ${unit} ${found <= most ? '✓' : '✗'} |`;
  return [
    'The usage store with 5 million requests of 90 days in it:',
    '',
    '| | found | target |',
    '| --- | ---: | ---: |',
    line('sums by model, 30 days', byModel, 'ms', 50),
    line('the newest 50 requests', newest, 'ms', 1),
    line('pause of the loop while batches of 250 records are written, p99', p99, 'ms', 15),
    line(
      'resident memory of the store in a process of its own, at rest after 10,000 records',
      grown,
      'MB',
      10,
    ),
  ].join('\n');
}
