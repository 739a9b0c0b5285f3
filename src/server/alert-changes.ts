/** What the owner is alerted about, and when: one alert for each change. Pure over state; times are ms since the epoch. */
import type { AlertKind } from '../config/alert-keys.ts';

/** Something that is the case now. */
export interface Condition {
  kind: AlertKind;
  /** What it is about: an account, a pool, a key and its limit, a model. Holds no secret. */
  subject: string;
  /** A sentence with what to do. */
  message: string;
}

export interface Alert extends Condition {
  state: 'firing' | 'resolved';
}

export interface KnownAlert {
  condition: Condition;
  firing: boolean;
  sentAt: number;
}

export type AlertState = ReadonlyMap<string, KnownAlert>;

/** Things that are remembered at most; beyond it nothing new is alerted. */
export const mostKnown = 1000;

/** What distinguishes conditions. */
export function keyOf({ kind, subject }: Condition): string {
  return `${kind} ${subject}`;
}

/** The alerts that a look gives, and the state after it. A change within `interval` of the last alert waits for a later look. */
export function alertChanges(
  before: AlertState,
  conditions: readonly Condition[],
  interval: number,
  now: number,
): { state: AlertState; alerts: Alert[] } {
  const state = new Map(before);
  const alerts: Alert[] = [];
  const present = new Map(conditions.map((condition) => [keyOf(condition), condition]));
  for (const [key, condition] of present) {
    const known = state.get(key);
    if (known === undefined && state.size >= mostKnown) continue;
    if (known?.firing || (known !== undefined && now - known.sentAt < interval)) continue;
    state.set(key, { condition, firing: true, sentAt: now });
    alerts.push({ ...condition, state: 'firing' });
  }
  for (const [key, known] of before) {
    if (present.has(key) || now - known.sentAt < interval) continue;
    if (known.firing) {
      state.set(key, { ...known, firing: false, sentAt: now });
      alerts.push({ ...known.condition, state: 'resolved' });
    } else state.delete(key);
  }
  return { state, alerts };
}
