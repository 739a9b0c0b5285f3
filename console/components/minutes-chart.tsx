import { clockShort, count } from '../format.ts';
import { ColumnChart } from './column-chart.tsx';

interface Props {
  minutes: readonly { at: string; ok: number; failed: number }[];
  label: string;
  ok: string;
  failed: string;
}

/** Requests a minute: failed ones are stacked on successful ones. */
export function MinutesChart({ minutes, label, ok, failed }: Props) {
  const total = minutes.reduce((sum, minute) => sum + minute.ok + minute.failed, 0);
  const lost = minutes.reduce((sum, minute) => sum + minute.failed, 0);
  return (
    <ColumnChart
      label={`${label}: ${total} (${failed}: ${lost})`}
      amount={count}
      columns={minutes.map((minute) => ({
        from: Date.parse(minute.at),
        length: 60_000,
        parts: [
          { value: minute.ok, tone: 'ok' },
          { value: minute.failed, tone: 'failed' },
        ],
        title: `${clockShort(minute.at)}: ${minute.ok} ${ok}, ${minute.failed} ${failed}`,
      }))}
    />
  );
}
