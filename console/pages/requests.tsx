/** Every request, live: filters stand in the address. */
import { useState } from 'preact/hooks';
import type { RequestRow } from '../../src/console/wire.ts';
import { query, root, setQuery } from '../address.ts';
import { now } from '../clock.ts';
import { FilterField, passesFilter } from '../components/filter-field.tsx';
import { attempt } from '../components/notice.ts';
import { RequestLine } from '../components/request-line.tsx';
import { Snippet } from '../components/snippet.tsx';
import { TimeBars } from '../components/time-bars.tsx';
import { VirtualRows } from '../components/virtual-rows.tsx';
import { clock, count } from '../format.ts';
import { words } from '../language.ts';
import { mostRequests, requests, running } from '../live.ts';
import { narrow } from '../narrow.ts';
import { isAllKnown, loadOlder, withOlder } from '../older-requests.ts';
import { barsOf, fitsFilter, type RowFilter, rowFilters } from '../request-filter.ts';

const heights = { wide: 40, narrow: 60 };
const bars = 60;
const times = { '5m': 5, '1h': 60, '24h': 24 * 60 } as const;

const joined = (): RequestRow[] => {
  const known = new Set(requests.value.map(({ id }) => id));
  return [...running.value.filter(({ id }) => !known.has(id)), ...requests.value];
};

export function Requests() {
  const w = words.value.requests;
  const [held, setHeld] = useState<RequestRow[]>();
  /** While the pointer is in the list nothing moves under it. */
  const [pointed, setPointed] = useState<RequestRow[]>();
  /** Nor while it is scrolled: under a finger, or by keys. */
  const [scrolled, setScrolled] = useState<RequestRow[]>();
  const live = joined();
  const still = held ?? pointed ?? scrolled;
  const { value: asked } = query;
  const all = withOlder(still === undefined ? live : stillWithOlder(still, live), asked);
  const rows = all.filter((row) => isMeant(row, asked));
  const missed = still === undefined ? 0 : newer(live, still).filter((row) => isMeant(row, asked)).length;
  return (
    <>
      <div class="tools">
        <h1>{words.value.pages.requests}</h1>
        <FilterField />
        <button
          type="button"
          data-pause
          aria-pressed={held !== undefined}
          onClick={() => setHeld(held === undefined ? live : undefined)}
        >
          {held === undefined ? w.pause : w.goOn}
        </button>
        {missed > 0 && <small>{w.paused(missed)}</small>}
      </div>
      {narrow.value ? (
        <details>
          <summary>{words.value.filter}</summary>
          <Filters rows={all} />
        </details>
      ) : (
        <Filters rows={all} />
      )}
      {live.length === 0 ? (
        <NoRequest />
      ) : (
        <>
          <TimeBars
            bars={barsOf(rows, bars, now.value)}
            choose={({ from, to }) =>
              setQuery({ from: new Date(from).toISOString(), to: new Date(to).toISOString() })
            }
          />
          {rows.length === 0 && <p class="empty">{w.emptyFilter}</p>}
          <div
            onPointerEnter={(event) => {
              if (event.pointerType === 'mouse') setPointed(live);
            }}
            onPointerLeave={() => setPointed(undefined)}
            onScrollCapture={({ target }) => {
              const isAway = target instanceof Element && target.scrollTop > 0;
              setScrolled(isAway ? (scrolled ?? still ?? live) : undefined);
            }}
          >
            {rows.length > 0 && <List rows={rows} />}
          </div>
          <Older asked={asked} />
        </>
      )}
    </>
  );
}

/** What has come since the list was stopped. */
function newer(live: readonly RequestRow[], still: readonly RequestRow[]): RequestRow[] {
  const known = new Set(still.map(({ id }) => id));
  const last = live.findIndex(({ id }) => id === still.at(-1)?.id);
  return live.slice(0, last < 0 ? undefined : last).filter(({ id }) => !known.has(id));
}

/** What has been loaded from before it belongs to a list that is stopped, too. */
function stillWithOlder(still: RequestRow[], live: readonly RequestRow[]): RequestRow[] {
  const last = still.at(-1)?.id;
  const at = live.findIndex(({ id }) => id === last);
  return at < 0 || at === live.length - 1 ? still : [...still, ...live.slice(at + 1)];
}

