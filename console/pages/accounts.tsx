/** All credentials with what they have left: files and keys of the configuration alike. */
import type { AccountRow } from '../../src/console/wire.ts';
import { query, setQuery } from '../address.ts';
import { ask, managed } from '../api.ts';
import { FilterField, passesFilter } from '../components/filter-field.tsx';
import { Meter } from '../components/meter.tsx';
import { attempt } from '../components/notice.ts';
import { State, type Tone } from '../components/state.tsx';
import { VirtualRows } from '../components/virtual-rows.tsx';
import { dayAndTime, fromNow, percent } from '../format.ts';
import { words } from '../language.ts';
import { accounts } from '../live.ts';
import { narrow } from '../narrow.ts';

const tones: Record<AccountRow['state'], Tone> = {
  ready: 'good',
  cooldown: 'warn',
  'sign-in': 'bad',
  disabled: 'off',
};
const states = ['ready', 'cooldown', 'sign-in', 'disabled'] as const;
const heights = { wide: 92, narrow: 150 };

export function Accounts() {
  const w = words.value.accounts;
  const state = query.value.get('state') ?? '';
  const all = accounts.value;
  if (all === undefined) return <p class="loading">{words.value.loading}</p>;
  const rows = all.filter(
    (row) =>
      (state === '' || row.state === state) && passesFilter(row.label, row.email, row.provider, row.id),
  );
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
              {w.states[name]}
            </option>
          ))}
        </select>
      </div>
      {all.length === 0 ? (
        <p class="empty">{w.empty}</p>
      ) : (
        <VirtualRows
          rows={rows}
          height={narrow.value ? heights.narrow : heights.wide}
          label={words.value.pages.accounts}
          keyOf={(row) => row.id}
        >
          {(row) => <Account row={row} />}
        </VirtualRows>
      )}
    </>
  );
}

function Account({ row }: { row: AccountRow }) {
  const w = words.value.accounts;
  const endCooldown = (): Promise<void> =>
    attempt(() => ask(managed(`cooldowns/${encodeURIComponent(row.id)}`), { method: 'DELETE' }), w.ended);
  return (
    <article class="account-card" data-row tabIndex={0}>
      <div>
        <strong>{row.label}</strong>
        <small>
          {[row.provider, row.plan, row.file === null ? w.key : null].filter(Boolean).join(' · ')}
        </small>
      </div>
      <div>
        <State tone={tones[row.state]}>{w.states[row.state]}</State>
        <small>
          {[row.until === null ? null : w.until(fromNow(row.until)), row.reason].filter(Boolean).join(': ')}
        </small>
      </div>
      <ul class="windows">
        {row.windows.slice(0, 3).map((window) => (
          <li
            key={`${window.window} ${window.model}`}
            title={window.resets === null ? '' : words.value.overview.resets(dayAndTime(window.resets))}
          >
            <span>{window.model === null ? window.window : `${window.window} ${window.model}`}</span>
            <Meter left={window.left} label={`${row.label} ${window.window}`} />
            <span>{percent(window.left)}</span>
          </li>
        ))}
      </ul>
      <div class="actions">
        {row.inFlight > 0 && <small>{w.running(row.inFlight)}</small>}
        {row.cooldowns.length > 0 && (
          <button type="button" onClick={() => void endCooldown()}>
            {w.endCooldown}
          </button>
        )}
      </div>
    </article>
  );
}
