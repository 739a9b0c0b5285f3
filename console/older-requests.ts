/** Requests from before those of the live list, in pages. What a filter finds is kept apart: the live list stays without gaps. */
import { signal } from '@preact/signals';
import type { RequestRow } from '../src/console/wire.ts';
import { ask } from './api.ts';
import { addRequests, requests } from './live.ts';
import { serverFilter } from './request-filter.ts';

const noFilter = textOf(new URLSearchParams());

/** What the filter that was asked for last has found, the newest first. */
const found = signal<{ filter: string; rows: readonly RequestRow[] }>({ filter: noFilter, rows: [] });
/** The last request of a filter, where there is none before it. */
const end = signal<{ filter: string; last: string | undefined }>();

function textOf(asked: URLSearchParams): string {
  return serverFilter(asked, undefined).toString();
}

function foundFor(filter: string): readonly RequestRow[] {
  return found.value.filter === filter ? found.value.rows : [];
}

function lastOf(filter: string): string | undefined {
  return (foundFor(filter).at(-1) ?? requests.value.at(-1))?.id;
}

function joined(known: readonly RequestRow[], more: readonly RequestRow[]): RequestRow[] {
  const ids = new Set(known.map(({ id }) => id));
  return [...known, ...more.filter(({ id }) => !ids.has(id))];
}

/** `live`, and after it what is known from before it and fits this filter of the page's address. */
export function withOlder(live: readonly RequestRow[], asked: URLSearchParams): readonly RequestRow[] {
  const more = foundFor(textOf(asked));
  return more.length === 0 ? live : joined(live, more);
}

/** Whether all that is kept and fits this filter is known. */
export function isAllKnown(asked: URLSearchParams): boolean {
  const filter = textOf(asked);
  return end.value?.filter === filter && end.value.last === lastOf(filter);
}

/** Throws an `ApiError`. */
export async function loadOlder(asked: URLSearchParams): Promise<void> {
  const filter = textOf(asked);
  const { requests: rows, next } = await ask<{ requests: RequestRow[]; next: string | null }>(
    `requests?${serverFilter(asked, lastOf(filter))}`,
  );
  if (filter === noFilter) addRequests(rows);
  else found.value = { filter, rows: joined(foundFor(filter), rows) };
  if (next === null) end.value = { filter, last: lastOf(filter) };
}
