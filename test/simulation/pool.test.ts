/** A day of traffic over a thousand accounts in a few seconds. A failure prints the seed: SIMULATION_SEED runs it again. */
import { describe, expect, test } from 'bun:test';
import { defaultProbe, defaultRules } from '../../src/credentials/cooldown-table.ts';
import { createPool, type Lease } from '../../src/credentials/pool.ts';
import type { StrategyName } from '../../src/credentials/strategy.ts';
import { randomOf, testCredential, testRoute } from './accounts.ts';
import { answerer, mixedAccounts, type SimulatedAccount } from './simulated-accounts.ts';

const seed = Number(process.env.SIMULATION_SEED ?? Date.now() % 1_000_000);
const start = Date.UTC(2026, 10, 23);
const hour = 3_600_000;

/** What is known of an account from outside: what it was asked and what cooldowns it was given. */
interface Watched {
  account: SimulatedAccount;
  served: number;
  /** When it was asked, and whether that went well. */
  asked: { at: number; ok: boolean; during: boolean }[];
  coolingDownUntil: number;
  lastOk: number;
}

interface Day {
  watched: Map<string, Watched>;
  requests: number;
  refused: number;
  attempts: number;
  end: number;
}

/** Runs requests at even distances; each tries until one serves it. Answers take no time. */
function simulate(
  accounts: SimulatedAccount[],
  { strategy, requests, every }: { strategy: StrategyName; requests: number; every: number },
): Day {
  const pool = createPool({ random: randomOf(seed + 1) });
  const credentials = accounts.map(({ id, priority, weight }) => testCredential(id, { priority, weight }));
  pool.configure(credentials, { strategy, rulesOf: () => defaultRules, quotaOfAccount: false });
  const route = testRoute(credentials);
  const answers = new Map(accounts.map((account) => [account.id, answerer(account)]));
  const watched = new Map(
    accounts.map((account): [string, Watched] => [
      account.id,
      { account, served: 0, asked: [], coolingDownUntil: 0, lastOk: start },
    ]),
  );
  const upper = [...watched.values()].filter(({ account }) => account.priority === 1);
  const day: Day = { watched, requests, refused: 0, attempts: 0, end: start + requests * every };
  const tried = new Set<string>();
  const wanted = { passOver: ({ credential }: Lease['candidate']) => tried.has(credential.id) };
  for (let request = 0; request < requests; request++) {
    const now = start + request * every;
    tried.clear();
    let served = false;
    while (!served) {
      const choice = pool.choose(route, wanted, now);
      if (choice.kind === 'none') break;
      const { lease } = choice;
      const { id } = lease.candidate.credential;
      const one = watched.get(id);
      const answer = answers.get(id)?.(now);
      if (one === undefined || answer === undefined) throw new Error(`who is ${id}?`);
      if (now < one.coolingDownUntil && !lease.during)
        throw new Error(`seed ${seed}: ${id} was asked during its rest`);
      if (one.account.priority === 0 && request % 997 === 0)
        for (const other of upper)
          if (other.coolingDownUntil <= now && !tried.has(other.account.id))
            throw new Error(
              `seed ${seed}: ${id} served while ${other.account.id} of a higher priority could`,
            );
      tried.add(id);
      day.attempts += 1;
      if (one.account.behaviour.kind !== 'healthy')
        one.asked.push({ at: now, ok: answer.ok, during: lease.during });
      if (answer.ok) {
        pool.succeed(lease, now);
        pool.end(lease, now);
        one.served += 1;
        one.lastOk = now;
        one.coolingDownUntil = 0;
        served = true;
      } else {
        const cooldown = pool.fail(
          lease,
          {
            kind: answer.kind,
            model: answer.account ? undefined : 'm',
            retryAfter: answer.retryAfter,
            reason: 'simulated',
          },
          now,
        );
        one.coolingDownUntil = cooldown?.until ?? 0;
      }
    }
    if (!served) day.refused += 1;
  }
  return day;
}

const of = (day: Day, kind: SimulatedAccount['behaviour']['kind']): Watched[] =>
  [...day.watched.values()].filter(({ account }) => account.behaviour.kind === kind);

