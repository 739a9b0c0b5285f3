import { count, dollars, endTime } from '../format.ts';
import { words } from '../language.ts';
import { Meter } from './meter.tsx';

/** A limit of a client key, with what is used of it. */
export interface ShownLimit {
  /** The gateway's name for it. */
  limit: string;
  most: number;
  used: number;
  resets: string | null;
}

/** Limits of a client key: the bar is what is left. `of` is the key's name. */
export function LimitList({ limits, of }: { limits: readonly ShownLimit[]; of: string }) {
  return (
    <ul class="pools limits">
      {limits.map((one) => (
        <li key={one.limit}>
          <span>{limitName(one.limit)}</span>
          <Meter
            left={one.most === 0 ? 0 : 1 - one.used / one.most}
            label={`${of}: ${limitName(one.limit)}`}
          />
          <span>{usedText(one)}</span>
          <small>{one.resets !== null && words.value.overview.resets(endTime(one.resets))}</small>
        </li>
      ))}
    </ul>
  );
}

function limitName(limit: string): string {
  const names: Readonly<Record<string, string>> = words.value.limits;
  return names[limit] ?? limit;
}

/** What is left first: that is what the bar shows. */
function usedText({ limit, used, most }: ShownLimit): string {
  const amount = (value: number): string => (limit.endsWith('usd') ? dollars(String(value)) : count(value));
  const left = words.value.left(amount(Math.max(0, most - used)));
  return `${left} · ${words.value.usedOf(amount(used), amount(most))}`;
}
