/** When a credential rests after a failure, and for how long. Pure: `(state, failure, now) → state`. */

/** What kind of failure a credential met; the router decides by it. */
export type FailureKind =
  /** 429, or a quota message. */
  | 'quota'
  /** 401: the key is not accepted. */
  | 'auth'
  /** 402, 403: the account may not. */
  | 'forbidden'
  /** 404: this credential has no such model. */
  | 'model-missing'
  /** 408, 5xx, a broken connection or stream. */
  | 'unavailable'
  /** 400, 413, 422 …: the request is at fault; no other credential would do better. */
  | 'rejected';

export interface Rest {
  kind: FailureKind;
  /** Failures in a row. */
  failures: number;
  /** Milliseconds since the epoch. */
  until: number;
}

interface Rule {
  /** Milliseconds of the first rest; doubles with each failure in a row. */
  first: number;
  longest: number;
  /**
   * A hard rest is kept whatever happens. A soft one gives way when nothing else is left: trying a credential that
   * failed a moment ago beats refusing the request.
   */
  hard: boolean;
}

const second = 1000;
const minute = 60 * second;

/** Sources: the mission text for quota (1 s doubling to 30 min); the others are ours, short first and growing. */
export const restRules: Record<Exclude<FailureKind, 'rejected'>, Rule> = {
  quota: { first: second, longest: 30 * minute, hard: true },
  auth: { first: minute, longest: 30 * minute, hard: false },
  forbidden: { first: minute, longest: 30 * minute, hard: false },
  'model-missing': { first: 10 * second, longest: 30 * minute, hard: false },
  unavailable: { first: second, longest: minute, hard: false },
};

/** A provider's own hint is believed up to this long; then one request may try again. */
export const longestHint = 30 * minute;

/** The rest after one more failure. `retryAfter` is the provider's hint in seconds. Undefined: it does not rest. */
export function restAfter(
  previous: Rest | undefined,
  kind: FailureKind,
  retryAfter: number | undefined,
  now: number,
): Rest | undefined {
  if (kind === 'rejected') return previous;
  const failures = previous?.kind === kind ? previous.failures + 1 : 1;
  const rule = restRules[kind];
  const hinted = retryAfter === undefined ? undefined : Math.min(retryAfter * second, longestHint);
  const pause = hinted ?? Math.min(rule.first * 2 ** (failures - 1), rule.longest);
  return { kind, failures, until: now + pause };
}

export function isResting(rest: Rest | undefined, now: number): boolean {
  return rest !== undefined && rest.until > now;
}

export function isHard(rest: Rest): boolean {
  return rest.kind !== 'rejected' && restRules[rest.kind].hard;
}
