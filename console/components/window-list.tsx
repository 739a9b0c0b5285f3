import type { ListedQuota } from '../../src/management/quota-list.ts';
import { endTime, percent } from '../format.ts';
import { words } from '../language.ts';
import { windowName } from '../quota-window.ts';
import { Meter } from './meter.tsx';

/** Quota windows of one credential: what is left, how fast it goes, until when it lasts, when it begins anew. */
export function WindowList({ windows, label }: { windows: readonly ListedQuota[]; label: string }) {
  const w = words.value.account;
  const o = words.value.overview;
  return (
    <ul class="pools" aria-label={label}>
      {windows.map((window) => {
        const name = windowName(window);
        const facts = [
          window.burn === null || window.burn === 0 ? null : w.burn(percent(window.burn)),
          window.exhausts === null ? null : o.lasts(endTime(window.exhausts)),
          window.resets === null ? null : o.resets(endTime(window.resets)),
        ];
        return (
          <li key={`${window.window} ${window.model}`}>
            <span>{name}</span>
            <Meter left={window.left} label={name} />
            <span>{words.value.left(percent(window.left))}</span>
            <small>
              {facts.filter(Boolean).join(' · ')}
              {(window.history?.length ?? 0) > 1 && (
                <Course points={window.history ?? []} label={w.course(name)} />
              )}
            </small>
          </li>
        );
      })}
    </ul>
  );
}

/** How a window went, as a line that falls. */
function Course({ points, label }: { points: readonly { at: string; left: number }[]; label: string }) {
  const times = points.map(({ at }) => Date.parse(at));
  const [first = 0, last = 1] = [times[0], times.at(-1)];
  const span = Math.max(1, last - first);
  const line = points.map(
    ({ left }, place) =>
      `${((((times[place] ?? 0) - first) / span) * 100).toFixed(1)},${(20 - left * 20).toFixed(1)}`,
  );
  return (
    <svg class="course" viewBox="0 0 100 20" preserveAspectRatio="none" role="img" aria-label={label}>
      <polyline points={line.join(' ')} />
    </svg>
  );
}