describe(`a day of a thousand accounts, seed ${seed}`, () => {
  const accounts = mixedAccounts(1000, randomOf(seed));
  const day = simulate(accounts, { strategy: 'round-robin', requests: 1_000_000, every: 80 });
  const upper = (one: Watched) => one.account.priority === 1;

  test('every request is answered, and few attempts are wasted', () => {
    expect(day.refused).toBe(0);
    expect(day.attempts / day.requests).toBeLessThan(1.1);
  });

  test('healthy accounts share evenly: none serves two more than another', () => {
    const shares = of(day, 'healthy')
      .filter(upper)
      .map(({ served }) => served);
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
  });

  test('a lower priority serves nobody while a higher one can', () => {
    const below = [...day.watched.values()].filter((one) => !upper(one));
    expect(below.reduce((sum, { served }) => sum + served, 0)).toBe(0);
  });

  test('an account that always says 429 is asked after 1 s, 2 s, 4 s …, in the end every half hour', () => {
    for (const { asked } of of(day, 'spent').filter(upper)) {
      const pauses = asked.slice(1).map(({ at }, index) => at - (asked[index]?.at ?? 0));
      pauses.slice(0, 14).forEach((pause, index) => {
        const least = Math.min(1000 * 2 ** index, defaultProbe);
        // At most a fifth longer by jitter, and its turn comes round within the time that all others take.
        expect(pause).toBeGreaterThanOrEqual(least);
        expect(pause).toBeLessThanOrEqual(least * 1.2 + 1000 * 80);
      });
      expect(asked.length).toBeLessThanOrEqual(11 + Math.ceil((day.end - start) / defaultProbe));
    }
  });

  test('a key that is revoked is asked at most once in half an hour after the first hour', () => {
    for (const { asked } of of(day, 'revoked').filter(upper)) {
      const late = asked.filter(({ at }) => at > start + 2 * hour);
      expect(late.length).toBeLessThanOrEqual(Math.ceil((day.end - start) / defaultProbe));
    }
  });

  test('an account that works again serves within a probe interval, whatever its provider said', () => {
    const recovering = [...of(day, 'quota'), ...of(day, 'outages')].filter(upper);
    for (const { account, lastOk, asked } of recovering) {
      expect([account.id, day.end - lastOk]).toEqual([account.id, expect.any(Number)]);
      // Windows are an hour at most; then a probe, and a turn.
      expect(day.end - lastOk).toBeLessThanOrEqual(hour + defaultProbe * 1.2 + 80_000);
      expect(asked.some(({ ok }) => ok)).toBe(true);
    }
  });

  test('while a hint of eighteen days stands, one request in half an hour finds out whether it is true', () => {
    const misled = of(day, 'quota').filter(
      ({ account: { behaviour } }) => behaviour.kind === 'quota' && behaviour.hint === 'eighteen-days',
    );
    for (const { asked } of misled) {
      const failed = asked.filter(({ ok }) => !ok);
      for (let i = 1; i < failed.length; i++)
        expect((failed[i]?.at ?? 0) - (failed[i - 1]?.at ?? 0)).toBeGreaterThanOrEqual(defaultProbe);
    }
  });
});

test.each(['fill-first', 'weighted-round-robin', 'least-busy', 'quota-aware'] as const)(
  `%s leaves no request unanswered and asks nobody who is cooling down, seed ${seed}`,
  (strategy) => {
    const accounts = mixedAccounts(200, randomOf(seed));
    const day = simulate(accounts, { strategy, requests: 100_000, every: 100 });
    expect(day.refused).toBe(0);
  },
);

test(`weighted shares of healthy accounts are as their weights, seed ${seed}`, () => {
  const accounts = mixedAccounts(100, randomOf(seed)).map((account) => ({ ...account, priority: 0 }));
  const day = simulate(accounts, { strategy: 'weighted-round-robin', requests: 50_000, every: 100 });
  const perWeight = of(day, 'healthy').map(({ account, served }) => served / account.weight);
  expect(Math.max(...perWeight) - Math.min(...perWeight)).toBeLessThanOrEqual(1.01);
});
