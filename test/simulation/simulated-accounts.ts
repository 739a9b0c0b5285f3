/** Providers as they are on bad days, by rule: how each simulated account answers at any instant. */
import type { RuleKind } from '../../src/credentials/cooldown-table.ts';

export interface SimulatedAccount {
  id: string;
  priority: number;
  weight: number;
  behaviour: Behaviour;
}

export type Behaviour =
  | { kind: 'healthy' }
  /** So many answers a window, then 429; `hint` tells how it says when the window begins anew. */
  | { kind: 'quota'; answers: number; window: number; hint: 'exact' | 'none' | 'eighteen-days' }
  /** Answers 503 while `now` is in the first `down` of each `every` ms. */
  | { kind: 'outages'; down: number; every: number; offset: number }
  /** Always 429, without a hint. */
  | { kind: 'spent' }
  /** Always 401. */
  | { kind: 'revoked' };

export type SimulatedAnswer =
  | { ok: true }
  | { ok: false; kind: RuleKind; account: boolean; retryAfter: number | undefined };

const eighteenDays = 18 * 86_400;

/** Answers for one account; remembers how much of its window is used. */
export function answerer({ behaviour }: SimulatedAccount): (now: number) => SimulatedAnswer {
  let window = -1;
  let used = 0;
  return (now) => {
    switch (behaviour.kind) {
      case 'healthy':
        return { ok: true };
      case 'revoked':
        return { ok: false, kind: 'auth', account: true, retryAfter: undefined };
      case 'spent':
        return { ok: false, kind: 'quota', account: false, retryAfter: undefined };
      case 'outages':
        return isDown(behaviour, now)
          ? { ok: false, kind: 'unavailable', account: false, retryAfter: undefined }
          : { ok: true };
      case 'quota': {
        const current = Math.floor(now / behaviour.window);
        if (current !== window) {
          window = current;
          used = 0;
        }
        if (used < behaviour.answers) {
          used += 1;
          return { ok: true };
        }
        const seconds = ((current + 1) * behaviour.window - now) / 1000;
        const told = { exact: seconds, none: undefined, 'eighteen-days': eighteenDays }[behaviour.hint];
        return { ok: false, kind: 'quota', account: false, retryAfter: told };
      }
    }
  };
}

function isDown(
  { down, every, offset }: { down: number; every: number; offset: number },
  now: number,
): boolean {
  return (now + offset) % every < down;
}

const minute = 60_000;
const hour = 60 * minute;

/** A mixed pool: a sixth each of five ways to fail, the rest healthy; every tenth account has a lower priority. */
export function mixedAccounts(count: number, random: () => number): SimulatedAccount[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `account-${index}`,
    priority: index % 10 === 9 ? 0 : 1,
    weight: 1 + Math.floor(random() * 5),
    behaviour: behaviourOf(index % 12, random),
  }));
}

function behaviourOf(kind: number, random: () => number): Behaviour {
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low));
  switch (kind) {
    case 0:
      return { kind: 'quota', answers: between(5, 50), window: between(1, 10) * minute, hint: 'exact' };
    case 1:
      return { kind: 'quota', answers: between(5, 50), window: between(1, 10) * minute, hint: 'none' };
    case 2:
      return { kind: 'quota', answers: between(50, 200), window: hour, hint: 'eighteen-days' };
    case 3: {
      const every = between(10, 60) * minute;
      return { kind: 'outages', down: between(1, 5) * minute, every, offset: between(0, every) };
    }
    case 4:
      return { kind: 'spent' };
    case 5:
      return { kind: 'revoked' };
    default:
      return { kind: 'healthy' };
  }
}
