import type { RecentAttempts } from '../../src/console/wire.ts';
import { clockShort, count } from '../format.ts';
import { words } from '../language.ts';

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** How attempts went lately: a bar for each piece of time, as high as it is busy, red as far as it failed. */
export function RecentStrip({ recent }: { recent: RecentAttempts }) {
  const w = words.value.accounts;
  const { from, piece, answered, failed } = recent;
  const begun = Date.parse(from);
  const label = w.lately(count(sum(answered)), count(sum(failed)));
  const most = Math.max(...answered.map((well, at) => well + (failed[at] ?? 0)));
  return (
    <svg
      class="strip"
      viewBox={`0 0 ${answered.length * 5} 20`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {answered.map((well, at) => {
        const bad = failed[at] ?? 0;
        const all = well + bad;
        // What was little used is seen, too: a square root, and never less than a third.
        const high = all === 0 ? 2 : 7 + 13 * Math.sqrt(all / most);
        const red = all === 0 ? 0 : Math.max(bad === 0 ? 0 : 2.5, (bad / all) * high);
        const start = begun + at * piece;
        return (
          <g key={start}>
            <title>{w.piece(clockShort(start), clockShort(start + piece), well, bad)}</title>
            <rect x={at * 5} y={0} width={5} height={20} class="reach" />
            <rect x={at * 5} y={20 - high} width={4} height={high - red} class={all === 0 ? 'none' : 'ok'} />
            <rect x={at * 5} y={20 - red} width={4} height={red} class="failed" />
          </g>
        );
      })}
    </svg>
  );
}
