import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { barsOf, filterOf, serverFilter, valuesOf } from '../../console/request-filter.ts';
import type { RequestRow } from '../../src/console/wire.ts';

const now = Date.UTC(2026, 10, 29, 12);

function row(more: Partial<RequestRow>): RequestRow {
  return {
    ...{ id: 'req', at: new Date(now - 60_000).toISOString(), key: 'ann', asked: 'm', model: 'm' },
    ...{
      provider: 'claude',
      credential: 'c',
      protocol: 'openai-chat',
      stream: true,
      status: 200,
      error: null,
    },
    ...{ ttft: 10, duration: 2000, input: 1, cacheRead: 0, output: 1, cost: null, subscription: false },
    ...{ attempts: 1, ...more },
  };
}

const fits = (more: Partial<RequestRow>, query: string): boolean =>
  filterOf(new URLSearchParams(query), () => now)?.(row(more)) ?? true;

test.each<[query: string, more: Partial<RequestRow>, meant: boolean]>([
  ['', {}, true],
  ['status=failed', {}, false],
  ['status=failed', { status: 500 }, true],
  ['status=failed', { error: 'client-gone' }, true],
  ['status=ok', { status: null, duration: null }, false],
  ['key=ann', {}, true],
  ['key=bob', {}, false],
  ['asked=m&credential=c&protocol=openai-chat', {}, true],
  ['slower=1.5', {}, true],
  ['slower=3', {}, false],
  ['slower=30', { status: null, duration: null }, true],
  ['from=2026-11-29T11:58:00Z&to=2026-11-29T12:00:00Z', {}, true],
  ['from=2026-11-29T11:59:30Z', {}, false],
  ['to=2026-11-29T11:59:00Z', {}, false],
  ['text=AN', {}, true],
  ['text=503', { status: 503 }, true],
  ['text=nowhere', {}, false],
])('%s of %j', (query, more, meant) => {
  expect(fits(more, query)).toBe(meant);
});

test('older ones are asked for with the same filter, by the names of the server', () => {
  const asked = serverFilter(new URLSearchParams('asked=m&from=a&text=x&slower=3'), 'req_1');
  expect(asked.toString()).toBe('limit=500&model=m&since=a&before=req_1');
});

test('without a filter no row is looked at', () => {
  expect(filterOf(new URLSearchParams('status=&view=x'), () => now)).toBeUndefined();
});

test('what can be chosen is what the rows have, and what is chosen', () => {
  const rows = [row({ key: 'bob' }), row({ key: null, credential: null }), row({})];
  expect(valuesOf(rows, new URLSearchParams('asked=other'))).toEqual({
    key: ['ann', 'bob'],
    asked: ['m', 'other'],
    credential: ['c'],
    protocol: ['openai-chat'],
  });
});

test('the bars hold every row once, from the first to now', () => {
  const rows = [0, 1, 30, 59, 60].map((minutes) =>
    row({ at: new Date(now - minutes * 60_000).toISOString(), status: minutes === 30 ? 500 : 200 }),
  );
  const bars = barsOf(rows, 60, now);
  expect(bars.reduce((sum, { ok, failed }) => sum + ok + failed, 0)).toBe(5);
  expect(bars.reduce((sum, { failed }) => sum + failed, 0)).toBe(1);
  expect(barsOf([row({})], 60, now)).toEqual([]);
});

test('bars are never too many, hold every row, and begin at multiples of their length', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 400 * 86_400_000 }), { minLength: 2 }), (ages) => {
      const rows = ages.map((age) => row({ at: new Date(now - age).toISOString() }));
      const bars = barsOf(rows, 60, now);
      expect(bars.length).toBeLessThanOrEqual(60);
      expect(bars.reduce((sum, { ok }) => sum + ok, 0)).toBe(rows.length);
      expect(bars.filter(({ from, to }) => from % (to - from) !== 0)).toEqual([]);
    }),
  );
});

test('one more request changes one bar, and no other', () => {
  const rows = Array.from({ length: 3000 }, (_, at) => row({ at: new Date(now - at * 1000).toISOString() }));
  const before = barsOf(rows, 60, now).map((bar) => JSON.stringify(bar));
  const after = barsOf([row({ at: new Date(now + 1000).toISOString() }), ...rows], 60, now + 1000);
  expect(after.filter((bar) => !before.includes(JSON.stringify(bar))).length).toBe(1);
});
