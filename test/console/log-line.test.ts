import { expect, test } from 'bun:test';
import { listedLines, logLine } from '../../console/log-line.ts';

test.each([
  ['2026-11-29T12:00:00Z info request {"status":200}', 'info'],
  ['{"time":"x","level":"warn","message":"info in the text"}', 'warn'],
  ['12:00:00 WARN slow', 'warn'],
  ['[2026-11-29 12:00:00] [error] broken', 'error'],
  ['a line of nobody', undefined],
])('%s is of the level %s', (text, level) => {
  expect(logLine(text).level).toBe(level);
});

test('the id of a request in a line leads to it, and nothing of the line is lost', () => {
  const id = `req_${'0a'.repeat(12)}`;
  const { pieces } = logLine(`info x ${id} y ${id}`);
  expect(pieces.filter(({ request }) => request !== undefined).map(({ request }) => request)).toEqual([
    id,
    id,
  ]);
  expect(pieces.map(({ text }) => text).join('')).toBe(`info x ${id} y ${id}`);
});

test('the column of a line that has the end of an id leads to its request, and a line of no request nowhere', () => {
  const places = (text: string) => logLine(text).pieces.flatMap(({ request }) => request ?? []);
  expect(places('[2026-11-30 05:03:08] [1559b7f9] [info ] [request] 200 | "smart" [aaaaaaaa]')).toEqual([
    '1559b7f9',
  ]);
  expect(places('[2026-11-30 05:03:25] [--------] [info ] [log] console: signed in')).toEqual([]);
});

test('a line stays the same value under the same key when others come and go', () => {
  const before = listedLines(['old', 'again', 'again', 'last'], new Map());
  expect([...before.values()].map(({ text }) => text)).toEqual(['old', 'again', 'again', 'last']);
  const after = listedLines(['again', 'again', 'last', 'new'], before);
  expect([...after.values()].map(({ text }) => text)).toEqual(['again', 'again', 'last', 'new']);
  for (const [key, line] of after) if (line.text !== 'new') expect(before.get(key)).toBe(line);
});
