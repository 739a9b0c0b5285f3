import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { changedRows, changesOf, emptyOverview, type Look, nothingSent, together } from './frame.ts';
import type { AccountRow, Frame } from './wire.ts';

function row(id: string, priority: number): AccountRow {
  return {
    ...{
      id,
      index: id,
      label: id,
      provider: 'claude',
      file: null,
      email: null,
      plan: null,
      state: 'ready',
      reason: null,
    },
    ...{ until: null, models: null, cooldowns: [], windows: [], inFlight: 0, priority },
    ...{ note: null, lastUse: null, recent: null },
  } as const satisfies AccountRow;
}

const looks = fc.array(
  fc.record({
    rows: fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(2)), {
      selector: ([id]) => id,
    }),
    ready: fc.nat(2),
  }),
  { minLength: 1, maxLength: 8 },
);

function lookOf({ rows, ready }: { rows: [string, number][]; ready: number }): Look {
  return {
    accounts: rows.map(([id, priority]) => row(id, priority)),
    overview: {
      ...emptyOverview,
      state: { accounts: rows.length, ready, cooling: [], coolingCount: 0, sandbox: false, away: [] },
    },
  };
}

/** What a console has after these frames. */
function seen(frames: readonly Frame[]): Look {
  let accounts: AccountRow[] = [];
  let overview = emptyOverview;
  for (const frame of frames) {
    if (frame.accounts) accounts = changedRows(accounts, frame.accounts);
    overview = { ...overview, ...frame.overview };
  }
  return { accounts, overview };
}

test('the changes of all looks, one after the other, are what the last look saw', () => {
  fc.assert(
    fc.property(looks, (given) => {
      const sent = nothingSent();
      const all = given.map(lookOf);
      expect(seen(all.map((look) => changesOf(look, sent)))).toEqual(all.at(-1) ?? seen([]));
    }),
  );
});

test('a slow reader that gets all changes in one frame sees the same', () => {
  fc.assert(
    fc.property(looks, (given) => {
      const sent = nothingSent();
      const all = given.map(lookOf);
      const frames = all.map((look): Frame => changesOf(look, sent));
      const one = frames.reduce<Frame | undefined>(together, undefined);
      expect(seen([one ?? {}])).toEqual(all.at(-1) ?? seen([]));
    }),
  );
});

test('that there is no account is said at first, too: a page knows that it has all', () => {
  const sent = nothingSent();
  const look = lookOf({ rows: [], ready: 0 });
  expect(changesOf(look, sent).accounts).toEqual({ rows: [], order: [] });
  expect(changesOf(look, sent).accounts).toBeUndefined();
});

test('a look that is the same as before changes nothing', () => {
  const sent = nothingSent();
  changesOf(lookOf({ rows: [['a', 1]], ready: 1 }), sent);
  expect(changesOf(lookOf({ rows: [['a', 1]], ready: 1 }), sent)).toEqual({});
  expect(changesOf(lookOf({ rows: [['a', 2]], ready: 1 }), sent)).toEqual({
    accounts: { rows: [row('a', 2)] },
  });
});
