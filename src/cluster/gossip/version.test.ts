import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { isVersion, timeOf, versionClock } from './version.ts';

test('each version is greater than all that its maker has made or seen', () => {
  const step = fc.record({ who: fc.nat(2), now: fc.integer({ min: 0, max: 2e12 }), sees: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const clocks = ['a', 'b', 'c'].map((name) => ({ clock: versionClock(name), greatest: '' }));
      let last = '';
      for (const { who, now, sees } of steps) {
        const own = clocks[who];
        if (own === undefined) throw new Error('no such clock');
        if (sees && last !== '') {
          own.clock.saw(last);
          if (last > own.greatest) own.greatest = last;
        }
        const version = own.clock.next(now);
        expect(isVersion(version)).toBe(true);
        expect(version > own.greatest).toBe(true);
        own.greatest = version;
        last = version;
      }
    }),
  );
});

test('a replica whose clock is a minute behind makes versions greater than those it has seen', () => {
  const [ahead, behind] = [versionClock('a'), versionClock('b')];
  const seen = ahead.next(1_000_060_000);
  behind.saw(seen);
  const version = behind.next(1_000_000_000);
  expect(version > seen).toBe(true);
  expect(timeOf(version)).toBe(1_000_060_000);
});
