/** Client keys: who may use the gateway and how much of it. A key itself is shown once, when it is made. */
import { useEffect, useState } from 'preact/hooks';
import type { ListedClientKey, MadeClientKey } from '../../src/management/client-keys.ts';
import { hrefOf, query } from '../address.ts';
import { ask, managed } from '../api.ts';
import { now } from '../clock.ts';
import { ClientSnippets } from '../components/client-snippets.tsx';
import { FilterField, passesFilter } from '../components/filter-field.tsx';
import { KeyForm } from '../components/key-form.tsx';
import { KeySnippets } from '../components/key-snippets.tsx';
import { LimitList } from '../components/limit-list.tsx';
import { attempt } from '../components/notice.ts';
import { State } from '../components/state.tsx';
import { useDrawnPart } from '../drawn-part.ts';
import { count, dayAndTime, fromNow, lastDayAndTime } from '../format.ts';
import { words } from '../language.ts';
import { useLoaded } from '../loaded.ts';
import { isLeaving, later } from '../undo.ts';

const rotationHours = 24;
/** Keys that are drawn at first, and each time that the end of them comes into sight. */
const step = 40;
/** Milliseconds between looks: what is used and left changes with each request. */
const every = 5000;

export function Keys() {
  const w = words.value.keys;
  const keys = useLoaded<{ keys: ListedClientKey[] }>(managed('client-keys'), every);
  const [made, setMade] = useState<MadeClientKey>();
  const [edited, setEdited] = useState<string>();
  const isWanted = query.value.get('new') !== null;
  useEffect(() => {
    if (isWanted) setEdited('');
  }, [isWanted]);
  const [used, setUsed] = useState<string>();
  const all = keys.answer?.keys ?? [];
  const rows = all.filter((row) => !isLeaving(row.id) && passesFilter(row.name, row.masked, row.note));

  const { drawn, end } = useDrawnPart(rows.length, step);

  /** Changes the keys, and shows the gateway's new state of them. */
  const change = (work: () => Promise<unknown>): Promise<void> =>
    attempt(async () => {
      await work();
      setEdited(undefined);
      keys.again();
    }, w.saved);
  const send = (place: string, method: 'POST' | 'PATCH' | 'DELETE', body?: unknown) =>
    ask<MadeClientKey>(managed(place), { method, body });

  return (
    <>
      <div class="tools">
        <h1>{words.value.pages.keys}</h1>
        <FilterField />
        <button type="button" class="main" data-add onClick={() => setEdited(edited === '' ? undefined : '')}>
          {w.create}
        </button>
      </div>
      {keys.problem !== '' && <p class="problem">{keys.problem}</p>}
      {made !== undefined && <KeySnippets made={made} close={() => setMade(undefined)} />}
      {edited === '' && (
        <KeyForm
          save={(settings) => change(async () => setMade(await send('client-keys', 'POST', settings)))}
          close={() => setEdited(undefined)}
        />
      )}
      {keys.answer === undefined && keys.problem === '' && <p class="loading">{words.value.loading}</p>}
      {keys.answer !== undefined && all.length === 0 && <p class="empty">{w.empty}</p>}
      <ul>
        {rows.slice(0, drawn).map((row) => (
          <li key={row.id} class="card" data-row tabIndex={0}>
            <KeyLine row={row} />
            <div class="tools actions">
              <button
                type="button"
                aria-expanded={used === row.id}
                onClick={() => setUsed(used === row.id ? undefined : row.id)}
              >
                {words.value.snippets.title}
              </button>
              {!row.disabled && (
                <a class="button" href={hrefOf(`play?as=${row.id}`)}>
                  {w.play}
                </a>
              )}
              {row.changeable && (
                <>
                  <button
                    type="button"
                    data-edit
                    aria-expanded={edited === row.id}
                    onClick={() => setEdited(edited === row.id ? undefined : row.id)}
                  >
                    {w.edit}
                  </button>
                  <button
                    type="button"
                    onClick={() =>
                      void change(() => send(`client-keys/${row.id}`, 'PATCH', { disabled: !row.disabled }))
                    }
                  >
                    {row.disabled ? words.value.accounts.turnOn : words.value.accounts.turnOff}
                  </button>
                  <button
                    type="button"
                    title={w.rotateAbout(rotationHours)}
                    onClick={() =>
                      void change(async () =>
                        setMade(await send(`client-keys/${row.id}/rotate`, 'POST', { hours: rotationHours })),
                      )
                    }
                  >
                    {w.rotate}
                  </button>
                  <button
                    type="button"
                    class="bad"
                    onClick={() =>
                      later({
                        text: w.deleting(row.name ?? row.masked),
                        done: words.value.account.deleted,
                        ids: [row.id],
                        async run() {
                          await send(`client-keys/${row.id}`, 'DELETE');
                          keys.again();
                        },
                      })
                    }
                  >
                    {w.delete}
                  </button>
                </>
              )}
            </div>
            {used === row.id && <ClientSnippets keyId={row.id} />}
            {edited === row.id && (
              <KeyForm
                row={row}
                save={(settings) => change(() => send(`client-keys/${row.id}`, 'PATCH', settings))}
                close={() => setEdited(undefined)}
              />
            )}
          </li>
        ))}
      </ul>
      <div ref={end} />
    </>
  );
}

function KeyLine({ row }: { row: ListedClientKey }) {
  const w = words.value.keys;
  const facts = [
    row.requestsToday === null ? null : w.requestsToday(count(row.requestsToday)),
    row.requestsToday === null
      ? null
      : row.lastUse === null
        ? w.neverUsed
        : w.lastUse(fromNow(row.lastUse, now.value)),
    row.expires === null ? null : w.expires(lastDayAndTime(row.expires)),
    row.previousUntil === null ? null : w.previous(dayAndTime(row.previousUntil)),
    row.models.length === 0 ? null : row.models.join(', '),
    row.changeable ? null : w.fixed,
  ];
  return (
    <>
      <p class="key-head">
        <strong>{row.name ?? row.masked}</strong> {row.name !== null && <code>{row.masked}</code>}
        <State tone={row.disabled ? 'off' : 'good'}>{row.disabled ? w.off : w.on}</State>
        {row.note !== null && <span class="note">{row.note}</span>}
      </p>
      <p class="key-facts">
        <small>{facts.filter(Boolean).join(' · ')}</small>
      </p>
      <LimitList limits={row.limits} of={row.name ?? row.masked} />
    </>
  );
}
