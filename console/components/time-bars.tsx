import { clock } from '../format.ts';
import { words } from '../language.ts';
import type { Bar } from '../request-filter.ts';

/** Requests over time; a bar that is chosen is the time that the list shows. */
export function TimeBars({ bars, choose }: { bars: readonly Bar[]; choose(bar: Bar): void }) {
  const w = words.value.overview;
  const most = Math.max(1, ...bars.map(({ ok, failed }) => ok + failed));
  return (
    <div class="time-bars" role="group" aria-label={words.value.requests.overTime}>
      {bars.map((bar) => (
        <button
          key={bar.from}
          type="button"
          // The field of times beside it is for the keyboard.
          tabIndex={-1}
          aria-label={`${clock(bar.from)} – ${clock(bar.to)}: ${bar.ok} ${w.ok}, ${bar.failed} ${w.failed}`}
          title={`${clock(bar.from)} – ${clock(bar.to)}: ${bar.ok} ${w.ok}, ${bar.failed} ${w.failed}`}
          onClick={() => choose(bar)}
        >
          <span class="bar-failed" style={{ height: `${(bar.failed / most) * 100}%` }} />
          <span class="bar-ok" style={{ height: `${(bar.ok / most) * 100}%` }} />
        </button>
      ))}
    </div>
  );
}
