import { describe, expect, test } from 'bun:test';
import { randomOf } from '../../test/simulation/accounts.ts';
import {
  afterBegin,
  afterEnd,
  decideRefreshes,
  dueAt,
  noHistory,
  type RefreshEnd,
  type RefreshHistory,
  type RefreshTiming,
  refreshNumbers,
} from './refresh-schedule.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const noon = Date.UTC(2026, 10, 23, 12);

const timing = (some: Partial<RefreshTiming>): RefreshTiming => ({
  renewable: true,
  login: 'good',
  expiresAt: undefined,
  refreshedAt: undefined,
  lead: 5 * minute,
  interval: undefined,
  ...some,
});

describe('a refresh is due', () => {
  const cases: { what: string; timing: RefreshTiming; due: number }[] = [
    {
      what: 'the lead before expiry',
      timing: timing({ expiresAt: noon + hour }),
      due: noon + 55 * minute,
    },
    {
      what: 'at half of its life for a token that lives shorter than twice the lead',
      timing: timing({ lead: 24 * hour, refreshedAt: noon, expiresAt: noon + hour }),
      due: noon + 30 * minute,
    },
    {
      what: 'the lead after the last refresh when the expiry is unknown',
      timing: timing({ refreshedAt: noon, lead: 3 * hour }),
      due: noon + 3 * hour,
    },
    { what: 'at once when neither expiry nor last refresh is known', timing: timing({}), due: 0 },
    {
      what: "the file's own interval after the last refresh",
      timing: timing({ interval: 10 * minute, refreshedAt: noon, expiresAt: noon + 8 * hour }),
      due: noon + 10 * minute,
    },
    {
      what: "at once with the file's own interval when there was no refresh yet",
      timing: timing({ interval: 10 * minute, expiresAt: noon + 8 * hour }),
      due: 0,
    },
    {
      what: "half of its life before expiry when the file's own interval is longer than that",
      timing: timing({ interval: 24 * hour, refreshedAt: noon, expiresAt: noon + 2 * hour }),
      due: noon + hour,
    },
    {
      what: 'never when a new login is needed',
      timing: timing({ login: 'sign-in-again', expiresAt: noon }),
      due: Number.POSITIVE_INFINITY,
    },
    {
      what: 'never without anything to renew it with',
      timing: timing({ renewable: false, expiresAt: noon }),
      due: Number.POSITIVE_INFINITY,
    },
  ];
  for (const { what, timing: given, due } of cases) test(what, () => expect(dueAt(given)).toBe(due));
});

describe('after a refresh', () => {
  const begun = afterBegin(noHistory, noon);
  const cases: { what: string; end: RefreshEnd; next: number }[] = [
    {
      what: 'that gave a longer life, a minute since its beginning passes',
      end: { kind: 'refreshed', effective: true },
      next: noon + minute,
    },
    {
      what: 'that left the expiry as it was, 30 s pass',
      end: { kind: 'refreshed', effective: false },
      next: noon + 20 * second + 30 * second,
    },
    {
      what: 'that another process is at, a minute passes',
      end: { kind: 'pending' },
      next: noon + 20 * second + minute,
    },
    {
      what: 'that failed, five minutes pass',
      end: { kind: 'failed', retryAfter: undefined },
      next: noon + 20 * second + 5 * minute,
    },
    {
      what: 'refused with Retry-After: 90, 90 s pass',
      end: { kind: 'failed', retryAfter: 90 },
      next: noon + 110 * second,
    },
    {
      what: 'refused with Retry-After: 0, 5 s pass',
      end: { kind: 'failed', retryAfter: 0 },
      next: noon + 25 * second,
    },
    {
      what: 'refused with a Retry-After of days, half an hour passes',
      end: { kind: 'failed', retryAfter: 1_600_000 },
      next: noon + 20 * second + 30 * minute,
    },
  ];
  for (const { what, end, next } of cases)
    test(what, () => {
      const history = afterEnd(begun, end, noon + 20 * second);
      const overdue = (now: number) => decideRefreshes([{ id: 'a', timing: timing({}), history }], now);
      expect(overdue(next - 1)).toEqual([]);
      expect(overdue(next)).toEqual(['a']);
    });
});

test('with more due than there is room for, those that expire first begin', () => {
  const accounts = Array.from({ length: 40 }, (_, at) => ({
    id: `account-${at}`,
    timing: timing({ expiresAt: noon - at * second }),
    history: at >= 36 ? afterBegin(noHistory, noon) : noHistory,
  }));
  const chosen = decideRefreshes(accounts, noon);
  expect(chosen).toEqual(Array.from({ length: 12 }, (_, at) => `account-${35 - at}`));
});

/** Leads as the providers' records have them (mission facts, auth §1.5), and how long their tokens live. */
const kinds = [
  { lead: 5 * minute, life: hour },
  { lead: 4 * hour, life: 8 * hour },
  { lead: 5 * day, life: 10 * day },
  { lead: 3 * hour, life: 6 * hour },
  { lead: 24 * hour, life: 48 * hour },
  { lead: 5 * minute, life: 15 * minute },
] as const;

