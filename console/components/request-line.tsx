import type { RequestRow } from '../../src/console/wire.ts';
import { hrefOf } from '../address.ts';
import { count, dollars, milliseconds, timeOfDay } from '../format.ts';
import { words } from '../language.ts';
import { State, toneOf } from './state.tsx';

/** A request in a list: a link to what it has been through. */
export function RequestLine({ row }: { row: RequestRow }) {
  const w = words.value.requests;
  const shown = row.status === null ? w.running : (row.error ?? String(row.status));
  return (
    <a class="request-line" data-row href={hrefOf(`requests/${row.id}`)}>
      <span class="time">{timeOfDay(row.at)}</span>
      <span class="key">{row.key ?? '–'}</span>
      <span class="model">
        {row.model === null || row.model === row.asked ? row.asked : `${row.asked} → ${row.model}`}
      </span>
      <span class="account">{row.credential ?? '–'}</span>
      <span class="status">
        <State tone={toneOf(row.status, row.error)}>{shown}</State>
      </span>
      <span class="number first">{milliseconds(row.ttft)}</span>
      <span class="number duration">{milliseconds(row.duration)}</span>
      <span class="number tokens">{`${count(row.input)} / ${count(row.output)}`}</span>
      <span class="number cost">{dollars(row.cost)}</span>
    </a>
  );
}
