import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { connectionHistories, type SizedItems, sizedItems } from './connection-history.ts';

const item = (text: string) => ({ type: 'message', role: 'user', content: text });
const nothing: SizedItems = { items: [], bytes: 0 };
const said = (...items: ReturnType<typeof item>[]): SizedItems => ({
  items,
  bytes: Buffer.byteLength(JSON.stringify(items)),
});
const kib = 1024;
const histories = (own = 10 * kib, all = 20 * kib) =>
  connectionHistories(() => ({ 'connection-history': own, 'all-connections-history': all }));

test('a conversation is what was said up to and with its answer, also in two that part', () => {
  const history = histories().open();
  history.keep('a', nothing, said(item('1')));
  history.keep('b', { id: 'a' }, said(item('2')));
  history.keep('c', { id: 'a' }, said(item('3')));
  history.keep('d', said(item('0')), said(item('4')));
  expect(history.conversation('b')).toEqual([item('1'), item('2')]);
  expect(history.conversation('c')).toEqual([item('1'), item('3')]);
  expect(history.conversation('d')).toEqual([item('0'), item('4')]);
});

test('H4: the oldest of a connection goes when it holds too much, and what is shared counts once', () => {
  const all = histories();
  const history = all.open();
  history.keep('long', nothing, said(item('x'.repeat(6 * kib))));
  for (let at = 0; at < 10; at++)
    history.keep(`on-${at}`, { id: at === 0 ? 'long' : `on-${at - 1}` }, said(item('y')));
  expect(history.conversation('long')).toBeDefined();
  history.keep('other', nothing, said(item('z'.repeat(6 * kib))));
  expect(history.conversation('long')).toBeUndefined();
  expect(history.conversation('on-9')).toBeUndefined();
  expect(history.conversation('other')).toBeDefined();
  expect(all.bytes).toBeLessThan(7 * kib);
});

test('H4: all connections together hold no more, and a closed one holds nothing', () => {
  const all = histories();
  const open = ['a', 'b', 'c', 'd'].map((id) => {
    const history = all.open();
    history.keep(id, nothing, said(item(id.repeat(6 * kib))));
    return history;
  });
  const kept = (): boolean[] =>
    open.map((history, at) => history.conversation('abcd'[at] ?? '') !== undefined);
  expect(kept()).toEqual([false, true, true, true]);
  for (const history of open) history.clear();
  expect(kept()).toEqual([false, false, false, false]);
  expect(all.bytes).toBe(0);
});

test('H4: more than a connection may hold is not kept at all', () => {
  const history = histories().open();
  history.keep('huge', nothing, said(item('x'.repeat(11 * kib))));
  expect(history.conversation('huge')).toBeUndefined();
});

test('H4: whatever is kept, replaced and closed, the bounds hold and nothing is counted that is gone', () => {
  const step = fc.record({
    connection: fc.nat({ max: 3 }),
    id: fc.nat({ max: 5 }),
    before: fc.option(fc.nat({ max: 5 })),
    bytes: fc.nat({ max: 4 * kib }),
    closes: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const all = histories();
      const open = [0, 1, 2, 3].map(() => all.open());
      for (const { connection, id, before, bytes, closes } of steps) {
        const history = open[connection];
        if (closes) history?.clear();
        else
          history?.keep(
            `${id}`,
            before === null ? nothing : { id: `${before}` },
            said(item('x'.repeat(bytes))),
          );
        expect(all.bytes).toBeLessThanOrEqual(20 * kib);
      }
      for (const history of open) history.clear();
      expect(all.bytes).toBe(0);
    }),
  );
});

test('what was said is as long as its items are as JSON', async () => {
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ type: fc.string(), content: fc.string({ unit: 'grapheme' }) })),
      async (items) => {
        const { bytes } = await sizedItems(items);
        expect(bytes).toBe(items.reduce((sum, one) => sum + Buffer.byteLength(JSON.stringify(one)), 0));
      },
    ),
  );
});