/** How the server of an account behaves. */
type Manner = 'well' | 'fails-for-an-hour' | 'busy' | 'revoked' | 'ineffective' | 'elsewhere';

interface Simulated {
  id: string;
  timing: RefreshTiming;
  history: RefreshHistory;
  life: number;
  manner: Manner;
  begun: number[];
  ended: { at: number; end: RefreshEnd }[];
  /** Milliseconds that its token was out of date. */
  expired: number;
}

test('a day of a thousand accounts keeps leads, back-offs and the limit of 16', () => {
  const random = randomOf(20_261_123);
  const accounts: Simulated[] = Array.from({ length: 1000 }, (_, at) => {
    const kind = kinds[at % kinds.length] ?? kinds[0];
    // A tenth has waited for the gateway to be started again, with tokens out of date.
    const age = at % 10 === 6 ? kind.life + random() * hour : random() * (kind.life - kind.lead);
    const manners: readonly Manner[] = ['fails-for-an-hour', 'busy', 'revoked', 'ineffective', 'elsewhere'];
    return {
      id: `account-${at}`,
      timing: timing({
        lead: kind.lead,
        refreshedAt: noon - age,
        expiresAt: noon - age + kind.life,
        // Disabled and resting accounts are in no way different here: the schedule does not know of either.
        interval: at % 50 === 7 ? 10 * minute : undefined,
      }),
      history: noHistory,
      life: kind.life,
      manner: at % 10 === 3 ? (manners[((at / 10) % manners.length) | 0] ?? 'well') : 'well',
      begun: [],
      ended: [],
      expired: 0,
    };
  });
  const byId = new Map(accounts.map((account) => [account.id, account]));
  const running: { account: Simulated; until: number }[] = [];
  let most = 0;

  const end = (account: Simulated, at: number): void => {
    const failing = account.manner === 'fails-for-an-hour' && at < noon + 7 * hour && at > noon + 6 * hour;
    const once = account.ended.length === 0;
    let result: RefreshEnd;
    if (failing) result = { kind: 'failed', retryAfter: undefined };
    else if (account.manner === 'busy' && once) result = { kind: 'failed', retryAfter: 120 };
    else if (account.manner === 'elsewhere' && once) result = { kind: 'pending' };
    else if (account.manner === 'ineffective' && once) result = { kind: 'refreshed', effective: false };
    else if (account.manner === 'revoked') {
      result = { kind: 'failed', retryAfter: undefined };
      account.timing = { ...account.timing, login: 'sign-in-again' };
    } else {
      result = { kind: 'refreshed', effective: true };
      account.timing = { ...account.timing, refreshedAt: at, expiresAt: at + account.life };
    }
    account.history = afterEnd(account.history, result, at);
    account.ended.push({ at, end: result });
  };

  for (let now = noon; now < noon + day; now += refreshNumbers.checkInterval) {
    for (let at = running.length - 1; at >= 0; at--) {
      const flight = running[at];
      if (flight === undefined || flight.until > now) continue;
      end(flight.account, flight.until);
      running.splice(at, 1);
    }
    for (const id of decideRefreshes(accounts, now)) {
      const account = byId.get(id);
      if (account === undefined) throw new Error(`${id} is no account`);
      account.begun.push(now);
      account.history = afterBegin(account.history, now);
      running.push({ account, until: now + 200 + random() * 9800 });
    }
    most = Math.max(most, running.length);
    for (const account of accounts)
      if ((account.timing.expiresAt ?? 0) < now) account.expired += refreshNumbers.checkInterval;
  }

  expect(most).toBe(refreshNumbers.maxConcurrent);
  for (const { id, timing: last, begun, ended, manner, life, expired } of accounts) {
    for (let at = 1; at < begun.length; at++) {
      const before = ended[at - 1];
      const pause = (begun[at] ?? 0) - (before?.at ?? 0);
      const told = `${id} (${manner})`;
      switch (before?.end.kind) {
        case 'failed':
          expect(pause, told).toBeGreaterThanOrEqual(before.end.retryAfter === 120 ? 2 * minute : 5 * minute);
          break;
        case 'pending':
          expect(pause, told).toBeGreaterThanOrEqual(minute);
          break;
        case 'refreshed': {
          const lead = last.interval ?? Math.min(last.lead, life / 2);
          const due = before.end.effective
            ? last.interval !== undefined
              ? Math.min(lead, life - Math.min(lead, life / 2))
              : life - lead
            : refreshNumbers.ineffectiveBackoff;
          expect(pause, told).toBeGreaterThanOrEqual(due);
          // A full house of 16 delays a refresh by little.
          expect(pause, told).toBeLessThan(due + 2 * minute);
        }
      }
    }
    if (manner === 'revoked') expect(begun.length, id).toBeLessThanOrEqual(1);
    // Those that began the day out of date are done 16 at a time, a look being 5 s and a refresh up to 10 s.
    if (manner === 'well') expect(expired, id).toBeLessThanOrEqual(id.endsWith('6') ? 3 * minute : 0);
  }
});
