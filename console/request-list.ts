/** Requests the newest first, each once. What comes is put at its place, and the thousands that are there are not looked at. Pure. */
import type { RequestRow } from '../src/console/wire.ts';

export interface RequestList {
  rows: readonly RequestRow[];
  ids: ReadonlySet<string>;
}

export const noRequests: RequestList = { rows: [], ids: new Set() };

/** The list with these in it, `most` of them at most. Of one that is there already the new row stays. */
export function withRequests(
  { rows, ids }: RequestList,
  more: readonly RequestRow[],
  most: number,
): RequestList {
  const fresh = [...new Map(more.map((row) => [row.id, row])).values()].toSorted(newestFirst);
  const there = fresh.some(({ id }) => ids.has(id)) ? without(rows, fresh) : rows;
  let at = 0;
  const pieces: (readonly RequestRow[])[] = [];
  for (const row of fresh) {
    const place = placeOf(there, row.at, at);
    pieces.push(there.slice(at, place), [row]);
    at = place;
  }
  const all = pieces.flat().concat(there.slice(at));
  const known = new Set(ids);
  for (const { id } of fresh) known.add(id);
  for (const { id } of all.slice(most)) known.delete(id);
  return { rows: all.length > most ? all.slice(0, most) : all, ids: known };
}

function newestFirst(one: RequestRow, other: RequestRow): number {
  return one.at < other.at ? 1 : one.at > other.at ? -1 : 0;
}

function without(rows: readonly RequestRow[], others: readonly RequestRow[]): readonly RequestRow[] {
  const gone = new Set(others.map(({ id }) => id));
  return rows.filter(({ id }) => !gone.has(id));
}

/** The first place from `start` on whose row is not newer. */
function placeOf(rows: readonly RequestRow[], at: string, start: number): number {
  let [low, high] = [start, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.at ?? '') > at) low = middle + 1;
    else high = middle;
  }
  return low;
}
