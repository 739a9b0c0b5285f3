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
