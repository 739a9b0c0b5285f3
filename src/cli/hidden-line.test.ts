import { expect, test } from 'bun:test';
import { hiddenLine, typed } from './hidden-line.ts';

test.each([
  ['a line', 'BXAuth=abc;\r', { kind: 'line', text: 'BXAuth=abc;' }],
  ['a line without its end', 'BXAu', { kind: 'typing', text: 'BXAu' }],
  ['keys taken back', 'BXBB\x7f\bAu', { kind: 'typing', text: 'BXAu' }],
  ['a pasted text with its marks', '\x1b[200~BXAuth=abc;\x1b[201~\n', { kind: 'line', text: 'BXAuth=abc;' }],
  ['Ctrl-C', 'BX\x03', { kind: 'interrupted' }],
  ['Ctrl-D', 'BX\x04', { kind: 'end' }],
] as const)('%s', (_, keys, result) => {
  expect(typed('', keys)).toEqual(result);
});

test('the terminal shows nothing while it reads, and shows again what is typed whatever happens', async () => {
  const modes: boolean[] = [];
  const terminal = (...keys: string[]) => ({
    setRawMode: (on: boolean) => modes.push(on),
    async *[Symbol.asyncIterator]() {
      for (const key of keys) yield new TextEncoder().encode(key);
    },
  });
  const long = 'x'.repeat(5000);
  expect(await hiddenLine(terminal(long, 'é', '\r'))).toEqual({ kind: 'line', text: `${long}é` });
  expect(await hiddenLine(terminal('half'))).toEqual({ kind: 'end' });
  expect(await hiddenLine(terminal('half', '\x03'))).toEqual({ kind: 'interrupted' });
  expect(modes).toEqual([true, false, true, false, true, false]);
});
