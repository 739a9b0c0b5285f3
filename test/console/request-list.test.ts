import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { noRequests, withRequests } from '../../console/request-list.ts';
import type { RequestRow } from '../../src/console/wire.ts';

function row(id: string, at: number, more: Partial<RequestRow> = {}): RequestRow {
  return {
    ...{ id, at: new Date(at).toISOString(), key: null, asked: 'm', model: 'm', provider: null },
    ...{ credential: null, protocol: null, stream: null, status: 200, error: null, ttft: null },
    ...{ duration: null, input: null, cacheRead: null, output: null, cost: null, subscription: false },
    ...{ attempts: 1, ...more },
  };
}

const rowsOf = fc.array(
  fc.record({ id: fc.integer({ min: 0, max: 60 }), at: fc.integer({ min: 0, max: 20 }) }),
  { maxLength: 30 },
);

test('however requests come, the list has each once, the newest first', () => {
  fc.assert(
    fc.property(fc.array(rowsOf, { maxLength: 6 }), fc.integer({ min: 1, max: 40 }), (batches, most) => {
      let list = noRequests;
      const times = new Map<string, number>();
      for (const batch of batches) {
        const rows = batch.map(({ id, at }) => row(`r${id}`, times.get(`r${id}`) ?? at));
        for (const { id, at } of rows) times.set(id, Date.parse(at));
        list = withRequests(list, rows, most);
        expect(list.rows.length).toBeLessThanOrEqual(most);
        expect([...list.ids].toSorted()).toEqual(list.rows.map(({ id }) => id).toSorted());
        const shown = list.rows.map(({ at }) => at);
        expect(shown).toEqual(shown.toSorted().toReversed());
      }
      if (times.size <= most) expect(list.rows.length).toBe(times.size);
    }),
  );
});

test('of requests of the same moment the one that came later is above', () => {
  const list = withRequests(noRequests, [row('b', 5), row('a', 5)], 10);
  expect(withRequests(list, [row('c', 5)], 10).rows.map(({ id }) => id)).toEqual(['c', 'b', 'a']);
});

test('a request that is told again is there once, as it was told last', () => {
  const list = withRequests(noRequests, [row('a', 1), row('b', 2)], 10);
  const again = withRequests(list, [row('a', 1, { status: 500 })], 10);
  expect(again.rows.map(({ id, status }) => [id, status])).toEqual([
    ['b', 200],
    ['a', 500],
  ]);
});

test('the rows that are there stay the same values: nothing of them is drawn again', () => {
  const list = withRequests(noRequests, [row('b', 2), row('a', 1)], 10);
  expect(withRequests(list, [row('c', 3)], 10).rows.slice(1)).toEqual([...list.rows]);
  for (const [at, one] of list.rows.entries())
    expect(withRequests(list, [row('c', 3)], 10).rows[at + 1]).toBe(one);
});
