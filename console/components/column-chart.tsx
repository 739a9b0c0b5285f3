/** Amounts over time as columns, with their scale: the largest amount, and times below. */
import { clockShort, dayAndTime } from '../format.ts';

export interface Column {
  /** Ms since the epoch, and how long it is. */
  from: number;
  length: number;
  /** The stacked parts, from below. */
  parts: readonly { value: number; tone: 'ok' | 'failed' }[];
  /** In words. */
  title: string;
}

interface Props {
  columns: readonly Column[];
  label: string;
  /** An amount with its unit. */
  amount(value: number): string;
}

const day = 24 * 3600_000;
const ticks = 5;

export function ColumnChart({ columns, label, amount }: Props) {
  const heights = columns.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0));
  const most = Math.max(...heights, 0);
  const first = Math.min(...columns.map(({ from }) => from));
  const end = Math.max(...columns.map(({ from, length }) => from + length));
  const span = Math.max(1, end - first);
  const x = (at: number): number => ((at - first) / span) * 240;
  return (
    <figure class="chart">
      <div class="chart-area">
        <svg viewBox="0 0 240 60" preserveAspectRatio="none" role="img" aria-label={label}>
          {columns.map(({ from, length, parts, title }) => {
            const width = (length / span) * 240;
            let top = 60;
            return (
              <g key={from}>
                <title>{title}</title>
                <rect x={x(from)} y={0} width={width} height={60} class="reach" />
                {parts.map(({ value, tone }) => {
                  const high = most === 0 ? 0 : (value / most) * 56;
                  top -= high;
                  return (
                    <rect
                      key={tone}
                      x={x(from) + width * 0.1}
                      y={top}
                      width={width * 0.8}
                      height={high}
                      class={tone}
                    />
                  );
                })}
              </g>
            );
          })}
        </svg>
        {most > 0 && <span class="chart-most">{amount(most)}</span>}
      </div>
      <div class="chart-times" aria-hidden="true">
        {Array.from({ length: ticks }, (_, at) => first + (span * at) / (ticks - 1)).map((at) => (
          <span key={at}>{span > day ? dayAndTime(at) : clockShort(at)}</span>
        ))}
      </div>
    </figure>
  );
}
