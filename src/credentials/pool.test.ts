import { describe, expect, test } from 'bun:test';
import { testCredential, testRoute } from '../../test/simulation/accounts.ts';
import { anybody, fail, named, poolOf } from '../../test/simulation/pool-runs.ts';
import type { Candidate } from './catalog.ts';
import { defaultProbe, defaultRules } from './cooldown-table.ts';

describe('strategies', () => {
  test('round-robin goes round, and who comes back from a rest joins at the end', () => {
    const self = poolOf(named('a', 'b', 'c'));
    expect(self.serve(3, 0)).toEqual(['a', 'b', 'c']);
    fail(self.pool, self.take(0), 'quota', 0, 5);
    expect(self.serve(3, 4999)).toEqual(['b', 'c', 'b']);
    expect(self.serve(4, 5000)).toEqual(['c', 'b', 'a', 'c']);
  });

  test('fill-first stays with the first until it cools down, and goes back to it', () => {
    const self = poolOf(named('a', 'b', 'c'), 'fill-first');
    expect(self.serve(3, 0)).toEqual(['a', 'a', 'a']);
    fail(self.pool, self.take(0), 'quota', 0, 5);
    expect(self.serve(2, 1000)).toEqual(['b', 'b']);
    expect(self.serve(2, 5000)).toEqual(['a', 'a']);
  });

  test('weighted-round-robin serves by weight without bunches, and leaves out a weight of 0', () => {
    const credentials = [
      testCredential('a', { weight: 5 }),
      testCredential('b'),
      testCredential('c'),
      testCredential('d', { weight: 0 }),
    ];
    expect(poolOf(credentials, 'weighted-round-robin').serve(7, 0).join('')).toBe('aabcaaa');
  });

  test('least-busy takes the one with the fewest requests under way, over all models', () => {
    const self = poolOf(named('a', 'b'), 'least-busy');
    const other = testRoute(named('a', 'b'), 'other-model');
    const first = self.take(0);
    expect(first.candidate.credential.id).toBe('a');
    const second = self.pool.choose(other, anybody, 0);
    expect(second.kind === 'chosen' && second.lease.candidate.credential.id).toBe('b');
    const third = self.take(0);
    expect(third.candidate.credential.id).toBe('b');
    self.pool.end(first, 0);
    self.pool.end(first, 0);
    expect(self.pool.inFlightOf('a')).toBe(0);
    expect(self.take(0).candidate.credential.id).toBe('a');
  });

  test('quota-aware takes what is lost soonest, spares who has little left, and asks the unknown last', () => {
    const self = poolOf(named('unknown', 'late', 'soon', 'low'), 'quota-aware');
    const [tier = []] = self.route.tiers;
    const tell = (index: number, left: number, minutes: number, now: number) => {
      const candidate = tier[index];
      if (candidate === undefined) throw new Error('no candidate');
      self.pool.reportQuota(
        candidate,
        [{ name: '5h', ofModel: false, left, closed: false, resetsAt: minutes * 60_000, reportedAt: now }],
        now,
      );
    };
    tell(1, 0.9, 300, 0);
    tell(2, 0.5, 60, 0);
    tell(3, 0.04, 30, 0);
    expect(self.serve(2, 0)).toEqual(['soon', 'soon']);
    tell(2, 0.01, 60, 0);
    expect(self.serve(1, 0)).toEqual(['late']);
    tell(1, 0, 300, 0);
    expect(self.serve(1, 0)).toEqual(['unknown']);
    // Half an hour later the window of the third begins anew: of it, too, nothing is known then.
    expect(new Set(self.serve(2, 30 * 60_000))).toEqual(new Set(['unknown', 'low']));
  });

  test('reserved credentials serve before anybody is refused', () => {
    const self = poolOf(named('a'), 'quota-aware');
    const candidate = self.route.tiers[0]?.[0];
    if (candidate === undefined) throw new Error('no candidate');
    const window = { name: '5h', ofModel: false, left: 0, closed: false, resetsAt: 1e9, reportedAt: 0 };
    self.pool.reportQuota(candidate, [window], 0);
    expect(self.serve(1, 0)).toEqual(['a']);
  });
});

test.each(['round-robin', 'weighted-round-robin', 'least-busy'] as const)(
  '%s: a new configuration, as after each renewed token, does not begin the rotation anew',
  (strategy) => {
    const settings = { strategy, rulesOf: () => defaultRules, quotaOfAccount: false };
    const { pool } = poolOf(named('a', 'b', 'c'), strategy);
    const served: string[] = [];
    for (let request = 0; request < 9; request++) {
      const credentials = named('a', 'b', 'c');
      pool.configure(credentials, settings);
      const choice = pool.choose(testRoute(credentials), anybody, request);
      if (choice.kind !== 'chosen') throw new Error('nobody may serve');
      served.push(choice.lease.candidate.credential.id);
      pool.end(choice.lease, request);
    }
    expect(served.join('')).toBe('abcabcabc');
    // Who is new has the next turn, and not all of those that he was not there for.
    const more = named('a', 'b', 'c', 'd');
    pool.configure(more, settings);
    const route = testRoute(more);
    const next = Array.from({ length: 8 }, () => {
      const choice = pool.choose(route, anybody, 10);
      if (choice.kind !== 'chosen') throw new Error('nobody may serve');
      pool.end(choice.lease, 10);
      return choice.lease.candidate.credential.id;
    });
    expect(next.filter((id) => id === 'd')).toHaveLength(2);
  },
);

