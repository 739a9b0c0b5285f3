import { expect, test } from 'bun:test';
import { fakeClock } from '../../../test/fake-clock.ts';
import { usageRecord } from '../../../test/usage-records.ts';
import { createCredentialBudgets } from '../../limits/credential-budgets.ts';
import { type MeterState, meterStep, newMeter } from './meter.ts';
import { createSharedSpending } from './shared-spending.ts';

test('a budget that replicas spend together is spent for all of them', async () => {
  const time = fakeClock(new Date(2026, 10, 29, 12).getTime());
  const { now } = time;
  const states = new Map<string, MeterState>();
  const spent: string[] = [];
  const [one, two] = ['one', 'two'].map((replica) => {
    const shared = createSharedSpending({
      meters: {
        async say(name, message) {
          const { state, reply } = meterStep(states.get(name) ?? newMeter, message, now());
          states.set(name, state);
          return reply;
        },
      },
      replica,
      isUp: () => true,
      clock: time,
    });
    const budgets = createCredentialBudgets({
      now,
      warn: () => undefined,
      onSpent: (credentials, { limit }) => spent.push(`${replica}: ${credentials.join()} ${limit}`),
      onLeft: () => undefined,
      shared,
    });
    budgets.use([{ id: 'c-1', budget: { day: { tokens: 2000 } } }]);
    return budgets;
  });
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 50) {
      time.pass(50);
      await Bun.sleep(0);
    }
  };
  // Each is one of 1,050 tokens.
  one?.add(usageRecord({ at: now() }));
  await pass(1500);
  expect(spent).toEqual([]);
  expect(two?.usageOf('c-1')[0]).toMatchObject({ limit: 'budget.day.tokens', most: 2000, used: 1050 });
  two?.add(usageRecord({ at: now() }));
  await pass(1500);
  expect(new Set(spent)).toEqual(new Set(['one: c-1 budget.day.tokens', 'two: c-1 budget.day.tokens']));
});
