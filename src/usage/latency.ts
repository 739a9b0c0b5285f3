/** How long it took until the first content, as a histogram: 10 ms and less, then in steps of 40 % up to six minutes. */

const first = 10;
const ratio = 1.4;
const count = 32;

/** Upper ends in ms; the last one has no end. */
const ends = Array.from({ length: count - 1 }, (_, index) => first * ratio ** index);

export const latencyColumns = Array.from({ length: count }, (_, index) => `t${index}` as const);

const logRatio = Math.log(ratio);

export function latencyBucket(ms: number): number {
  if (ms <= first) return 0;
  return Math.min(count - 1, Math.ceil(Math.log(ms / first) / logRatio - 1e-9));
}

/** The time within which a share of all was answered, in ms; undefined without an attempt. Within a step it is interpolated. */
export function percentile(buckets: readonly number[], share: number): number | undefined {
  const all = buckets.reduce((sum, one) => sum + one, 0);
  if (all === 0) return undefined;
  let below = 0;
  for (const [index, here] of buckets.entries()) {
    if (here > 0 && below + here >= share * all) {
      const from = index === 0 ? 0 : (ends[index - 1] ?? 0);
      const to = ends[index] ?? from * ratio;
      return Math.round(from + (to - from) * ((share * all - below) / here));
    }
    below += here;
  }
  return undefined;
}