describe('a budget that is spent', () => {
  test('is passed over until it is back, and never a last resort', () => {
    const self = poolOf(named('a', 'b'));
    self.pool.budget('a', { until: 1000, reason: 'spent' }, 0);
    expect(self.serve(3, 1)).toEqual(['b', 'b', 'b']);
    self.pool.budget('b', { until: 2000, reason: 'spent' }, 0);
    expect(self.pool.choose(self.route, { ...anybody, lastResort: true }, 999)).toEqual({
      kind: 'none',
      soonest: 1000,
    });
    expect(
      self.pool.survey(self.route, 5, 999).passed.map(({ cooldown }) => [cooldown?.kind, cooldown?.reason]),
    ).toEqual([
      ['budget', 'spent'],
      ['budget', 'spent'],
    ]);
    expect(self.serve(1, 1000)).toEqual(['a']);
  });

  test('outlasts an end to cooldowns and an answer that went well, and ends with another budget', () => {
    const self = poolOf(named('a'));
    const lease = self.take(0);
    self.pool.budget('a', { until: 1000, reason: 'spent' }, 0);
    self.pool.succeed(lease, 5);
    expect(self.pool.reset('a', undefined, 5)).toBe(0);
    expect(self.pool.availability('a', 'm', 5)).toBe('cooling-down');
    self.pool.budget('a', undefined, 5);
    expect(self.pool.availability('a', 'm', 5)).toBe('ready');
  });
});

test('a used-up quota is that of all credentials of the account where projects are not switched', () => {
  for (const quotaOfAccount of [false, true]) {
    const credentials = ['one', 'two'].map((project) => testCredential(project, { account: 'ann' }));
    const { pool, route, take } = poolOf(credentials);
    pool.configure(credentials, { strategy: 'round-robin', rulesOf: () => defaultRules, quotaOfAccount });
    fail(pool, take(0), 'quota', 0, 60);
    expect(pool.survey(route, 5, 1).ready).toBe(quotaOfAccount ? 0 : 1);
  }
});

