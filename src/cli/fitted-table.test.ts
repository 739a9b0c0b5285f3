import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { fittedColumns, tableWidth } from './fitted-table.ts';
import type { Output } from './shell.ts';

const rows = [
  ['ACCOUNT', 'STATE', 'ID'],
  ['claude/ada@example.com', 'ready', `claude_oauth_${'0'.repeat(36)}`],
];

test('first-hour 4: a table fits the screen, the id gives way before the name', () => {
  expect(fittedColumns(rows, 50)).toBe(
    '  ACCOUNT                 STATE  ID\n  claude/ada@example.com  ready  claude_oauth_000…',
  );
  expect(fittedColumns(rows, undefined)).toContain('0'.repeat(36));
});

test('no line is wider than the screen, where the headings leave room', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 60 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell, cell), { maxLength: 8 }),
      fc.integer({ min: 40, max: 200 }),
      (cells, width) => {
        const table = fittedColumns([['ONE', 'TWO', 'THREE'], ...cells], width);
        for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
      },
    ),
  );
});

test('COLUMNS wins over the terminal, --wide over both, and a pipe has no bound', () => {
  const out = (columns: number | undefined): Output => ({
    write: () => {},
    sent: () => Promise.resolve(true),
    terminal: columns !== undefined,
    columns,
    style: (_, text) => text,
  });
  expect(tableWidth({ env: { COLUMNS: '70' }, out: out(90) }, undefined)).toBe(70);
  expect(tableWidth({ env: {}, out: out(90) }, false)).toBe(90);
  expect(tableWidth({ env: { COLUMNS: '70' }, out: out(90) }, true)).toBeUndefined();
  expect(tableWidth({ env: { COLUMNS: 'x' }, out: out(undefined) }, undefined)).toBeUndefined();
});

test('ids stay whole, and columns that can be spared go before', () => {
  const table = [
    ['REQUEST', 'MODEL', 'ATTEMPTS'],
    ['req_0123456789', 'a-model-with-a-long-name', '1'],
  ];
  expect(fittedColumns(table, 30, { whole: ['REQUEST'], spare: ['ATTEMPTS'] })).toBe(
    '  REQUEST         MODEL\n  req_0123456789  a-model-wit…',
  );
});
