import { afterAll, expect, test } from 'bun:test';
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { logReader } from './log-reader.ts';

const folder = mkdtempSync(join(tmpdir(), 'log-reader-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'main.log');

const line = (second: number, more: string) =>
  `{"level":"info","time":"2026-11-29T10:10:${String(second).padStart(2, '0')}.123Z","msg":"request","id":"req_${more}"}\n`;

const step = fc.oneof(
  fc.record({ kind: fc.constant('append' as const), lines: fc.integer({ min: 0, max: 30 }) }),
  fc.record({ kind: fc.constant('half' as const) }),
  fc.record({ kind: fc.constant('rotate' as const) }),
  fc.record({ kind: fc.constant('empty' as const), lines: fc.integer({ min: 0, max: 40 }) }),
  fc.record({ kind: fc.constant('long' as const), bytes: fc.constantFrom(1_000_000, 3_000_000, 5_000_000) }),
);

test('16: who polls the log gets what somebody gets who asks for the first time', async () => {
  let written = 0;
  const lines = (count: number): string =>
    Array.from({ length: count }, () => line(written % 60, `${'é'.repeat(written % 7)}${written++}`)).join(
      '',
    );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(step, fc.constantFrom(1, 5, 20, 5000)), { maxLength: 12 }),
      async (steps) => {
        writeFileSync(file, lines(3));
        const polling = logReader();
        for (const [change, limit] of steps) {
          if (change.kind === 'append') appendFileSync(file, lines(change.lines));
          if (change.kind === 'half') appendFileSync(file, 'half of a line');
          if (change.kind === 'long') appendFileSync(file, `${'x'.repeat(change.bytes)}\n`);
          if (change.kind === 'rotate') renameSync(file, join(folder, 'main-old.log'));
          if (change.kind === 'empty') truncateSync(file, 0);
          if (change.kind === 'empty' || change.kind === 'rotate') appendFileSync(file, lines(4));
          const asked = { cursor: undefined, limit };
          expect(await polling(folder, asked)).toEqual(await logReader()(folder, asked));
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('16: lines that came since are not lost where fewer were asked for before', async () => {
  writeFileSync(file, line(1, 'a').repeat(10));
  const read = logReader();
  await read(folder, { cursor: undefined, limit: 2 });
  appendFileSync(file, line(2, 'b').repeat(10));
  expect((await read(folder, { cursor: undefined, limit: 1 })).lines).toHaveLength(1);
  expect((await read(folder, { cursor: undefined, limit: 100 })).lines).toHaveLength(20);
});

test('16: so many lines are made ready a second, however many are written', async () => {
  writeFileSync(file, '');
  let [time, ready, written] = [0, 0, 0];
  const read = logReader({
    now: () => time,
    onRead(lines) {
      ready += lines;
    },
  });
  const seconds = 60;
  for (let second = 0; second < seconds; second++) {
    appendFileSync(file, line(second, 'a').repeat(5000));
    written += 5000;
    const { lines } = await read(folder, { cursor: undefined, limit: 5000 });
    expect(lines).toHaveLength(5000);
    time += 1000;
  }
  // What is left over from before, five hundred a second, and the last read that has begun.
  expect(ready).toBeLessThanOrEqual(10_000 + 500 * seconds + 5000);
  expect(written).toBe(300_000);
  appendFileSync(file, line(1, 'latest'));
  time += 20_000;
  const { lines } = await read(folder, { cursor: undefined, limit: 1 });
  expect(lines[0]?.json).toContain('latest');
});

test('16: with few lines a second everybody gets what is written now', async () => {
  writeFileSync(file, line(1, 'a').repeat(6000));
  let time = 0;
  const read = logReader({ now: () => time });
  let { cursor } = await read(folder, { cursor: undefined, limit: 5000 });
  for (let second = 0; second < 100; second++) {
    appendFileSync(file, line(second % 60, `of-${second}`).repeat(450));
    time += 1000;
    const news = await read(folder, { cursor, limit: 5000 });
    expect([news.lines.length, news.reset]).toEqual([450, false]);
    expect(news.lines.every(({ json }) => json.length > 0)).toBe(true);
    cursor = news.cursor;
    const all = await read(folder, { cursor: undefined, limit: 3 });
    expect(all.cursor).toBe(cursor);
  }
});

test('16: whoever asks for more lines than there are is not read everything for again', async () => {
  writeFileSync(file, line(1, 'a').repeat(30_000));
  let ready = 0;
  const read = logReader({
    now: () => 0,
    onRead(lines) {
      ready += lines;
    },
  });
  const first = await read(folder, { cursor: undefined, limit: 50_000 });
  const once = ready;
  for (let count = 0; count < 10; count++)
    expect((await read(folder, { cursor: undefined, limit: 50_000 })).lines).toHaveLength(first.lines.length);
  expect(ready).toBe(once);
});
