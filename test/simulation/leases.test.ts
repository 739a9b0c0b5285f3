/**
 * The promises about shared limits, held against every misfortune: fast-check makes plans, prints the seed of one that breaks a
 * promise, and makes it as small as it can. `LEASE_RUNS=5000 bun test ./test/simulation/leases.test.ts` looks longer.
 */
import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { type Admitted, type Outcome, type Plan, type Step, simulate } from './simulated-cluster.ts';

const numRuns = Number(process.env.LEASE_RUNS ?? 30);

/** Mostly as quick as in one data centre; otherwise slow, or lost. */
const way = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 0, max: 2 }) },
  { weight: 2, arbitrary: fc.integer({ min: 3, max: 400 }) },
  { weight: 1, arbitrary: fc.constant(undefined) },
);
const passages = fc.array(
  fc.record({
    there: way,
    back: way,
    again: fc.option(fc.integer({ min: 0, max: 20_000 }), { nil: undefined, freq: 2 }),
  }),
  { minLength: 1, maxLength: 12 },
);

function stepsOf(kind: Plan['kind'], most: number, faults: boolean): fc.Arbitrary<Step[]> {
  const replica = fc.nat({ max: 3 });
  const request = fc
    .record({
      units: kind === 'total' ? fc.integer({ min: 1, max: Math.max(1, most >> 3) }) : fc.constant(1),
      saves: fc.oneof(
        { weight: 3, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.nat({ max: 20 }) },
      ),
      takes: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 50, max: 20_000 })),
    })
    .map(({ units, saves, takes }) => {
      const uses = kind === 'total' ? Math.max(0, units - saves) : 1;
      return { kind: 'request' as const, units, uses, takes };
    });
  const fault: fc.Arbitrary<Step['does']> = fc.oneof(
    fc.constant({ kind: 'kill' as const }),
    fc.record({ kind: fc.constant('stop' as const), for: fc.integer({ min: 1, max: 40_000 }) }),
    fc.record({ kind: fc.constant('cut' as const), for: fc.integer({ min: 1, max: 40_000 }) }),
  );
  const does: fc.Arbitrary<Step['does']> = faults
    ? fc.oneof({ weight: 25, arbitrary: request }, { weight: 1, arbitrary: fault })
    : request;
  const after = fc.oneof(
    { weight: 15, arbitrary: fc.constant(0) },
    { weight: 25, arbitrary: fc.integer({ min: 1, max: 30 }) },
    { weight: 1, arbitrary: fc.integer({ min: 30, max: 20_000 }) },
  );
  return fc.array(fc.record({ after, replica, does }), { minLength: 40, maxLength: 250, size: 'max' });
}

function plans(kind: Plan['kind'], faults = true): fc.Arbitrary<Plan> {
  return fc.integer({ min: 1, max: 60 }).chain((most) =>
    fc.record({
      kind: fc.constant(kind),
      most: fc.constant(most),
      drifts: fc.array(fc.double({ min: -0.02, max: 0.02, noNaN: true }), { minLength: 2, maxLength: 4 }),
      passages,
      steps: stepsOf(kind, most, faults),
    }),
  );
}

function holds(plan: fc.Arbitrary<Plan>, promise: (plan: Plan, outcome: Outcome) => void): Promise<void> {
  return fc.assert(
    fc.asyncProperty(plan, async (one) => promise(one, await simulate(one))),
    // A plan that fails is made smaller for as long.
    { numRuns, interruptAfterTimeLimit: 60_000 },
  );
}

/** The most that was let in within any span of so many ms. */
function mostWithin(
  admitted: readonly Admitted[],
  span: number,
  units: (one: Admitted) => number,
): { sum: number; from: number; to: number } {
  let worst = { sum: 0, from: 0, to: 0 };
  admitted.forEach(({ at }, index) => {
    const within = admitted.slice(index).filter((one) => one.at < at + span);
    const sum = within.reduce((total, one) => total + units(one), 0);
    if (sum > worst.sum) worst = { sum, from: at, to: at + span };
  });
  return worst;
}

test('a window: never more than the limit in any minute, but for what a replica that is gone had not said', async () => {
  await holds(plans('window'), ({ most }, { admitted, untold }) => {
    const { sum } = mostWithin(admitted, 60_000, ({ uses }) => uses);
    const lost = untold.reduce((total, { units }) => total + units, 0);
    expect(sum).toBeLessThanOrEqual(most + lost);
  });
});

test('a budget: never over, but for what a replica that is gone had not said; and counted to the last unit', async () => {
  await holds(plans('total'), ({ most }, { untold, counted, used }) => {
    const lost = untold.reduce((total, { units }) => total + units, 0);
    expect(used).toBeLessThanOrEqual(most + lost);
    expect(counted).toBeGreaterThanOrEqual(used);
    expect(counted).toBeLessThanOrEqual(used + lost);
  });
});

test('places: never more taken at a time than there are, but for those of a replica that is gone', async () => {
  await holds(plans('slots'), ({ most }, { admitted, untold }) => {
    const lost = untold.reduce((total, { units }) => total + units, 0);
    for (const { at } of admitted) {
      const taken = admitted.filter((one) => one.at <= at && at < one.until).length;
      expect(taken).toBeLessThanOrEqual(most + lost);
    }
  });
});

test('nothing is kept for nobody: when all is quiet, all is given back and the next request is let in', async () => {
  for (const kind of ['window', 'slots'] as const)
    await holds(plans(kind), (_, { leased, letsIn }) => {
      expect(leased).toBe(0);
      expect(letsIn).toBe(true);
    });
});

test('a good network with no faults refuses nobody while there is room, at whichever replica they ask', async () => {
  const good = plans('window', false).map((plan) => ({
    ...plan,
    drifts: plan.drifts.map(() => 0),
    passages: [{ there: 1, back: 1, again: undefined }],
  }));
  await holds(good, ({ most, steps }, { admitted }) => {
    const asked = steps.reduce((sum, { does }) => sum + (does.kind === 'request' ? does.units : 0), 0);
    const expected = steps.reduce((sum, { does }) => sum + (does.kind === 'request' ? 1 : 0), 0);
    if (asked <= most / 2) expect(admitted).toHaveLength(expected);
  });
});
