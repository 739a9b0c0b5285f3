/** What was used, from the file that a gateway has left. */
import { expect, test } from 'bun:test';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/ground/clock.ts';
import { digestsWith } from '../../src/usage/digest.ts';
import { localDays } from '../../src/usage/local-day.ts';
import type { UsageRecord } from '../../src/usage/record.ts';
import { openUsageDatabase, usageFile } from '../../src/usage/usage-database.ts';
import { createUsageStore } from '../../src/usage/usage-store.ts';
import { usageRecord } from '../usage-records.ts';
import { emptyDirectory, program, run } from './program.ts';

/** The file of a gateway that has served these requests; midnight is that of the time zone. */
function leaveFile(directory: string, timezone: string, ...records: UsageRecord[]): void {
  const store = createUsageStore({
    database: openUsageDatabase(usageFile(directory)).database,
    digests: digestsWith(Buffer.alloc(32, 7)),
    days: localDays(timezone),
    clock: systemClock,
    onProblem(error) {
      throw error;
    },
  });
  for (const record of records) store.add(record);
  store.flushNow();
  store.close();
}

test.each([
  { whose: 'this computer', zone: {}, env: { TZ: 'Asia/Tokyo' } },
  { whose: 'usage.timezone', zone: { timezone: 'Asia/Tokyo' }, env: { TZ: 'America/New_York' } },
])('hours and days of tables are those of $whose', async ({ zone, env }) => {
  using folder = emptyDirectory();
  const cwd = folder.path;
  writeFileSync(join(cwd, 'config.yaml'), JSON.stringify({ 'auth-dir': cwd, usage: zone }));
  leaveFile(cwd, 'Asia/Tokyo', usageRecord({ at: Date.UTC(2026, 10, 28, 17, 46, 43) }));
  const shown = async (...args: string[]) => (await run(['usage', ...args], { cwd, env })).out;
  expect(await shown('all', '--by', 'day')).toMatch(/^ {2}2026-11-29 {2,}1 /m);
  expect(await shown('2026-11-29', '--by', 'day')).toMatch(/^ {2}2026-11-29 {2,}1 /m);
  expect(await shown('all', '--by', 'day', '--csv')).toContain('\r\n2026-11-29,1,');
  expect(await shown('all', '--by', 'hour')).toMatch(/^ {2}2026-11-29 02:00 {2}1 /m);
  expect(await shown('requests')).toContain('  2026-11-29 02:46:43  200 ');
});

