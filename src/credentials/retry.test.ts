import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { nextStep, type RetryLimits, type RetryState } from './retry.ts';

const fresh: RetryState = { rounds: 0, waited: 0, last: undefined };
const limits: RetryLimits = { rounds: 0, longestWait: 0 };

test('without waits and rounds a failed request stops', () => {
  expect(nextStep({ ...fresh, last: 'quota' }, limits, 5000, 0, 0)).toEqual({ kind: 'stop' });
});

test('it waits for the soonest cooldown that ends within max-retry-interval, and answers at once when none does', () => {
  const waiting = { ...limits, longestWait: 30_000 };
  expect(nextStep(fresh, waiting, 2000, 0, 0)).toEqual({ kind: 'wait', milliseconds: 2000 });
  expect(nextStep(fresh, waiting, 2000, 0, 0.5)).toEqual({ kind: 'wait', milliseconds: 2250 });
  expect(nextStep({ ...fresh, last: 'quota' }, waiting, 31_000, 0, 0)).toEqual({ kind: 'stop' });
});

test('request-retry goes round again after failures that may pass, and never after a refused key', () => {
  const rounds = { ...limits, rounds: 2 };
  expect(nextStep({ ...fresh, last: 'unavailable' }, rounds, 1000, 0, 0)).toEqual({ kind: 'again' });
  expect(nextStep({ ...fresh, last: 'unavailable', rounds: 2 }, rounds, 1000, 0, 0)).toEqual({
    kind: 'stop',
  });
  expect(nextStep({ ...fresh, last: 'auth' }, rounds, 1000, 0, 0)).toEqual({ kind: 'stop' });
});

test('a request that found everybody cooling down may try a last resort', () => {
  expect(nextStep(fresh, limits, 5000, 0, 0)).toEqual({ kind: 'last-resort' });
  expect(nextStep(fresh, limits, undefined, 0, 0)).toEqual({ kind: 'stop' });
});

test('whatever the cooldowns, the waits of one request add up to max-retry-interval at most', () => {
  fc.assert(
    fc.property(
      fc.nat(60_000),
      fc.array(
        fc.record({
          cooldown: fc.nat(20_000),
          random: fc.float({ min: 0, max: Math.fround(0.99), noNaN: true }),
        }),
      ),
      (longestWait, cooldowns) => {
        let waited = 0;
        for (const { cooldown, random } of cooldowns) {
          const step = nextStep({ ...fresh, waited }, { rounds: 0, longestWait }, cooldown, 0, random);
          if (step.kind === 'wait') waited += step.milliseconds;
        }
        expect(waited).toBeLessThanOrEqual(longestWait);
      },
    ),
  );
});
