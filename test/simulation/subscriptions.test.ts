/** What `quota-aware` is for: a week of twenty subscriptions, against the strategies that look at no quota. Prints its figures. */
import { expect, test } from 'bun:test';
import type { StrategyName } from '../../src/credentials/strategy.ts';
import { simulateWeek, type Week } from './subscriptions.ts';

/** The first three are those that the strategy's constant was chosen with, the others are not. */
const seeds = [1, 2, 3, 11, 12, 13];

function weeks(strategy: StrategyName, load: number): Week {
  const all = seeds.map((seed) => simulateWeek(strategy, seed, load));
  const sum = (field: keyof Week): number => all.reduce((total, week) => total + week[field], 0);
  const week = {
    requests: sum('requests'),
    served: sum('served'),
    refusals: sum('refusals'),
    lost: Math.round(sum('lost')),
    dry: sum('dry'),
  };
  const share = ((100 * week.served) / week.requests).toFixed(2);
  console.info(
    `load ${load} ${strategy}: ${week.served} of ${week.requests} served (${share} %), ${week.refusals} 429s, ${week.lost} lost at resets, dry ${(week.dry / 3600).toFixed(1)} h`,
  );
  return week;
}

test.each([1, 1.2, 1.35, 1.5])(
  'a week at a load of %d: quota-aware serves most, with fewest 429s',
  (load) => {
    const aware = weeks('quota-aware', load);
    for (const strategy of ['round-robin', 'fill-first'] as const) {
      const other = weeks(strategy, load);
      expect(aware.served).toBeGreaterThanOrEqual(other.served);
      expect(aware.refusals).toBeLessThan(other.refusals / 3);
      expect(aware.dry).toBeLessThanOrEqual(other.dry);
    }
    // Where others run dry, more is served than by them; where they do not, nothing is refused either.
    if (load <= 1.2) expect(aware.dry).toBe(0);
    else expect(aware.served).toBeGreaterThan(weeks('round-robin', load).served);
  },
);
