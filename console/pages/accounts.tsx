/** All credentials with what they have left: files and keys of the configuration alike. */
import { signal } from '@preact/signals';
import type { AccountRow } from '../../src/console/wire.ts';
import { deleteAccounts, endCooldown, switchAccount, tryAccount } from '../account-actions.ts';
import { states, toneOf } from '../account-state.ts';
import { hrefOf, query, setQuery } from '../address.ts';
import { now } from '../clock.ts';
import { CooldownTimeline } from '../components/cooldown-timeline.tsx';
import { FilterField, passesFilter } from '../components/filter-field.tsx';
import { Meter } from '../components/meter.tsx';
import { RecentStrip } from '../components/recent-strip.tsx';
import { State } from '../components/state.tsx';
import { VirtualRows } from '../components/virtual-rows.tsx';
import { dateAndTime, endTime, fromNow, percent } from '../format.ts';
import { words } from '../language.ts';
import { accounts } from '../live.ts';
import { narrow } from '../narrow.ts';
import { windowName } from '../quota-window.ts';
import { isLeaving } from '../undo.ts';

/** On a phone a row is as high as it has windows to show. */
const heights = { wide: 84, narrow: 158, window: 20 };
const mostNarrowWindows = 2;
/** Cooldowns that the timeline shows; the rest are in the rows. */
const mostCooldowns = 12;

/** Ids of rows that something is done to together. */
const selected = signal<ReadonlySet<string>>(new Set());

function select(id: string, on: boolean): void {
  const next = new Set(selected.value);
  if (on) next.add(id);
  else next.delete(id);
  selected.value = next;
}

