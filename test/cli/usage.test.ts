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
