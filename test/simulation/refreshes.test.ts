/**
 * The promises about single-use refresh tokens, held against every misfortune: fast-check makes plans, prints the seed of one that breaks
 * a promise, and makes it smaller. `REFRESH_RUNS=500 bun test ./test/simulation/refreshes.test.ts` looks longer.
 */
import { expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  leaseMs,
  type RefreshOutcome,
  type RefreshPlan,
  type RefreshStep,
  simulateRefreshes,
  uncertainMs,
} from './simulated-refresh.ts';

const numRuns = Number(process.env.REFRESH_RUNS ?? 12);

const way = fc.oneof(
  { weight: 14, arbitrary: fc.integer({ min: 0, max: 3 }) },
  { weight: 3, arbitrary: fc.integer({ min: 4, max: 3000 }) },
  { weight: 1, arbitrary: fc.constant(undefined) },
);

const does: fc.Arbitrary<RefreshStep['does']> = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ kind: 'refresh' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('kill' as const), back: fc.integer({ min: 1, max: 20_000 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('stop' as const),
      for: fc.oneof(
        fc.integer({ min: 1, max: leaseMs }),
        fc.integer({ min: leaseMs, max: leaseMs + uncertainMs / 2 }),
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('cut' as const), for: fc.integer({ min: 1, max: 20_000 }) }),
  },
);

const after = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 12 }) },
  { weight: 2, arbitrary: fc.integer({ min: 10, max: 5000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 5000, max: 60_000 }) },
);

const plans: fc.Arbitrary<RefreshPlan> = fc.record({
  clocks: fc.array(
    fc.record({
      drift: fc.double({ min: -0.02, max: 0.02, noNaN: true }),
      off: fc.integer({ min: -60_000, max: 60_000 }),
    }),
    { minLength: 2, maxLength: 4, size: 'max' },
  ),
  passages: fc.array(fc.record({ there: way, back: way }), { minLength: 5, maxLength: 24, size: 'max' }),
  thinking: fc.array(fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 20, max: 15_000 })), {
    minLength: 1,
    maxLength: 5,
  }),
  steps: fc.array(fc.record({ after, replica: fc.nat({ max: 3 }), does }), {
    minLength: 20,
    maxLength: 60,
    size: 'max',
  }),
});

function holds(promise: (outcome: RefreshOutcome) => void): Promise<void> {
  return fc.assert(
    fc.asyncProperty(plans, async (plan) => promise(await simulateRefreshes(plan))),
    { numRuns, interruptAfterTimeLimit: 60_000 },
  );
}

test('a token is spent again only where nobody alive can know what became of it', async () => {
  await holds(({ presented }) => {
    for (const [index, one] of presented.entries()) {
      const before = presented.slice(0, index).findLast(({ generation }) => generation === one.generation);
      if (before === undefined) continue;
      // Whoever had the answer, and was there to write it, has written it in the time that it is given for that.
      const late = one.at - before.at >= leaseMs + uncertainMs;
      expect(before.delivered && !late, `generation ${one.generation} at ${before.at} and ${one.at}`).toBe(
        false,
      );
    }
  });
}, 120_000);

test('no login is lost: when all is quiet every replica has the latest tokens, and nothing is left over', async () => {
  await holds(({ revoked, generation, read, leftOver }) => {
    expect({ revoked, read, leftOver }).toEqual({
      revoked: false,
      read: read.map(() => generation),
      leftOver: false,
    });
  });
}, 120_000);

test('the simulation sees a token that is spent twice, where a holder that was stopped is given no time', async () => {
  const step = (after: number, replica: number, does: RefreshStep['does']): RefreshStep => ({
    after,
    replica,
    does,
  });
  const { presented } = await simulateRefreshes({
    clocks: [
      { drift: 0, off: 0 },
      { drift: 0, off: 0 },
    ],
    passages: [{ there: 1, back: 1 }],
    thinking: [5000],
    uncertain: 0,
    steps: [
      step(10, 0, { kind: 'refresh' }),
      step(500, 0, { kind: 'stop', for: 60_000 }),
      step(100, 1, { kind: 'refresh' }),
      step(100_000, 1, { kind: 'refresh' }),
    ],
  });
  expect(presented.slice(0, 2).map(({ generation }) => generation)).toEqual([1, 1]);
});