/** Loads what is older, as long as there is any. */
function Older({ asked }: { asked: URLSearchParams }) {
  const w = words.value.requests;
  if (isAllKnown(asked)) return <small>{w.noOlder}</small>;
  if (requests.value.length >= mostRequests) return <small>{w.most(count(mostRequests))}</small>;
  return (
    <button type="button" onClick={() => void attempt(() => loadOlder(asked))}>
      {w.older}
    </button>
  );
}

function isMeant(row: RequestRow, asked: URLSearchParams): boolean {
  return (
    fitsFilter(row, asked, now.value) &&
    passesFilter(
      ...[row.id, row.key, row.asked, row.model, row.credential, row.provider, row.error],
      String(row.status ?? ''),
    )
  );
}

function NoRequest() {
  const curl = `curl ${new URL('../v1/chat/completions', root)} -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -d '{"model":"…","messages":[{"role":"user","content":"Hello"}]}'`;
  return (
    <div class="empty">
      <p>{words.value.requests.empty}</p>
      <Snippet text={curl} />
    </div>
  );
}

/** One value of each kind, of those that the rows have; how long they took; when they came. */
function Filters({ rows }: { rows: readonly RequestRow[] }) {
  const w = words.value.requests;
  const { value: asked } = query;
  const labels: Record<RowFilter, string> = {
    key: w.key,
    asked: w.model,
    credential: w.account,
    protocol: w.protocol,
  };
  const [from, to] = [asked.get('from'), asked.get('to')];
  const valuesOf = (name: RowFilter): string[] =>
    [...new Set([asked.get(name), ...rows.map((row) => row[name])])]
      .flatMap((value) => value || [])
      .toSorted();
  return (
    <div class="tools filters">
      <select
        aria-label={w.status}
        value={asked.get('status') ?? ''}
        onChange={(event) => setQuery({ status: event.currentTarget.value })}
      >
        <option value="">{`${w.status}: ${w.only.all}`}</option>
        <option value="ok">{w.only.ok}</option>
        <option value="failed">{w.only.failed}</option>
      </select>
      {rowFilters.map((name) => (
        <select
          key={name}
          aria-label={labels[name]}
          value={asked.get(name) ?? ''}
          onChange={(event) => setQuery({ [name]: event.currentTarget.value })}
        >
          <option value="">{`${labels[name]}: ${w.only.all}`}</option>
          {valuesOf(name).map((value) => (
            <option key={value} value={value}>
              {value}
            </option>
          ))}
        </select>
      ))}
      <label>
        {w.slower}{' '}
        <input
          type="text"
          inputMode="decimal"
          class="seconds"
          value={asked.get('slower') ?? ''}
          onInput={(event) => setQuery({ slower: event.currentTarget.value })}
        />{' '}
        s
      </label>
      <select
        aria-label={w.time}
        value=""
        onChange={(event) => {
          const minutes = Object.entries(times).find(([name]) => name === event.currentTarget.value)?.[1];
          setQuery({
            from: minutes === undefined ? undefined : new Date(now.value - minutes * 60_000).toISOString(),
            to: undefined,
          });
        }}
      >
        <option value="">{from === null ? `${w.time}: ${w.only.all}` : w.only.all}</option>
        {Object.keys(times).map((name) => (
          <option key={name} value={name}>
            {w.last(name)}
          </option>
        ))}
      </select>
      {(from !== null || to !== null) && (
        <button type="button" onClick={() => setQuery({ from: undefined, to: undefined })}>
          {`${from === null ? '' : clock(from)} – ${to === null ? '' : clock(to)} ×`}
        </button>
      )}
    </div>
  );
}

const columns = ['time', 'key', 'model', 'account', 'status', 'first', 'duration', 'tokens', 'cost'] as const;
const numbers: ReadonlySet<string> = new Set(['first', 'duration', 'tokens', 'cost']);

function List({ rows }: { rows: readonly RequestRow[] }) {
  const w = words.value.requests;
  const titles = { ...w, first: w.firstToken };
  return (
    <>
      <div class="request-line head" aria-hidden="true">
        {columns.map((name) => (
          <span key={name} class={numbers.has(name) ? `number ${name}` : name}>
            {titles[name]}
          </span>
        ))}
      </div>
      <VirtualRows
        rows={rows}
        height={narrow.value ? heights.narrow : heights.wide}
        label={words.value.pages.requests}
        keyOf={(row) => row.id}
      >
        {(row) => <RequestLine row={row} />}
      </VirtualRows>
    </>
  );
}
