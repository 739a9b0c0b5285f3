import { count, dayAndTime } from '../format.ts';

interface Point {
  at: string;
  value: number;
}

/** Amounts over time as columns, each with its own words. */
export function SeriesChart({ points, label }: { points: readonly Point[]; label: string }) {
  const most = Math.max(1, ...points.map(({ value }) => value));
  const width = 240 / Math.max(1, points.length);
  return (
    <svg class="minutes" viewBox="0 0 240 60" preserveAspectRatio="none" role="img" aria-label={label}>
      {points.map(({ at, value }, place) => (
        <g key={at}>
          <title>{`${dayAndTime(at)}: ${count(value)}`}</title>
          <rect x={place * width} y={0} width={width} height={60} class="reach" />
          <rect
            x={place * width + width * 0.1}
            y={60 - (value / most) * 58}
            width={width * 0.8}
            height={(value / most) * 58}
            class="ok"
          />
        </g>
      ))}
    </svg>
  );
}