describe('cooldowns', () => {
  test('a failure of one model leaves the others; one of the account rests them all', () => {
    const self = poolOf(named('a'));
    const other = testRoute(named('a'), 'other-model');
    fail(self.pool, self.take(0), 'quota', 0, 60);
    expect(self.pool.choose(self.route, anybody, 1).kind).toBe('none');
    const choice = self.pool.choose(other, anybody, 1);
    if (choice.kind !== 'chosen') throw new Error('the other model rests too');
    fail(self.pool, choice.lease, 'auth', 1);
    expect(self.pool.choose(other, anybody, 2)).toEqual({ kind: 'none', soonest: 60_001 });
  });

  test('requests that fail together make one cooldown, not many', () => {
    const self = poolOf(named('a'));
    const together = Array.from({ length: 50 }, () => self.take(0));
    for (const lease of together) fail(self.pool, lease, 'quota', 100);
    expect(self.pool.cooldowns(100)).toMatchObject([
      { credential: 'a', cooldown: { failures: 1, until: 1100 } },
    ]);
  });

  test('an answer to a request from before the rest does not end it; one from after it does', () => {
    const self = poolOf(named('a'));
    const early = self.take(0);
    fail(self.pool, self.take(0), 'quota', 10, 60);
    self.pool.succeed(early, 20);
    expect(self.pool.choose(self.route, anybody, 20).kind).toBe('none');
    const late = self.take(60_010);
    self.pool.succeed(late, 60_020);
    fail(self.pool, late, 'quota', 60_030);
    expect(self.pool.cooldowns(60_030)).toMatchObject([{ cooldown: { failures: 1 } }]);
  });

  test('a hint of days is probed by one request in half an hour; when that goes well the rest is over', () => {
    const self = poolOf(named('a'));
    fail(self.pool, self.take(0), 'quota', 0, 18 * 86_400);
    expect(self.pool.choose(self.route, anybody, defaultProbe - 1).kind).toBe('none');
    const trial = self.take(defaultProbe);
    expect(trial.during).toBe(true);
    expect(self.pool.choose(self.route, anybody, defaultProbe)).toEqual({
      kind: 'none',
      soonest: 2 * defaultProbe,
    });
    self.pool.abandon(trial, defaultProbe + 5);
    const again = self.take(defaultProbe + 6);
    self.pool.succeed(again, defaultProbe + 7);
    expect(self.serve(3, defaultProbe + 8)).toHaveLength(3);
    expect(self.pool.cooldowns(defaultProbe + 8)).toEqual([]);
  });

  test('when all that could not be reached a moment ago is left, one may be tried as a last resort; used-up quotas are not', () => {
    const self = poolOf(named('a', 'b'));
    fail(self.pool, self.take(0), 'unavailable', 0);
    fail(self.pool, self.take(0), 'quota', 0);
    expect(self.pool.choose(self.route, anybody, 1)).toEqual({ kind: 'none', soonest: 1000 });
    const lease = self.take(1, { ...anybody, lastResort: true });
    expect(lease.candidate.credential.id).toBe('a');
    self.pool.succeed(lease, 2);
    expect(self.serve(2, 3)).toEqual(['a', 'a']);
  });

  test('reset ends rests at once', () => {
    const self = poolOf(named('a'));
    fail(self.pool, self.take(0), 'auth', 0);
    expect(self.pool.reset('a', undefined, 1)).toBe(1);
    expect(self.pool.reset('a', undefined, 1)).toBe(0);
    expect(self.serve(1, 1)).toEqual(['a']);
  });

  test('rests outlast a new configuration and a restart; those that are over do not', () => {
    const credentials = named('a', 'b');
    const self = poolOf(credentials);
    fail(self.pool, self.take(0), 'quota', 0, 60);
    fail(self.pool, self.take(0), 'unavailable', 0);
    self.pool.configure(credentials, {
      strategy: 'fill-first',
      rulesOf: () => defaultRules,
      quotaOfAccount: false,
    });
    expect(self.pool.survey(self.route, 5, 1)).toMatchObject({ ready: 0, coolingDown: 2 });
    const next = poolOf(credentials);
    next.pool.restore(self.pool.cooldowns(2), 30_000);
    expect(next.serve(2, 30_000)).toEqual(['b', 'b']);
  });

  test('an account that is signed in anew serves at once; that another account changes helps nobody', () => {
    let token: string | undefined = 'old';
    const secret = {
      current: () => token,
      renew: () => Promise.resolve({ ok: false, message: 'no', signInAgain: true } as const),
    };
    const credentials = [testCredential('account', { secret })];
    const settings = { strategy: 'round-robin', rulesOf: () => defaultRules, quotaOfAccount: false } as const;
    const { pool, route, take } = poolOf(credentials);
    fail(pool, take(0), 'auth', 0);
    token = undefined;
    fail(pool, take(60_000), 'auth', 60_000);
    pool.configure(credentials, settings);
    expect(pool.survey(route, 5, 60_001).coolingDown).toBe(1);
    token = 'new';
    pool.configure(credentials, settings);
    expect(pool.survey(testRoute(credentials), 5, 60_002).ready).toBe(1);
  });

  test('the first who is back may be of any priority', () => {
    const self = poolOf([testCredential('high', { priority: 1 }), testCredential('low')]);
    fail(self.pool, self.take(0), 'quota', 0, 600);
    fail(self.pool, self.take(0), 'quota', 0, 60);
    expect(self.pool.survey(self.route, 1, 0).soonest).toBe(60_000);
  });

  test('for a request that may not use all, only those that it may use are told of and waited for', () => {
    const self = poolOf(named('a', 'b', 'c'));
    fail(self.pool, self.take(0), 'quota', 0, 60);
    fail(self.pool, self.take(0), 'quota', 0, 600);
    const may = ({ credential }: Candidate) => credential.id !== 'a' && credential.id !== 'c';
    expect(self.pool.survey(self.route, 5, 1, may)).toMatchObject({
      candidates: 1,
      ready: 0,
      coolingDown: 1,
      soonest: 600_000,
      passed: [{ candidate: { credential: { id: 'b' } }, until: 600_000 }],
    });
    const passOver = (candidate: Candidate) => !may(candidate);
    expect(self.pool.choose(self.route, { passOver, may }, 1)).toEqual({ kind: 'none', soonest: 600_000 });
    expect(self.pool.survey(self.route, 5, 1, () => false)).toMatchObject({ candidates: 0, passed: [] });
  });

  test('a survey says who is passed over, why, and until when', () => {
    const self = poolOf(named('a', 'b', 'c'));
    fail(self.pool, self.take(0), 'quota', 0, 60);
    expect(self.pool.survey(self.route, 5, 10)).toMatchObject({
      candidates: 3,
      ready: 2,
      coolingDown: 1,
      passed: [
        { candidate: { credential: { id: 'a' } }, cooldown: { reason: 'as the test says' }, until: 60_000 },
      ],
    });
  });
});

test('a conversation stays with its credential, over priorities, until that one rests', () => {
  const credentials = [testCredential('high', { priority: 5 }), testCredential('low')];
  const self = poolOf(credentials);
  const bound = { ...anybody, bound: 'low\nm' };
  const lease = self.take(0, bound);
  expect(lease.candidate.credential.id).toBe('low');
  fail(self.pool, lease, 'quota', 0, 60);
  expect(self.take(1, bound).candidate.credential.id).toBe('high');
});

// ---------------------------------------------------------------- laws