export function Accounts() {
  const w = words.value.accounts;
  const state = query.value.get('state') ?? '';
  const provider = query.value.get('provider') ?? '';
  const all = accounts.value?.filter(({ id }) => !isLeaving(id));
  if (all === undefined) return <p class="loading">{words.value.loading}</p>;
  const rows = all.filter(
    (row) =>
      (state === '' || row.state === state) &&
      (provider === '' || row.provider === provider) &&
      passesFilter(row.label, row.email, row.provider, row.id, row.note, row.reason),
  );
  const providers = [...new Set(all.map((row) => row.provider))];
  const amounts = Object.groupBy(all, (row) => row.state);
  return (
    <>
      <div class="tools">
        <h1>{words.value.pages.accounts}</h1>
        <FilterField />
        <select
          aria-label={words.value.requests.status}
          value={state}
          onChange={(event) => setQuery({ state: event.currentTarget.value })}
        >
          <option value="">{w.all}</option>
          {states.map((name) => (
            <option key={name} value={name}>
              {`${w.states[name]} (${amounts[name]?.length ?? 0})`}
            </option>
          ))}
        </select>
        <select
          aria-label={words.value.account.facts.provider}
          value={provider}
          onChange={(event) => setQuery({ provider: event.currentTarget.value })}
        >
          <option value="">{w.allProviders}</option>
          {providers.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        <a class="button main" data-add href={hrefOf('accounts/add')}>
          {words.value.addAccount.title}
        </a>
      </div>
      <Selection rows={all} />
      <Cooldowns rows={rows} />
      {all.length === 0 ? (
        <NoAccount />
      ) : rows.length === 0 ? (
        <p class="empty">{w.noneFits}</p>
      ) : (
        <VirtualRows
          rows={rows}
          height={narrow.value ? narrowHeight : heights.wide}
          label={words.value.pages.accounts}
        >
          {line}
        </VirtualRows>
      )}
    </>
  );
}

const line = (row: AccountRow) => <Line row={row} />;

function narrowHeight(row: AccountRow): number {
  return heights.narrow + heights.window * Math.min(mostNarrowWindows, reportedWindows(row).length);
}

function NoAccount() {
  const w = words.value.accounts;
  return (
    <div class="empty">
      <p>{w.empty}</p>
      <p>
        <a class="button main" href={hrefOf('accounts/add')}>
          {words.value.addAccount.title}
        </a>
      </p>
      <p>{w.emptyMore}</p>
    </div>
  );
}

/** What is done to all that are selected. */
function Selection({ rows }: { rows: readonly AccountRow[] }) {
  const w = words.value.accounts;
  const meant = rows.filter(({ id }) => selected.value.has(id));
  if (meant.length === 0) return null;
  const each = async (work: (row: AccountRow) => Promise<void>): Promise<void> => {
    for (const row of meant) await work(row);
    selected.value = new Set();
  };
  return (
    <div class="tools" role="toolbar" aria-label={w.selected(meant.length)}>
      <span>{w.selected(meant.length)}</span>
      <button type="button" onClick={() => void each((row) => switchAccount(row, true))}>
        {w.turnOff}
      </button>
      <button type="button" onClick={() => void each((row) => switchAccount(row, false))}>
        {w.turnOn}
      </button>
      <button type="button" onClick={() => void each((row) => endCooldown(row))}>
        {w.endCooldown}
      </button>
      <button
        type="button"
        class="bad"
        onClick={() => {
          deleteAccounts(meant);
          selected.value = new Set();
        }}
      >
        {words.value.keys.delete}
      </button>
      <button
        type="button"
        onClick={() => {
          selected.value = new Set();
        }}
      >
        {w.selectNone}
      </button>
    </div>
  );
}

/** All cooldowns on one axis of time, those that end last first. */
function Cooldowns({ rows }: { rows: readonly AccountRow[] }) {
  const w = words.value.cooldowns;
  const open = rows
    .flatMap((row) => row.cooldowns.map((cooldown) => ({ row, cooldown })))
    .filter(({ cooldown }) => Date.parse(cooldown.until) > now.value)
    .toSorted((one, other) => (one.cooldown.until < other.cooldown.until ? 1 : -1));
  if (open.length === 0) return null;
  return (
    <details class="card" open={open.length <= 5}>
      <summary>{w.running(open.length)}</summary>
      <CooldownTimeline
        label={w.title}
        cooldowns={open.slice(0, mostCooldowns).map(({ row, cooldown }) => ({
          id: `${row.id} ${cooldown.model} ${cooldown.kind}`,
          name: cooldown.model === null ? row.label : `${row.label} · ${cooldown.model}`,
          since: cooldown.since,
          until: cooldown.until,
          reason: `${cooldown.kind}: ${cooldown.reason}`,
          href: hrefOf(`accounts/${encodeURIComponent(row.id)}`),
          end: () => void endCooldown(row, cooldown.model ?? undefined),
        }))}
      />
    </details>
  );
}

/** Those that fit into a row. Windows known only from a refusal are cooldowns, and listed among those. */
const reportedWindows = ({ windows }: AccountRow): AccountRow['windows'] =>
  windows.filter(({ window }) => window !== 'refusal').slice(0, 3);

function Line({ row }: { row: AccountRow }) {
  const w = words.value.accounts;
  const off = row.state === 'disabled';
  return (
    <article class="account-card">
      <div>
        <span class="account-name">
          <Choice row={row} />
          <a data-row title={row.label} href={hrefOf(`accounts/${encodeURIComponent(row.id)}`)}>
            {row.label}
          </a>
        </span>
        <small>
          {[
            row.provider,
            row.plan,
            row.file === null ? w.key : null,
            row.priority === 0 ? null : w.priority(row.priority),
            row.note,
          ]
            .filter(Boolean)
            .join(' · ')}
        </small>
      </div>
      <div>
        <State tone={toneOf(row)}>{w.states[row.state]}</State>
        <Reason row={row} />
      </div>
      <ul class="windows">
        {reportedWindows(row).map((window) => (
          <li
            key={`${window.window} ${window.model}`}
            title={window.resets === null ? '' : words.value.overview.resets(endTime(window.resets))}
          >
            <span>{windowName(window)}</span>
            <Meter left={window.left} label={`${row.label} ${windowName(window)}`} />
            <span>{words.value.left(percent(window.left))}</span>
          </li>
        ))}
      </ul>
      <div class="lately">
        {row.recent !== null && <RecentStrip recent={row.recent} />}
        <LastUse row={row} />
      </div>
      <div class="actions">
        {!off && (
          <button type="button" onClick={() => void tryAccount(row)} aria-label={`${w.try}: ${row.label}`}>
            {w.try}
          </button>
        )}
        {row.cooldowns.length > 0 ? (
          <button type="button" onClick={() => void endCooldown(row)}>
            {w.endCooldown}
          </button>
        ) : (
          <button type="button" onClick={() => void switchAccount(row, !off)}>
            {off ? w.turnOn : w.turnOff}
          </button>
        )}
      </div>
    </article>
  );
}

function Choice({ row }: { row: AccountRow }) {
  return (
    <input
      type="checkbox"
      aria-label={words.value.accounts.select(row.label)}
      checked={selected.value.has(row.id)}
      onChange={(event) => select(row.id, event.currentTarget.checked)}
    />
  );
}

/** Why it does not serve, or what of it is not served, and until when. */
function Reason({ row: { until, reason, state, cooldowns } }: { row: AccountRow }) {
  const texts = [
    state === 'partly' ? cooldowns.flatMap(({ model }) => model ?? []).join(', ') : null,
    until === null ? null : words.value.accounts.until(endTime(until)),
    reason,
  ];
  return <small title={reason ?? ''}>{texts.filter(Boolean).join(': ')}</small>;
}

function LastUse({ row }: { row: AccountRow }) {
  const w = words.value.accounts;
  return (
    <small title={row.lastUse === null ? '' : dateAndTime(row.lastUse)}>
      {row.inFlight > 0
        ? w.running(row.inFlight)
        : row.lastUse === null
          ? w.neverUsed
          : w.lastUse(fromNow(row.lastUse, now.value))}
    </small>
  );
}
