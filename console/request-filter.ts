/** The selected requests, by the address of the page. Pure. */
import type { RequestRow } from '../src/console/wire.ts';

/** Names in the address for one value of a row each. */
export const rowFilters = ['key', 'asked', 'credential', 'protocol'] as const;
export type RowFilter = (typeof rowFilters)[number];

/** Whether a row is meant, as a function that reads the address once; undefined where all are. `now` is asked for only where it matters. */
export function filterOf(
  query: URLSearchParams,
  now: () => number,
): ((row: RequestRow) => boolean) | undefined {
  const checks: ((row: RequestRow) => boolean)[] = [];
  const status = query.get('status');
  if (status === 'failed') checks.push(hasFailed);
  if (status === 'ok') checks.push((row) => !hasFailed(row) && row.status !== null);
  for (const name of rowFilters) {
    const wanted = query.get(name);
    if (wanted) checks.push((row) => row[name] === wanted);
  }
  const slower = Number(query.get('slower') ?? 0) * 1000;
  if (slower > 0) checks.push((row) => (row.duration ?? now() - Date.parse(row.at)) >= slower);
  const [from, to] = [query.get('from'), query.get('to')];
  const [begin, end] = [Date.parse(from ?? ''), Date.parse(to ?? '')];
  if (from !== null) checks.push((row) => Date.parse(row.at) >= begin);
  if (to !== null) checks.push((row) => Date.parse(row.at) < end);
  const text = (query.get('text') ?? '').toLowerCase();
  if (text !== '') checks.push((row) => textsOf(row).some((one) => one.toLowerCase().includes(text)));
  return checks.length === 0 ? undefined : (row) => checks.every((fits) => fits(row));
}

const hasFailed = ({ error, status }: RequestRow): boolean => error !== null || (status ?? 0) >= 400;

/** What the field above the list searches. */
function textsOf(row: RequestRow): string[] {
  const { id, key, asked, model, credential, provider, error, status } = row;
  return [id, key, asked, model, credential, provider, error, status].flatMap((one) =>
    one === null ? [] : String(one),
  );
}

/** Values that the rows have of each kind, in their order; `chosen` are there in any case. */
export function valuesOf(rows: readonly RequestRow[], chosen: URLSearchParams): Record<RowFilter, string[]> {
  const [key, asked, credential, protocol] = rowFilters.map((name) => new Set([chosen.get(name)]));
  for (const row of rows) {
    key?.add(row.key);
    asked?.add(row.asked);
    credential?.add(row.credential);
    protocol?.add(row.protocol);
  }
  const sorted = (values: Set<string | null> | undefined): string[] =>
    [...(values ?? [])].flatMap((value) => value || []).toSorted();
  return {
    ...{ key: sorted(key), asked: sorted(asked) },
    ...{ credential: sorted(credential), protocol: sorted(protocol) },
  };
}

/** What the server is asked for, for what is older than the rows that are there. */
export function serverFilter(query: URLSearchParams, before: string | undefined): URLSearchParams {
  const asked = new URLSearchParams({ limit: '500' });
  const pass = {
    key: 'key',
    asked: 'model',
    credential: 'credential',
    status: 'status',
    from: 'since',
    to: 'until',
  };
  for (const [name, theirs] of Object.entries(pass)) {
    const value = query.get(name);
    if (value) asked.set(theirs, value);
  }
  if (before !== undefined) asked.set('before', before);
  return asked;
}

export interface Bar {
  from: number;
  to: number;
  ok: number;
  failed: number;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
/** Lengths of a bar that are easily read. */
const lengths = [
  ...[1, 2, 5, 10, 15, 30].map((amount) => amount * second),
  ...[1, 2, 5, 10, 15, 30].map((amount) => amount * minute),
  ...[1, 2, 3, 6, 12].map((amount) => amount * hour),
];

/**
 * The rows over time, in so many bars at most; none where there are too few to say anything. Bars begin at whole multiples of
 * their length: with the next request most of them are the same as before.
 */
export function barsOf(rows: readonly RequestRow[], most: number, now: number): Bar[] {
  // Times are compared as the texts that they are: to read ten thousand takes longer than all the rest.
  let [oldest, newest] = ['~', ''];
  for (const { at } of rows) {
    if (at < oldest) oldest = at;
    if (at > newest) newest = at;
  }
  const first = Date.parse(oldest);
  if (rows.length < 2 || first >= now) return [];
  const last = Math.max(now, Date.parse(newest));
  const wanted = (last - first) / (most - 1);
  const length = lengths.find((one) => one >= wanted) ?? Math.ceil(wanted / (24 * hour)) * 24 * hour;
  const begin = first - (first % length);
  const bars = Array.from({ length: Math.floor((last - begin) / length) + 1 }, (_, place) => ({
    from: begin + place * length,
    to: begin + (place + 1) * length,
    ok: 0,
    failed: 0,
  }));
  const ends = bars.map(({ to }) => new Date(to).toISOString());
  let place = bars.length - 1;
  for (const row of rows) {
    const { at, error, status } = row;
    // Most rows are in the bar of the row before.
    while (place > 0 && at < (ends[place - 1] ?? '')) place -= 1;
    while (at >= (ends[place] ?? '~')) place += 1;
    const bar = bars[place];
    if (bar === undefined) continue;
    // What `hasFailed` does, written out: with each request that comes it would be called for ten thousand rows.
    if (error !== null || (status ?? 0) >= 400) bar.failed += 1;
    else bar.ok += 1;
  }
  return bars;
}
