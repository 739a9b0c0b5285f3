import { describe, expect, test } from 'bun:test';
import { usageRecord } from '../../test/usage-records.ts';
import { createUsageQueue } from './usage-queue.ts';

const hour = 3_600_000;
const settings = (recording: boolean) => ({
  ...{ 'usage-statistics-enabled': recording, 'redis-usage-queue-retention-seconds': hour / 1000 },
});

function queue() {
  let now = 0;
  const made = createUsageQueue(() => now);
  made.configure(settings(true));
  return {
    queue: made,
    at(time: number) {
      now = time;
    },
    add(...ids: string[]) {
      for (const id of ids) made.add({ ...usageRecord({ at: now }), id });
    },
    take: (reader: string, count: number) => made.take(reader, count).map(({ record }) => record.id),
  };
}

test('records come once, the oldest first', () => {
  const self = queue();
  self.add('a', 'b', 'c');
  expect(self.take('', 2)).toEqual(['a', 'b']);
  expect(self.take('', 2)).toEqual(['c']);
  expect(self.take('', 2)).toEqual([]);
});

test('each reader has a position of its own', () => {
  const self = queue();
  self.add('a', 'b');
  expect(self.take('keeper', 9)).toEqual(['a', 'b']);
  self.add('c');
  expect(self.take('', 9)).toEqual(['a', 'b', 'c']);
  expect(self.take('keeper', 9)).toEqual(['c']);
});

test('what is older than the time they are kept is gone', () => {
  const self = queue();
  self.add('a');
  self.at(hour - 1);
  self.add('b');
  self.at(hour);
  expect(self.take('', 9)).toEqual(['b']);
});

describe('bounds', () => {
  test('the oldest go when there are too many', () => {
    const self = queue();
    for (let index = 0; index < 25_000; index += 1) self.add(String(index));
    const left = self.take('', 100_000);
    expect(left.length).toBeLessThanOrEqual(20_000);
    expect(left.at(-1)).toBe('24999');
    expect(left.at(0)).toBe(String(25_000 - left.length));
  });

  test('large ones take the place of many small ones', () => {
    const self = queue();
    const observed = {
      address: undefined,
      forwardedFor: '',
      userAgent: '',
      endpoint: '',
      error: 'x'.repeat(1024 * 1024),
    };
    const passing = { overhead: 0, upstream: undefined, losses: [], trace: undefined, observed };
    for (let index = 0; index < 100; index += 1) self.queue.add(usageRecord({ at: 0, passing }));
    expect(self.queue.take('', 1000).length).toBeLessThan(9);
  });

  test('readers that never come back are forgotten', () => {
    const self = queue();
    self.add('a');
    for (let index = 0; index < 100; index += 1) self.take(`reader ${index}`, 1);
    expect(self.take('reader 99', 1)).toEqual([]);
    expect(self.take('reader 0', 1)).toEqual(['a']);
  });
});

test('nothing is recorded while it is off, and what there was is gone', () => {
  const self = queue();
  self.add('a');
  self.queue.configure(settings(false));
  self.add('b');
  expect(self.queue.recording).toBe(false);
  self.queue.configure(settings(true));
  expect(self.take('', 9)).toEqual([]);
  self.add('c');
  expect(self.take('', 9)).toEqual(['c']);
});

test('requests that nobody was asked about are left out', () => {
  const self = queue();
  self.queue.add(usageRecord({ at: 0, served: undefined }));
  expect(self.take('', 9)).toEqual([]);
});
