import { expect, test } from 'bun:test';
import { clockOffset } from './clock-offset.ts';

test('before anything is told both clocks are taken to be one', () => {
  const clock = clockOffset();
  expect([clock.shared(1000), clock.local(1000)]).toEqual([1000, 1000]);
});

test('a minute of difference is found, and back again', () => {
  const clock = clockOffset();
  clock.measured(160_000, 99_999, 100_001);
  expect(clock.shared(200_000)).toBe(260_000);
  expect(clock.local(260_000)).toBe(200_000);
});

test('an answer that was long under way changes nothing; a clock that was set does', () => {
  const clock = clockOffset();
  clock.measured(160_000, 100_000, 100_000);
  clock.measured(161_000, 100_000, 103_000);
  expect(clock.shared(0)).toBe(60_000);
  clock.measured(300_000, 270_000, 270_002);
  expect(clock.shared(0)).toBe(29_999);
});
