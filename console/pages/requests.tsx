/** Every request, live: filters are in the address. */
import type { ReadonlySignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { RequestRow } from '../../src/console/wire.ts';
import { query, root, setQuery } from '../address.ts';
import { now } from '../clock.ts';
import { FilterField } from '../components/filter-field.tsx';
import { attempt } from '../components/notice.ts';
import { RequestLine } from '../components/request-line.tsx';
import { Snippet } from '../components/snippet.tsx';
import { TimeBars } from '../components/time-bars.tsx';
import { VirtualRows } from '../components/virtual-rows.tsx';
import { clock, count } from '../format.ts';
import { words } from '../language.ts';
import { mostRequests, requests } from '../live.ts';
import { narrow } from '../narrow.ts';
import { isAllKnown, loadOlder } from '../older-requests.ts';
import { type RowFilter, rowFilters } from '../request-filter.ts';
import { type RequestView, requestView } from '../request-view.ts';

const heights = { wide: 40, narrow: 60 };
const times = { '5m': 5, '1h': 60, '24h': 24 * 60 } as const;

/** Each part is drawn when what it shows changes, and not when another does. */
export function Requests() {
  const view = useMemo(requestView, []);
  return (
    <>
      <div class="tools">
        <h1>{words.value.pages.requests}</h1>
        <FilterField />
        <Pause view={view} />
      </div>
      {narrow.value ? (
        <details>
          <summary>{words.value.filter}</summary>
          <Filters view={view} />
        </details>
      ) : (
        <Filters view={view} />
      )}
      <Body view={view} />
    </>
  );
}

function Pause({ view: { held, missed, hold } }: { view: RequestView }) {
  const w = words.value.requests;
  return (
    <>
      <button type="button" data-pause aria-pressed={held.value} onClick={hold}>
        {held.value ? w.resume : w.pause}
      </button>
      {missed.value > 0 && <small>{w.paused(missed.value)}</small>}
    </>
  );
}

function Body({ view }: { view: RequestView }) {
  if (view.isEmpty.value) return <NoRequest />;
  return (
    <>
      <Bars view={view} />
      <div
        onPointerEnter={(event) => {
          if (event.pointerType === 'mouse') view.point(true);
        }}
        onPointerLeave={() => view.point(false)}
        onScrollCapture={({ target }) => view.scroll(target instanceof Element && target.scrollTop > 0)}
      >
        <List rows={view.rows} />
      </div>
      <Older />
    </>
  );
}

function Bars({ view: { bars } }: { view: RequestView }) {
  return <TimeBars bars={bars.value} choose={showTime} />;
}

function showTime({ from, to }: { from: number; to: number }): void {
  setQuery({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
}

/** Loads what is older, as long as there is any. */
function Older() {
  const w = words.value.requests;
  const { value: asked } = query;
  if (isAllKnown(asked)) return <small>{w.noOlder}</small>;
  if (requests.value.length >= mostRequests) return <small>{w.most(count(mostRequests))}</small>;
  return (
    <button type="button" onClick={() => void attempt(() => loadOlder(asked))}>
      {w.older}
    </button>
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
function Filters({ view: { values } }: { view: RequestView }) {
  const w = words.value.requests;
  const { value: asked } = query;
  const labels: Record<RowFilter, string> = {
    key: w.key,
    asked: w.model,
    credential: w.account,
    protocol: w.protocol,
  };
  const [from, to] = [asked.get('from'), asked.get('to')];
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
          {values[name].value.map((value) => (
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
const line = (row: RequestRow) => <RequestLine row={row} />;

function List({ rows }: { rows: ReadonlySignal<readonly RequestRow[]> }) {
  const w = words.value.requests;
  if (rows.value.length === 0) return <p class="empty">{w.emptyFilter}</p>;
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
        rows={rows.value}
        height={narrow.value ? heights.narrow : heights.wide}
        label={words.value.pages.requests}
      >
        {line}
      </VirtualRows>
    </>
  );
}
