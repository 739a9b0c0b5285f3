import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { matchesPattern } from './pattern.ts';

test('a pattern fits what a regular expression of it fits', () => {
  const short = (letters: string) => fc.string({ unit: fc.constantFrom(...letters), maxLength: 8 });
  fc.assert(
    fc.property(short('abA.'), short('ab.*'), (name, pattern) => {
      const source = pattern.replaceAll('.', '\\.').replaceAll('*', '.*');
      expect(matchesPattern(name, pattern)).toBe(new RegExp(`^${source}$`, 'i').test(name));
    }),
    { numRuns: 2000 },
  );
});

test.each([`${'*'.repeat(60)}b`, `${'*a'.repeat(60)}b`, `${'a*'.repeat(100)}b`])(
  'a pattern of many stars holds up nobody: %s',
  (pattern) => {
    const before = process.cpuUsage();
    expect(matchesPattern('a'.repeat(256), pattern)).toBe(false);
    expect(matchesPattern(`${'a'.repeat(256)}b`, pattern)).toBe(true);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(500);
  },
);
