import { clock } from '../format.ts';
import { words } from '../language.ts';
import type { Bar } from '../request-filter.ts';

interface Props {
  bars: readonly Bar[];
  /** Always the same function. */
  choose(bar: Pick<Bar, 'from' | 'to'>): void;
}

/** Requests over time; a bar that is chosen is the time that the list shows. */
export function TimeBars({ bars, choose }: Props) {
  const most = Math.max(1, ...bars.map(({ ok, failed }) => ok + failed));
  return (
    <div class="time-bars" role="group" aria-label={words.value.requests.overTime}>
      {bars.map(({ from, to, ok, failed }) => (
        <OneBar key={from} from={from} to={to} ok={ok} failed={failed} most={most} choose={choose} />
      ))}
    </div>
  );
}

/** Drawn anew when its own figures change: it has nothing else. */
function OneBar({ from, to, ok, failed, most, choose }: Bar & Pick<Props, 'choose'> & { most: number }) {
  const w = words.value.overview;
  const title = `${clock(from)} – ${clock(to)}: ${ok} ${w.ok}, ${failed} ${w.failed}`;
  return (
    <button
      type="button"
      // The field of times beside it is for the keyboard.
      tabIndex={-1}
      aria-label={title}
      title={title}
      onClick={() => choose({ from, to })}
    >
      <span class="bar-failed" style={{ height: `${(failed / most) * 100}%` }} />
      <span class="bar-ok" style={{ height: `${(ok / most) * 100}%` }} />
    </button>
  );
}
