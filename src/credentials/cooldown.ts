/** A credential's cooldown after a failure. Pure: `(cooldown before, failure, now) → cooldown`. */
import { type CooldownKind, type CooldownRules, jitter, type RuleKind } from './cooldown-table.ts';

export interface Cooldown {
  kind: CooldownKind;
  /** The provider's name of the model; undefined where the whole account is cooling down. */
  model: string | undefined;
  /** Failures in a row. */
  failures: number;
  /** Milliseconds since the epoch, like all times here. */
  since: number;
  /** When requests may come again; with `promised`, one request at a time. */
  until: number;
  /** The provider's own word where that is later than `until`. */
  promised: number | undefined;
  /** The upstream's message, for people. */
  reason: string;
}

/** A failure that is the credential's or the upstream's. */
export interface CoolingFailure {
  kind: RuleKind;
  /** Which model failed; undefined where the failure is about the whole account. */
  model: string | undefined;
  /** The provider's hint in seconds. */
  retryAfter: number | undefined;
  reason: string;
}

/** Where a failed attempt stood in time. */
export interface AttemptTime {
  /** When it was sent off. */
  startedAt: number;
  /** It was let through during a cooldown, to find out whether that still holds. */
  during: boolean;
}

/**
 * The cooldown after one more failure, or undefined where the rules know none. Requests that were under way together fail
 * together: only the first of them makes the cooldown longer, the others can add a later hint. `random` is in [0, 1).
 */
export function nextCooldown(
  previous: Cooldown | undefined,
  failure: CoolingFailure,
  attempt: AttemptTime,
  { rules, probe, disabled }: CooldownRules,
  now: number,
  random: number,
): Cooldown | undefined {
  const rule = rules[failure.kind];
  if (disabled || rule.longest <= 0) return undefined;
  const together = previous !== undefined && !attempt.during && attempt.startedAt <= previous.since;
  const failures = together ? previous.failures : inARow(previous, rule.longest, now) + 1;
  const hinted = failure.retryAfter === undefined ? undefined : now + failure.retryAfter * 1000;
  const curve = Math.min(rule.first * 2 ** (failures - 1) * (1 + jitter * random), rule.longest);
  const until = hinted === undefined ? now + curve : Math.min(hinted, now + probe);
  const cooldown: Cooldown = {
    kind: failure.kind,
    model: failure.model,
    failures,
    since: together ? previous.since : now,
    until: Math.round(until),
    promised: hinted !== undefined && hinted > until ? Math.round(hinted) : undefined,
    reason: failure.reason.slice(0, longestReason),
  };
  if (!together || cooldown.until > previous.until) return cooldown;
  return previous;
}

/** Characters of an upstream's message that are kept. */
const longestReason = 200;

/** Failures long past, with nothing tried since, no longer count. */
function inARow(previous: Cooldown | undefined, longest: number, now: number): number {
  return previous === undefined || now > Math.max(previous.until, previous.promised ?? 0) + longest
    ? 0
    : previous.failures;
}

/** Whether a cooldown is over but for the provider's word: one request may try. */
export function wantsTrial(cooldown: Cooldown, now: number): boolean {
  return cooldown.until <= now && cooldown.promised !== undefined && cooldown.promised > now;
}

/** The cooldown while a trial is under way: no other request tries before the next probe is due. */
export function duringTrial(cooldown: Cooldown, probe: number, now: number): Cooldown {
  return { ...cooldown, until: now + probe };
}

/** A cooldown that holds or whose provider's word still does. */
export function isOpen(cooldown: Cooldown, now: number): boolean {
  return cooldown.until > now || (cooldown.promised ?? 0) > now;
}
