/** Which requests are meant, as the address of the page says it. Pure. */
import type { RequestRow } from '../src/console/wire.ts';

/** Names in the address that stand for one value of a row each. */
export const rowFilters = ['key', 'asked', 'credential', 'protocol'] as const;
export type RowFilter = (typeof rowFilters)[number];

/** `query` is that of the page. */
export function fitsFilter(row: RequestRow, query: URLSearchParams, now: number): boolean {
  const failed = row.error !== null || (row.status ?? 0) >= 400;
  const status = query.get('status');
  if (status === 'failed' && !failed) return false;
  if (status === 'ok' && (failed || row.status === null)) return false;
  for (const name of rowFilters) {
    const wanted = query.get(name);
    if (wanted && row[name] !== wanted) return false;
  }
  const slower = Number(query.get('slower') ?? 0);
  const at = Date.parse(row.at);
  if (slower > 0 && (row.duration ?? now - at) < slower * 1000) return false;
  const [from, to] = [query.get('from'), query.get('to')];
  return (from === null || at >= Date.parse(from)) && (to === null || at < Date.parse(to));
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

/** The rows over time, in so many bars; none where there are too few to say anything. */
export function barsOf(rows: readonly RequestRow[], count: number, now: number): Bar[] {
  const times = rows.map(({ at }) => Date.parse(at));
  const first = times.reduce((least, at) => Math.min(least, at), now);
  if (rows.length < 2 || first >= now) return [];
  const width = Math.ceil((now - first + 1) / count);
  const bars = Array.from({ length: count }, (_, place) => ({
    from: first + place * width,
    to: first + (place + 1) * width,
    ok: 0,
    failed: 0,
  }));
  for (const [place, row] of rows.entries()) {
    const bar = bars[Math.floor(((times[place] ?? now) - first) / width)];
    if (bar === undefined) continue;
    if (row.error === null && (row.status ?? 0) < 400) bar.ok += 1;
    else bar.failed += 1;
  }
  return bars;
}
