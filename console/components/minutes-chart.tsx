import { clock } from '../format.ts';

interface Props {
  minutes: readonly { at: string; ok: number; failed: number }[];
  label: string;
  ok: string;
  failed: string;
}

/** Requests a minute as columns: what failed stands on what went well. */
export function MinutesChart({ minutes, label, ok, failed }: Props) {
  const most = Math.max(1, ...minutes.map((minute) => minute.ok + minute.failed));
  const total = minutes.reduce((sum, minute) => sum + minute.ok + minute.failed, 0);
  const lost = minutes.reduce((sum, minute) => sum + minute.failed, 0);
  return (
    <svg
      class="minutes"
      viewBox="0 0 240 60"
      preserveAspectRatio="none"
      role="img"
      aria-label={`${label}: ${total} (${failed}: ${lost})`}
    >
      {minutes.map((minute, at) => {
        const high = (minute.ok / most) * 58;
        const bad = (minute.failed / most) * 58;
        return (
          <g key={minute.at}>
            <title>{`${clock(minute.at)}: ${minute.ok} ${ok}, ${minute.failed} ${failed}`}</title>
            <rect x={at * 4} y={0} width={4} height={60} class="reach" />
            <rect x={at * 4 + 0.5} y={60 - high} width={3} height={high} class="ok" />
            <rect x={at * 4 + 0.5} y={60 - high - bad} width={3} height={bad} class="failed" />
          </g>
        );
      })}
    </svg>
  );
}
