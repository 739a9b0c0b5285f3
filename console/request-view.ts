/** What the page of requests shows: signals, each of which changes only with what it is made of. */
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { RequestRow } from '../src/console/wire.ts';
import { query } from './address.ts';
import { now } from './clock.ts';
import { runningAndEnded } from './live.ts';
import { withOlder } from './older-requests.ts';
import { type Bar, barsOf, filterOf, type RowFilter, valuesOf } from './request-filter.ts';

type Rows = readonly RequestRow[];

export interface RequestView {
  /** Whether there has been no request at all. */
  isEmpty: ReadonlySignal<boolean>;
  rows: ReadonlySignal<Rows>;
  bars: ReadonlySignal<Bar[]>;
  /** What can be chosen of each kind. */
  values: Record<RowFilter, ReadonlySignal<string[]>>;
  /** Whether the reader has stopped the list. */
  held: ReadonlySignal<boolean>;
  /** The number of requests since the list was paused, which would be shown. */
  missed: ReadonlySignal<number>;
  /** Stops the list, or lets it go on. */
  hold(): void;
  /** Whether the pointer is in the list: nothing moves under it. */
  point(within: boolean): void;
  /** Whether the list is scrolled, under a finger or by keys: nothing moves then either. */
  scroll(away: boolean): void;
}

const mostBars = 60;
/** Milliseconds in which bars grow by the clock alone. */
const barTime = 10_000;

export function requestView(): RequestView {
  const reasons = { held: signal(false), pointed: signal(false), scrolled: signal(false) };
  const isStill = computed(() => Object.values(reasons).some(({ value }) => value));
  /** What was there when it was stopped; what is live is not looked at meanwhile. */
  const still = computed(() => (isStill.value ? runningAndEnded.peek() : undefined));
  const knownThen = computed(() => new Set(still.value?.map(({ id }) => id)));
  const listed = computed(() =>
    still.value === undefined ? runningAndEnded.value : longer(still.value, runningAndEnded.value),
  );
  const all = computed(() => withOlder(listed.value, query.value));
  const fits = computed(() => filterOf(query.value, () => now.value));
  const rows = computed(() => (fits.value === undefined ? all.value : all.value.filter(fits.value)));
  const missed = computed(() => {
    if (still.value === undefined) return 0;
    const more = newer(runningAndEnded.value, still.value, knownThen.value);
    return (fits.value === undefined ? more : more.filter(fits.value)).length;
  });
  const clock = computed(() => now.value - (now.value % barTime));
  const values = computed(() => valuesOf(all.value, query.value));
  const set = (reason: keyof typeof reasons, on: boolean): void => {
    reasons[reason].value = on;
  };
  return {
    isEmpty: computed(() => runningAndEnded.value.length === 0),
    rows,
    bars: computed(() => barsOf(rows.value, mostBars, clock.value)),
    values: {
      key: steady(() => values.value.key),
      asked: steady(() => values.value.asked),
      credential: steady(() => values.value.credential),
      protocol: steady(() => values.value.protocol),
    },
    held: reasons.held,
    missed,
    hold: () => set('held', !reasons.held.value),
    point: (within) => set('pointed', within),
    scroll: (away) => set('scrolled', away),
  };
}

/** The same list as long as the same texts are in it. */
function steady(texts: () => string[]): ReadonlySignal<string[]> {
  let before: string[] = [];
  return computed(() => {
    const next = texts();
    if (next.length !== before.length || next.some((text, at) => text !== before[at])) before = next;
    return before;
  });
}

/** Earlier requests that were loaded belong to a paused list too. */
function longer(still: Rows, live: Rows): Rows {
  const last = still.at(-1);
  const at = last === undefined ? -1 : live.lastIndexOf(last);
  return at < 0 || at === live.length - 1 ? still : [...still, ...live.slice(at + 1)];
}

/** Requests since the list was paused. */
function newer(live: Rows, still: Rows, known: ReadonlySet<string>): RequestRow[] {
  const last = still.at(-1);
  const end = last === undefined ? -1 : live.lastIndexOf(last);
  const found: RequestRow[] = [];
  for (const row of end < 0 ? live : live.slice(0, end)) if (!known.has(row.id)) found.push(row);
  return found;
}
