/** What holds of a pool whatever happens. */
import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { testCredential } from '../../test/simulation/accounts.ts';
import { anybody, fail, poolOf } from '../../test/simulation/pool-runs.ts';
import type { Candidate } from './catalog.ts';
import { type RuleKind, ruleKinds } from './cooldown-table.ts';
import type { Lease, Pool } from './pool.ts';
import { quotaReserve } from './quota.ts';
import { strategyNames } from './strategy.ts';

/** What may happen to a pool, in the order in which it happens. */
type Step =
  | {
      do: 'request';
      lastResort: boolean;
      outcome: 'ok' | 'later' | RuleKind | 'abandoned';
      hint: number | undefined;
    }
  | { do: 'wait'; seconds: number }
  | { do: 'reset'; which: number }
  | { do: 'finish-one' };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('request' as const),
        lastResort: fc.boolean(),
        outcome: fc.constantFrom('ok', 'later', 'abandoned', ...ruleKinds),
        hint: fc.option(fc.integer({ min: 0, max: 100_000 }), { nil: undefined }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 0, max: 4000 }) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('reset' as const), which: fc.nat(7) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('finish-one' as const) }) },
  ),
  { maxLength: 80 },
);

/** Whether the cooldowns that the pool reports let a credential serve; worked out anew, without any order being kept. */
function mayServe(pool: Pool, { credential, model }: Candidate, now: number): boolean {
  return pool
    .cooldowns(now)
    .every(
      ({ credential: id, cooldown }) =>
        id !== credential.id ||
        (cooldown.model !== undefined && cooldown.model !== model) ||
        cooldown.until <= now,
    );
}

test.each([...strategyNames])(
  '%s: whatever happens, nobody serves who is cooling down, no lower priority serves while a higher one may, and nobody who may is forgotten',
  (strategy) => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ priority: fc.nat(2), weight: fc.integer({ min: 1, max: 4 }) }), {
          minLength: 1,
          maxLength: 8,
        }),
        steps,
        (shapes, script) => {
          const credentials = shapes.map((shape, index) => testCredential(`c${index}`, shape));
          const { pool, route } = poolOf(credentials, strategy);
          const candidates = route.tiers.flat();
          const open: Lease[] = [];
          let now = 1_000_000;
          for (const step of script) {
            now += 1;
            if (step.do === 'wait') now += step.seconds * 1000;
            else if (step.do === 'reset') pool.reset(`c${step.which}`, undefined, now);
            else if (step.do === 'finish-one') {
              const lease = open.shift();
              if (lease !== undefined) pool.end(lease, now);
            } else {
              const free = candidates.filter((candidate) => mayServe(pool, candidate, now));
              const choice = pool.choose(route, { ...anybody, lastResort: step.lastResort }, now);
              if (choice.kind === 'none') {
                expect(free).toEqual([]);
                continue;
              }
              const { lease } = choice;
              if (free.length > 0) {
                expect(free).toContain(lease.candidate);
                const best = Math.max(...free.map(({ credential }) => credential.priority));
                expect(lease.candidate.credential.priority).toBe(best);
              } else expect(step.lastResort).toBe(true);
              if (step.outcome === 'later') open.push(lease);
              else if (step.outcome === 'abandoned') pool.abandon(lease, now);
              else if (step.outcome !== 'ok') fail(pool, lease, step.outcome, now, step.hint);
              else {
                pool.succeed(lease, now);
                pool.end(lease, now);
              }
            }
            const { ready, coolingDown, reserved } = pool.survey(route, 0, now);
            expect(ready + coolingDown + reserved).toBe(candidates.length);
          }
          for (const lease of open) pool.end(lease, now);
          for (const { id } of credentials) expect(pool.inFlightOf(id)).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  },
);

const requestsUnderWay = fc.array(
  fc.oneof(
    fc.constant('begin' as const),
    fc.record({ end: fc.nat(20) }),
    fc.record({ told: fc.nat(9), left: fc.integer({ min: 0, max: 20 }) }),
  ),
  { maxLength: 120 },
);

test('least-busy: nobody who serves had more requests under way than another who could', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), requestsUnderWay, (count, script) => {
      const credentials = Array.from({ length: count }, (_, index) => testCredential(`c${index}`));
      const { pool, take } = poolOf(credentials, 'least-busy');
      const open: Lease[] = [];
      script.forEach((step, now) => {
        if (step === 'begin') {
          const load = credentials.map(({ id }) => pool.inFlightOf(id));
          const lease = take(now);
          expect(load[credentials.indexOf(lease.candidate.credential)]).toBe(Math.min(...load));
          open.push(lease);
        } else if ('end' in step) {
          const [lease] = open.splice(step.end % Math.max(1, open.length), 1);
          if (lease !== undefined) pool.end(lease, now);
        }
      });
    }),
  );
});

test('quota-aware: nobody who has less than the reserve left serves while another has more', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), requestsUnderWay, (count, script) => {
      const credentials = Array.from({ length: count }, (_, index) => testCredential(`c${index}`));
      const { pool, route, take } = poolOf(credentials, 'quota-aware');
      const candidates = route.tiers.flat();
      const left = new Map<Candidate, number>();
      script.forEach((step, now) => {
        if (step === 'begin') {
          const { candidate } = take(now);
          const best = Math.max(...candidates.map((one) => left.get(one) ?? 1));
          if (best > quotaReserve) expect(left.get(candidate) ?? 1).toBeGreaterThan(quotaReserve);
        } else if ('told' in step) {
          const candidate = candidates[step.told % count];
          if (candidate === undefined) return;
          const share = step.left / 20;
          left.set(candidate, share);
          const window = {
            name: '5h',
            ofModel: false,
            left: share,
            closed: false,
            resetsAt: 1e6 + step.told * 1e5,
            reportedAt: now,
          };
          pool.reportQuota(candidate, [window], now);
        }
      });
    }),
  );
});

test('weighted-round-robin: over a round each credential serves exactly as often as its weight says', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 10 }), (weights) => {
      const credentials = weights.map((weight, index) => testCredential(`c${index}`, { weight }));
      const round = weights.reduce((sum, weight) => sum + weight, 0);
      const served = poolOf(credentials, 'weighted-round-robin').serve(round, 0);
      expect(credentials.map(({ id }) => served.filter((one) => one === id).length)).toEqual(weights);
    }),
  );
});
