/** How fast quota windows are used, and until when they last. Pure: `now` is an argument, in ms since the epoch. */
import { endOf, type QuotaWindow, quotaReserve } from './quota.ts';
import { pointsOf, type QuotaPoint } from './quota-history.ts';

/** How far a forecast goes by: the number of points, the time between them, and how well they agree. */
export type Confidence = 'none' | 'low' | 'medium' | 'high';

/** `begun-anew`: its reset has passed, and nothing has been reported since. `low`: within the reserve that routing keeps. */
export type QuotaState = 'open' | 'low' | 'used-up' | 'begun-anew';

export interface QuotaForecast {
  state: QuotaState;
  /** The share that is left now: all of it where the window has begun anew. */
  left: number;
  /** The share of the whole window that is used in an hour; undefined while too little is known. */
  burn: number | undefined;
  /** When nothing is left at that speed, in ms since the epoch; undefined where it lasts until its reset, or nothing is known. */
  exhaustsAt: number | undefined;
  confidence: Confidence;
}

const minute = 60_000;
const hour = 60 * minute;
/** A window of which nothing new is reported for so long is not being used. */
const idleAfter = hour;
/** The shortest time from which a speed is read. */
const shortest = 2 * minute;

/** What becomes of a window if it is used on as it was. */
export function forecastOf(window: QuotaWindow, now: number): QuotaForecast {
  const { closed, left } = window;
  const end = endOf(window);
  const still = { burn: undefined, exhaustsAt: undefined, confidence: 'none' } as const;
  if (end <= now) return { state: 'begun-anew', left: 1, ...still };
  if (closed || left <= 0) return { state: 'used-up', left: 0, ...still };
  const state = left <= quotaReserve ? 'low' : 'open';
  if (now - window.reportedAt > idleAfter) return { state, left, ...still, burn: 0, confidence: 'low' };
  const speed = knownBurn(window);
  if (speed === undefined) return { state, left, ...still };
  const { burn, confidence } = speed;
  const ends = burn > 0 ? now + (left / burn) * hour : Number.POSITIVE_INFINITY;
  return { state, left, burn, exhaustsAt: ends < end ? Math.round(ends) : undefined, confidence };
}

/** Windows are never changed, only replaced: the forecast of one is computed once. */
const burns = new WeakMap<QuotaWindow, { speed: ReturnType<typeof burnOf> }>();

function knownBurn(window: QuotaWindow): ReturnType<typeof burnOf> {
  const known = burns.get(window) ?? { speed: burnOf(pointsOf(window)) };
  burns.set(window, known);
  return known.speed;
}

/**
 * The share used in an hour, by the median of the slopes between all pairs of points (Theil–Sen): single answers that are
 * late, and single big requests, do not move it. Undefined for points that span less than two minutes.
 */
function burnOf(
  points: readonly QuotaPoint[],
): { burn: number; confidence: Exclude<Confidence, 'none'> } | undefined {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || last.at - first.at < shortest) return undefined;
  const slopes: number[] = [];
  for (const [index, one] of points.entries())
    for (const other of points.slice(index + 1))
      if (other.at - one.at >= minute / 2)
        slopes.push(((one.left - other.left) / (other.at - one.at)) * hour);
  slopes.sort((a, b) => a - b);
  const middle = quantile(slopes, 0.5);
  if (middle === undefined) return undefined;
  // Shares come in whole percents: where most pairs show no change at all, the ends of the history still do.
  const burn = Math.max(0, middle > 0 ? middle : ((first.left - last.left) / (last.at - first.at)) * hour);
  const spread = (quantile(slopes, 0.75) ?? 0) - (quantile(slopes, 0.25) ?? 0);
  return { burn, confidence: confidenceOf(points.length, last.at - first.at, spread, burn) };
}

function confidenceOf(
  count: number,
  span: number,
  spread: number,
  burn: number,
): Exclude<Confidence, 'none'> {
  if (count < 4 || span < 10 * minute || spread > 2 * burn) return 'low';
  return count < 10 || span < 30 * minute || spread > burn ? 'medium' : 'high';
}

/** Of numbers in ascending order. */
function quantile(sorted: readonly number[], share: number): number | undefined {
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)];
  const high = sorted[Math.ceil(at)];
  return low === undefined || high === undefined ? undefined : low + (high - low) * (at - Math.floor(at));
}

/** One account's part in a pool. */
export interface PoolPart {
  forecast: QuotaForecast;
  /** When it begins anew, or is believed to, in ms since the epoch. */
  resetsAt: number;
}

export interface PoolForecast {
  accounts: number;
  /** In whole windows: 2.5 is as much as two and a half accounts have at the beginning. */
  left: number;
  /** Whole windows used in an hour; undefined where nothing is known. */
  burn: number | undefined;
  /** When all accounts together have nothing left, what begins anew until then included; undefined where that does not come. */
  exhaustsAt: number | undefined;
}

/** The same window of several accounts, as if it were one: each reset on the way gives back what its account has used. */
export function poolForecast(parts: readonly PoolPart[], now: number): PoolForecast {
  const left = parts.reduce((sum, { forecast }) => sum + forecast.left, 0);
  const known = parts.flatMap(({ forecast: { burn } }) => (burn === undefined ? [] : [burn]));
  const burn = known.length === 0 ? undefined : known.reduce((sum, one) => sum + one, 0);
  const resets = parts
    .flatMap(({ resetsAt, forecast: { left } }) => (resetsAt <= now ? [] : [{ resetsAt, left }]))
    .sort((one, other) => one.resetsAt - other.resetsAt);
  return {
    accounts: parts.length,
    left,
    burn,
    exhaustsAt: left <= 0 ? now : burn === undefined ? undefined : poolEnd(left, burn, resets, now),
  };
}

function poolEnd(
  all: number,
  burn: number,
  resets: readonly { resetsAt: number; left: number }[],
  now: number,
): number | undefined {
  let left = all;
  let at = now;
  /** What those that have not begun anew have of what they have now: what is used comes from all of them alike. */
  let share = 1;
  for (const reset of resets) {
    const used = (burn * (reset.resetsAt - at)) / hour;
    if (used >= left) return Math.round(at + (left / burn) * hour);
    share *= (left - used) / left;
    at = reset.resetsAt;
    left += 1 - used - reset.left * share;
  }
  return undefined;
}
