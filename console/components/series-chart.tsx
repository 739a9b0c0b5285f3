import { count, dayAndTime } from '../format.ts';

interface Point {
  at: string;
  value: number;
}

/** Amounts over time as columns, each with its own words; a time without one stays empty. `step` is in ms. */
export function SeriesChart({
  points,
  step,
  label,
}: {
  points: readonly Point[];
  step: number;
  label: string;
}) {
  const most = Math.max(1e-9, ...points.map(({ value }) => value));
  const times = points.map(({ at }) => Date.parse(at));
  const first = Math.min(...times);
  const span = Math.max(first + 24 * step, ...times.map((at) => at + step)) - first;
  const width = (step / span) * 240;
  return (
    <svg class="minutes" viewBox="0 0 240 60" preserveAspectRatio="none" role="img" aria-label={label}>
      {points.map(({ at, value }, place) => {
        const x = (((times[place] ?? first) - first) / span) * 240;
        return (
          <g key={at}>
            <title>{`${dayAndTime(at)}: ${count(value)}`}</title>
            <rect x={x} y={0} width={width} height={60} class="reach" />
            <rect
              x={x + width * 0.1}
              y={60 - (value / most) * 58}
              width={width * 0.8}
              height={(value / most) * 58}
              class="ok"
            />
          </g>
        );
      })}
    </svg>
  );
}
