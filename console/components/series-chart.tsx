import { dayAndTime } from '../format.ts';
import { ColumnChart } from './column-chart.tsx';

interface Props {
  points: readonly { at: string; value: number }[];
  /** Ms of a column. */
  step: number;
  /** What time is shown, in ms since the epoch: parts of it without a point stay empty. */
  from: number;
  to: number;
  label: string;
  amount(value: number): string;
}

/** Amounts over time as columns; a time without one stays empty. */
export function SeriesChart({ points, step, from, to, label, amount }: Props) {
  const valueAt = new Map(points.map(({ at, value }) => [Date.parse(at), value]));
  const known = [...valueAt.keys()];
  const first = Math.min(from, ...known);
  // Edges without an amount, so that the axis is as long as the time that is asked for.
  const edges = [first, Math.max(first, to - step)].filter((at) => !valueAt.has(at));
  return (
    <ColumnChart
      label={label}
      amount={amount}
      columns={[...known, ...edges].map((at) => ({
        from: at,
        length: step,
        parts: [{ value: valueAt.get(at) ?? 0, tone: 'ok' as const }],
        title: valueAt.has(at) ? `${dayAndTime(at)}: ${amount(valueAt.get(at) ?? 0)}` : '',
      }))}
    />
  );
}
