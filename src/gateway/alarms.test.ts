import { expect, test } from 'bun:test';
import { fakeTime } from '../../test/fake-time.ts';

test('an alarm rings once when its time has come, and again when it is set again', () => {
  const { alarms, pass } = fakeTime();
  let rung = 0;
  const alarm = alarms.add(() => (rung += 1));
  pass(1000);
  expect(rung).toBe(0);
  alarms.set(alarm, 300);
  pass(299);
  expect(rung).toBe(0);
  pass(1);
  expect(rung).toBe(1);
  pass(10_000);
  expect(rung).toBe(1);
  alarms.set(alarm, 50);
  pass(50);
  expect(rung).toBe(2);
});

test('an alarm that is moved, switched off or removed does not ring at its old time', () => {
  const { alarms, pass } = fakeTime();
  const rung: string[] = [];
  const moved = alarms.add(() => rung.push('moved'));
  const off = alarms.add(() => rung.push('off'));
  const removed = alarms.add(() => rung.push('removed'));
  for (const alarm of [moved, off, removed]) alarms.set(alarm, 100);
  alarms.set(moved, 500);
  off.at = Number.POSITIVE_INFINITY;
  alarms.remove(removed);
  pass(499);
  expect(rung).toEqual([]);
  pass(11);
  expect(rung).toEqual(['moved']);
});

test('10,000 alarms share one timer; without any that is set there is none', () => {
  const { alarms, scheduled, pass } = fakeTime();
  const all = Array.from({ length: 10_000 }, () => alarms.add(() => {}));
  expect(scheduled()).toBe(0);
  for (const [index, alarm] of all.entries()) alarms.set(alarm, 60_000 + index);
  expect(scheduled()).toBe(1);
  for (const alarm of all) alarms.remove(alarm);
  pass(120_000);
  expect(scheduled()).toBe(0);
});

test('an alarm that sets itself from its own ring rings on', () => {
  const { alarms, pass } = fakeTime();
  let rung = 0;
  const alarm = alarms.add(() => {
    rung += 1;
    alarms.set(alarm, 100);
  });
  alarms.set(alarm, 100);
  pass(1000);
  expect(rung).toBeWithin(9, 11);
});
