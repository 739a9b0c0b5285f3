/** Every request, live: filters stand in the address. */
import { useState } from 'preact/hooks';
import type { RequestRow } from '../../src/console/wire.ts';
import { query, root, setQuery } from '../address.ts';
import { ask } from '../api.ts';
import { FilterField, passesFilter } from '../components/filter-field.tsx';
import { attempt } from '../components/notice.ts';
import { RequestLine } from '../components/request-line.tsx';
import { Snippet } from '../components/snippet.tsx';
import { VirtualRows } from '../components/virtual-rows.tsx';
import { words } from '../language.ts';
import { requests, running } from '../live.ts';
import { narrow } from '../narrow.ts';

const heights = { wide: 40, narrow: 60 };

export function Requests() {
  const w = words.value.requests;
  const [held, setHeld] = useState<RequestRow[]>();
  const only = query.value.get('status') ?? 'all';
  const all = held ?? [...running.value, ...requests.value];
  const rows = all.filter((row) => fits(row, only));
  const curl = `curl ${new URL('../v1/chat/completions', root)} -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -d '{"model":"…","messages":[{"role":"user","content":"Hello"}]}'`;
  const older = (): Promise<void> =>
    attempt(async () => {
      const last = requests.value.at(-1);
      const { requests: more } = await ask<{ requests: RequestRow[] }>(
        `requests?limit=500${last ? `&before=${last.id}` : ''}`,
      );
      requests.value = [...requests.value, ...more];
    });
  return (
    <>
      <div class="tools">
        <h1>{words.value.pages.requests}</h1>
        <FilterField />
        <select
          aria-label={w.status}
          value={only}
          onChange={(event) =>
            setQuery({ status: event.currentTarget.value === 'all' ? undefined : event.currentTarget.value })
          }
        >
          <option value="all">{w.only.all}</option>
          <option value="ok">{w.only.ok}</option>
          <option value="failed">{w.only.failed}</option>
        </select>
        <button
          type="button"
          aria-pressed={held !== undefined}
          onClick={() => setHeld(held === undefined ? all : undefined)}
        >
          {held === undefined ? w.pause : w.goOn}
        </button>
        {held !== undefined && (
          <small>{w.paused(Math.max(0, running.value.length + requests.value.length - held.length))}</small>
        )}
      </div>
      {all.length === 0 ? (
        <div class="empty">
          <p>{w.empty}</p>
          <Snippet text={curl} />
        </div>
      ) : rows.length === 0 ? (
        <p class="empty">{w.emptyFilter}</p>
      ) : (
        <>
          <div class="request-line head" aria-hidden="true">
            {[w.time, w.key, w.model, w.account, w.status, w.firstToken, w.duration, w.tokens, w.cost].map(
              (title, at) => (
                <span
                  key={title}
                  class={
                    [
                      'time',
                      'key',
                      'model',
                      'account',
                      'status',
                      'number first',
                      'number duration',
                      'number tokens',
                      'number cost',
                    ][at]
                  }
                >
                  {title}
                </span>
              ),
            )}
          </div>
          <VirtualRows
            rows={rows}
            height={narrow.value ? heights.narrow : heights.wide}
            label={words.value.pages.requests}
            keyOf={(row) => row.id}
          >
            {(row) => <RequestLine row={row} />}
          </VirtualRows>
          <button type="button" onClick={() => void older()}>
            {w.older}
          </button>
        </>
      )}
    </>
  );
}

function fits(row: RequestRow, only: string): boolean {
  const failed = row.error !== null || (row.status ?? 0) >= 400;
  if (only === 'failed' && !failed) return false;
  if (only === 'ok' && (failed || row.status === null)) return false;
  return passesFilter(
    row.id,
    row.key,
    row.asked,
    row.model,
    row.credential,
    row.provider,
    row.error,
    String(row.status ?? ''),
  );
}
