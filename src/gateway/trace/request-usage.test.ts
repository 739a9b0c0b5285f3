import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Loss } from '../../protocols/codec.ts';
import { lossCodes } from './request-usage.ts';

const dropped = (field: string): Loss => ({ kind: 'dropped', field });
const long = (letter: string, size = 100_000): string => letter.repeat(size);

describe('the codes of losses', () => {
  test('one that is longer than the bound is cut in its middle, not left out', () => {
    const codes = lossCodes([dropped(`tools.${long('a')}.strict`)], 2048) ?? '';
    expect(codes).toStartWith('dropped:tools.aaa');
    expect(codes).toEndWith('aaa.strict');
    expect(codes).toContain('a...a');
    expect(codes.length).toBeLessThan(200);
  });

  test('several long ones, and short ones behind them, are all there', () => {
    const letters = ['a', 'b', 'c', 'd'];
    const codes = lossCodes(
      [...letters.map((letter) => dropped(`tools.${long(letter)}`)), dropped('top_k')],
      2048,
    );
    const entries = codes?.split(', ') ?? [];
    expect(entries).toHaveLength(5);
    for (const [at, letter] of letters.entries())
      expect(entries[at]).toStartWith(`dropped:tools.${letter}${letter}`);
    expect(entries[4]).toBe('dropped:top_k');
  });

  test('more than have room are counted behind those that do', () => {
    const codes = lossCodes(
      Array.from({ length: 100 }, (_, at) => dropped(`tools.${at}${long('x')}`)),
      2048,
    );
    const entries = codes?.split(', ') ?? [];
    expect(entries.at(-1)).toBe(`...+${101 - entries.length}`);
    expect(entries.length).toBeGreaterThan(10);
  });

  test('whatever there is, the bound holds, the first is there and nothing is left out uncounted', () => {
    const field = fc.oneof(fc.string({ maxLength: 30 }), fc.string({ minLength: 100, maxLength: 5000 }));
    fc.assert(
      fc.property(
        fc.uniqueArray(
          field.map((text) => text.replaceAll(', ', ';')),
          { minLength: 1, maxLength: 60 },
        ),
        fc.integer({ min: 60, max: 4096 }),
        (fields, most) => {
          const codes = lossCodes(fields.map(dropped), most) ?? '';
          expect(codes.length).toBeLessThanOrEqual(most);
          expect(codes).toStartWith(`dropped:${(fields[0] ?? '').slice(0, 10)}`);
          const entries = codes.split(/, (?=dropped:|\.\.\.\+\d+$)/);
          const left = Number(/^\.\.\.\+(\d+)$/.exec(entries.at(-1) ?? '')?.[1] ?? 0);
          expect(left + entries.length - (left > 0 ? 1 : 0)).toBe(fields.length);
        },
      ),
    );
  });
});