// The runtime has an empty write over at once: what was more than a pipe holds (64 KiB) was lost to whoever reads late.
test.each(['export', 'requests --limit 1000 --json'])(
  '15: usage %s arrives whole, however late somebody reads it',
  async (command) => {
    using folder = emptyDirectory();
    const cwd = folder.path;
    writeFileSync(join(cwd, 'config.yaml'), JSON.stringify({ 'auth-dir': cwd }));
    const records = Array.from({ length: 1000 }, (_, at) =>
      usageRecord({ at: Date.UTC(2026, 10, 29) + at * 1000 }),
    );
    leaveFile(cwd, 'UTC', ...records);
    const child = Bun.spawn(['sh', '-c', `"${program}" usage ${command} | { sleep 1; cat; }`], {
      ...{ cwd, env: { PATH: process.env.PATH, HOME: cwd }, stdin: 'ignore', stderr: 'pipe' },
    });
    const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    expect([err, out.match(/"id":"req_/g)?.length, out.at(-1)]).toEqual(['', 1000, '\n']);
  },
);

test('15: a word that is given twice is one column', async () => {
  using folder = emptyDirectory();
  const cwd = folder.path;
  writeFileSync(join(cwd, 'config.yaml'), JSON.stringify({ 'auth-dir': cwd }));
  leaveFile(cwd, 'UTC', usageRecord({ at: Date.UTC(2026, 10, 29) }));
  const { out } = await run(['usage', 'all', '--by', 'key, day,key,day', '--csv'], { cwd });
  expect(out).toStartWith('day,key,requests,');
});

test.each([
  [['usage'], 'Nothing is kept for today. "P usage all" shows all that is kept.'],
  [
    ['usage', '7d', '--key', 'bob'],
    'Nothing is kept for 7d --key bob. "P usage all" shows all that is kept.',
  ],
  [
    ['usage', 'all', '--account', 'x', '--by', 'day'],
    'Nothing is kept for --account x. "P usage all" shows all that is kept.',
  ],
  [
    ['usage', 'requests', '--failed', '--model', 'gpt-5'],
    'Nothing is kept for --failed --model gpt-5. "P usage requests" shows all that is kept.',
  ],
  [['explain', '--failed'], 'Nothing is kept for --failed. "P explain" shows all that is kept.'],
  [
    ['explain', '--failed', '--since', '1h', '--key', 'ann'],
    'Nothing is kept for --failed --since 1h --key ann. "P explain" shows all that is kept.',
  ],
])('15: %p that finds nothing says for what, and how to see more', async (args, sentence) => {
  using folder = emptyDirectory();
  const cwd = folder.path;
  writeFileSync(join(cwd, 'config.yaml'), JSON.stringify({ 'auth-dir': cwd }));
  leaveFile(cwd, 'UTC', usageRecord({ at: Date.UTC(2026, 10, 1) }));
  const environments: Record<string, string>[] = [
    {},
    { COLUMNS: '40' },
    { LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8' },
    { LC_ALL: 'C' },
  ];
  for (const env of environments) {
    const { out, err, code } = await run(args, { cwd, env });
    expect([out.replaceAll(program, 'P'), err, code]).toEqual([`${sentence}\n`, '', 0]);
  }
});

test('15: where no request came yet, that is what is said', async () => {
  using folder = emptyDirectory();
  const cwd = folder.path;
  writeFileSync(join(cwd, 'config.yaml'), JSON.stringify({ 'auth-dir': cwd }));
  leaveFile(cwd, 'UTC');
  for (const args of [['usage', 'all'], ['usage', 'requests'], ['explain']])
    expect((await run(args, { cwd })).out).toBe(
      'No request is kept yet: send one to the gateway, then ask again.\n',
    );
});

test('15: one of a thing is one: of requests without a price, and of those that were recomputed', async () => {
  using folder = emptyDirectory();
  const cwd = folder.path;
  writeFileSync(join(cwd, 'config.yaml'), JSON.stringify({ 'auth-dir': cwd }));
  const usage = { tokens: {}, counted: 'unknown', tier: undefined, cost: undefined } as const;
  const noon = Date.UTC(2026, 10, 29, 12);
  leaveFile(cwd, 'UTC', usageRecord({ at: noon, usage }));
  const says = async (...args: string[]) => (await run(['usage', ...args], { cwd })).out;
  expect(await says('all')).toContain(
    '\n1 of these requests has no known price and is in neither sum: give its model one under "prices".\n',
  );
  expect(await says('requests')).toMatch(/ unknown +900 ms\n$/);
  expect(await says('recompute')).toBe('1 request looked at: 0 cost something else now.\n');
  expect(await says('export', '--csv')).toContain(',unknown,');
});

// In Berlin an hour comes twice in October, and one is missing in March; Apia had no 30 December in 2011.
test.each([
  {
    zone: 'Europe/Berlin',
    at: Date.UTC(2026, 9, 25, 0, 30),
    day: '2026-10-25',
    hours: ['02:00', '02:00', '03:00'],
  },
  {
    zone: 'Europe/Berlin',
    at: Date.UTC(2026, 2, 29, 0, 30),
    day: '2026-03-29',
    hours: ['01:00', '03:00', '04:00'],
  },
  {
    zone: 'Pacific/Apia',
    at: Date.UTC(2011, 11, 30, 8, 30),
    day: '2011-12-29',
    hours: ['22:00', '23:00', '00:00'],
  },
])('15: hours and days where the clocks of $zone change', async ({ zone, at, day, hours }) => {
  using folder = emptyDirectory();
  const cwd = folder.path;
  writeFileSync(join(cwd, 'config.yaml'), JSON.stringify({ 'auth-dir': cwd, usage: { timezone: zone } }));
  leaveFile(cwd, zone, ...[0, 1, 2].map((hour) => usageRecord({ at: at + hour * 3_600_000 })));
  const environments: Record<string, string>[] = [
    { TZ: 'America/New_York' },
    { TZ: zone, LC_ALL: 'de_DE.UTF-8' },
  ];
  for (const env of environments) {
    const { out } = await run(['usage', 'all', '--by', 'hour'], { cwd, env });
    expect([...out.matchAll(/^ {2}\d{4}-\d\d-\d\d (\d\d:\d\d) /gm)].map(([, hour]) => hour ?? '')).toEqual([
      ...hours,
    ]);
    expect((await run(['usage', day, '--by', 'day'], { cwd, env })).out).toContain(`\n  ${day} `);
    // What is told apart in UTC is in the table for spreadsheets, too.
    const csv = (await run(['usage', 'all', '--by', 'hour', '--csv'], { cwd, env })).out;
    expect(new Set(csv.split('\r\n').map((line) => line.split(',')[0])).size).toBe(5);
  }
});

test('15: in forty columns the time of a row is still whole', async () => {
  using folder = emptyDirectory();
  const cwd = folder.path;
  writeFileSync(join(cwd, 'config.yaml'), JSON.stringify({ 'auth-dir': cwd, usage: { timezone: 'UTC' } }));
  const noon = Date.UTC(2026, 10, 28, 12);
  leaveFile(cwd, 'UTC', usageRecord({ at: noon }), usageRecord({ at: noon + 86_400_000 }));
  const shown = async (by: string) =>
    (await run(['usage', 'all', '--by', by], { cwd, env: { COLUMNS: '40' } })).out.split('\n');
  const days = await shown('day');
  expect(days.slice(1, 3).map((line) => line.slice(0, 13))).toEqual(['  2026-11-28 ', '  2026-11-29 ']);
  expect(Math.max(...days.map((line) => line.length))).toBeLessThanOrEqual(40);
  const hours = await shown('hour');
  expect(hours[1]).toStartWith('  2026-11-28 12:00  1 ');
});

test('a name that a client has made up does not make a table wider than it has to be', async () => {
  using folder = emptyDirectory();
  const cwd = folder.path;
  writeFileSync(join(cwd, 'config.yaml'), JSON.stringify({ 'auth-dir': cwd }));
  const asked = 'n'.repeat(250);
  leaveFile(cwd, 'UTC', usageRecord({ at: Date.UTC(2026, 10, 29), served: undefined, known: true, asked }));
  const { out } = await run(['usage', 'requests'], { cwd });
  expect(out).toContain(`${'n'.repeat(63)}…  `);
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThan(220);
});

test('who only looks at usage leaves a broken file where it is, and is told of it', async () => {
  using folder = emptyDirectory();
  const cwd = folder.path;
  writeFileSync(join(cwd, 'config.yaml'), JSON.stringify({ 'auth-dir': cwd }));
  const file = join(cwd, '.usage.sqlite');
  const text = 'not a database, and longer than a header of one '.repeat(100);
  writeFileSync(file, text);
  for (const args of [['usage'], ['usage', 'requests'], ['explain', `req_${'0'.repeat(24)}`]]) {
    const { out, err, code } = await run(args, { cwd });
    expect({ out, code }).toEqual({ out: '', code: 1 });
    expect(err).toContain(`${file} cannot be read: file is not a database`);
    expect(err).toContain('The gateway moves it aside at its next start');
  }
  expect(readFileSync(file, 'utf8')).toBe(text);
  expect(existsSync(`${file}.broken`)).toBe(false);
});
