import { expect, test } from 'bun:test';
import { fakeClock } from '../../test/fake-clock.ts';

test('a timer fires once when its time has come, and again when it is set again', () => {
  const { timers, pass } = fakeClock();
  let fired = 0;
  const timer = timers.add(() => (fired += 1));
  pass(1000);
  expect(fired).toBe(0);
  timers.set(timer, 300);
  pass(299);
  expect(fired).toBe(0);
  pass(1);
  expect(fired).toBe(1);
  pass(10_000);
  expect(fired).toBe(1);
  timers.set(timer, 50);
  pass(50);
  expect(fired).toBe(2);
});

test('a timer that is moved, switched off or removed does not fire at its old time', () => {
  const { timers, pass } = fakeClock();
  const fired: string[] = [];
  const moved = timers.add(() => fired.push('moved'));
  const off = timers.add(() => fired.push('off'));
  const removed = timers.add(() => fired.push('removed'));
  for (const timer of [moved, off, removed]) timers.set(timer, 100);
  timers.set(moved, 500);
  off.at = Number.POSITIVE_INFINITY;
  timers.remove(removed);
  pass(499);
  expect(fired).toEqual([]);
  pass(11);
  expect(fired).toEqual(['moved']);
});

test('10,000 timers share one timer; without any that is set there is none', () => {
  const { timers, scheduled, pass } = fakeClock();
  const all = Array.from({ length: 10_000 }, () => timers.add(() => {}));
  expect(scheduled()).toBe(0);
  for (const [index, timer] of all.entries()) timers.set(timer, 60_000 + index);
  expect(scheduled()).toBe(1);
  for (const timer of all) timers.remove(timer);
  pass(120_000);
  expect(scheduled()).toBe(0);
});

test('a timer that sets itself from its own firing fires on', () => {
  const { timers, pass } = fakeClock();
  let fired = 0;
  const timer = timers.add(() => {
    fired += 1;
    timers.set(timer, 100);
  });
  timers.set(timer, 100);
  pass(1000);
  expect(fired).toBeWithin(9, 11);
});
