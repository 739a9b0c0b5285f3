/** One account or key: state and reason, quotas, models, use, and its owner's settings. */
import { useState } from 'preact/hooks';
import type { AccountDetail, AccountRow, RequestRow } from '../../src/console/wire.ts';
import type { UsageRow } from '../../src/usage/usage-row.ts';
import {
  changeAccount,
  deleteAccounts,
  endCooldown,
  refreshAccount,
  switchAccount,
  trialText,
} from '../account-actions.ts';
import { stateSentence, toneOf } from '../account-state.ts';
import { go, hrefOf, pieces } from '../address.ts';
import { managed } from '../api.ts';
import { now } from '../clock.ts';
import { AccountDownload } from '../components/account-download.tsx';
import { AccountForm } from '../components/account-form.tsx';
import { CooldownTimeline } from '../components/cooldown-timeline.tsx';
import { Copy } from '../components/copy.tsx';
import { Facts } from '../components/facts.tsx';
import { LimitList } from '../components/limit-list.tsx';
import { RecentStrip } from '../components/recent-strip.tsx';
import { RequestLine } from '../components/request-line.tsx';
import { State } from '../components/state.tsx';
import { UsageTable } from '../components/usage-table.tsx';
import { WindowList } from '../components/window-list.tsx';
import { dateAndTime, dayAndTime, fromNow } from '../format.ts';
import { words } from '../language.ts';
import { accounts } from '../live.ts';
import { useLoaded } from '../loaded.ts';
import { useTrial } from '../trial.ts';

const every = 5000;

export function Account() {
  const w = words.value.account;
  const id = pieces.value[1] ?? '';
  const there = encodeURIComponent(id);
  const { answer, problem, again } = useLoaded<AccountDetail>(`accounts/${there}`, every);
  const usage = useLoaded<{ rows: UsageRow[]; total: UsageRow }>(
    managed(`usage/summary?since=7d&by=model&credential=${there}`),
  );
  const recent = useLoaded<{ requests: RequestRow[] }>(`requests?limit=20&credential=${there}`, every);
  const row = accounts.value?.find((one) => one.id === id) ?? answer?.row;
  if (answer === undefined || row === undefined)
    return problem === '' ? (
      <p class="loading">{words.value.loading}</p>
    ) : (
      <>
        <h1>{id}</h1>
        <p class="problem">{problem}</p>
      </>
    );
  return (
    <>
      <h1>
        {row.label} <Copy text={row.id} />
      </h1>
      <p class={`sentence stated ${toneOf(row)}`}>
        <State tone={toneOf(row)}>{words.value.accounts.states[row.state]}</State>{' '}
        <span>
          {stateSentence(
            row,
            { all: answer.models.length, ready: answer.models.filter(({ ready }) => ready).length },
            now.value,
          )}
        </span>
      </p>
      {problem !== '' && <p class="problem">{problem}</p>}
      {row.recent !== null && (
        <div class="lately-line">
          <RecentStrip recent={row.recent} />
          {row.lastUse !== null && (
            <small title={dateAndTime(row.lastUse)}>
              {words.value.accounts.lastUse(fromNow(row.lastUse, now.value))}
            </small>
          )}
        </div>
      )}
      <Tools row={row} detail={answer} again={again} />
      <Windows detail={answer} />
      <Cooldowns row={row} detail={answer} />
      <section>
        <h2>{w.models(answer.models.length)}</h2>
        {answer.models.length === 0 && <p class="empty">{w.noModels}</p>}
        <ul class="chips">
          {answer.models.map((model) => (
            <li key={model.id}>
              <State tone={model.ready ? 'good' : 'warn'}>{model.id}</State>
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h2>{w.usage}</h2>
        {usage.answer !== undefined && usage.answer.total.requests > 0 ? (
          <UsageTable
            rows={usage.answer.rows}
            total={usage.answer.total}
            label={words.value.requests.model}
            nameOf={(one) => one.model ?? '–'}
          />
        ) : (
          <p class="empty">{usage.problem || words.value.usage.empty}</p>
        )}
      </section>
      <section>
        <h2>{w.recent}</h2>
        {(recent.answer?.requests ?? []).map((one) => (
          <RequestLine key={one.id} row={one} />
        ))}
        {recent.answer?.requests.length === 0 && <p class="empty">{w.noRequests}</p>}
      </section>
      <AccountFacts detail={answer} row={row} />
    </>
  );
}

function Tools({ row, detail, again }: { row: AccountRow; detail: AccountDetail; again(): void }) {
  const w = words.value.account;
  const a = words.value.accounts;
  const [editing, setEditing] = useState(false);
  const then = async (work: Promise<unknown>): Promise<void> => {
    await work;
    again();
  };
  const off = row.state === 'disabled';
  const { trial, tryIt } = useTrial(row.id, again);
  const [downloads, setDownloads] = useState(false);
  return (
    <>
      <div class="tools">
        {!off && (
          <button type="button" disabled={trial === 'running'} onClick={() => void tryIt()}>
            {trial === 'running' ? a.trying : a.try}
          </button>
        )}
        <button type="button" onClick={() => void then(switchAccount(row, !off))}>
          {off ? a.turnOn : a.turnOff}
        </button>
        {row.cooldowns.length > 0 && (
          <button type="button" onClick={() => void then(endCooldown(row))}>
            {a.endCooldown}
          </button>
        )}
        {detail.refreshable && (
          <button type="button" onClick={() => void then(refreshAccount(row))}>
            {w.refresh}
          </button>
        )}
        {detail.kind !== null && (
          <a class="button" href={hrefOf(`accounts/add?kind=${detail.kind}`)}>
            {w.signInAgain}
          </a>
        )}
        <button type="button" data-edit aria-expanded={editing} onClick={() => setEditing(!editing)}>
          {words.value.keys.edit}
        </button>
        {row.file !== null && (
          <button type="button" aria-expanded={downloads} onClick={() => setDownloads(!downloads)}>
            {w.download}
          </button>
        )}
        <button
          type="button"
          class="bad"
          onClick={() => {
            deleteAccounts([row]);
            go('accounts');
          }}
        >
          {words.value.keys.delete}
        </button>
      </div>
      {trial !== undefined && trial !== 'running' && (
        <p class="card" role="status">
          <State tone={trial.ok ? 'good' : 'bad'}>{trialText(row.label, trial)}</State>{' '}
          <a href={hrefOf(`requests/${trial.id}`)}>{w.look}</a>
        </p>
      )}
      {downloads && row.file !== null && (
        <AccountDownload file={row.file} close={() => setDownloads(false)} />
      )}
      {editing && (
        <AccountForm
          owner={detail.owner}
          isFile={row.file !== null}
          save={async (changes) => {
            // What is refused stays to be corrected.
            if (Object.keys(changes).length > 0 && !(await changeAccount(row, changes))) return;
            setEditing(false);
            again();
          }}
          close={() => setEditing(false)}
        />
      )}
    </>
  );
}

function Windows({ detail }: { detail: AccountDetail }) {
  const w = words.value.account;
  return (
    <section>
      <h2>{words.value.overview.quotas}</h2>
      {detail.windows.length === 0 ? (
        <p class="empty">{words.value.overview.noQuotas}</p>
      ) : (
        <WindowList windows={detail.windows} label={w.windowsOf(detail.row.label)} />
      )}
      {detail.budgets.length > 0 && (
        <>
          <h3>{w.budgets}</h3>
          <LimitList limits={detail.budgets} of={detail.row.label} />
        </>
      )}
    </section>
  );
}

/** Those that hold, and those of the last day. */
function Cooldowns({ row, detail }: { row: AccountRow; detail: AccountDetail }) {
  const w = words.value.account;
  const open = new Set(row.cooldowns.map(({ model, until }) => `${model} ${until}`));
  const shown = [
    ...row.cooldowns.map(({ model, kind, since, until, reason }) => ({
      id: `${model} ${kind}`,
      name: model ?? w.wholeAccount,
      ...{ since, until },
      reason: `${kind}: ${reason}`,
      end: () => void endCooldown(row, model ?? undefined),
    })),
    ...detail.cooldowns
      .filter(({ model, until }) => Date.parse(until) < now.value || !open.has(`${model} ${until}`))
      // One that was ended by hand, or by an answer, is over although its time is not.
      .map(({ request, model, status, reason, since, until }) => ({
        id: request,
        name: model,
        since,
        until: Date.parse(until) > now.value ? since : until,
        reason: `${status}: ${reason}`,
        href: hrefOf(`requests/${request}`),
      })),
  ];
  return (
    <section>
      <h2>{words.value.cooldowns.title}</h2>
      {shown.length === 0 ? (
        <p class="empty">{w.noCooldowns}</p>
      ) : (
        <CooldownTimeline cooldowns={shown} label={words.value.cooldowns.title} />
      )}
    </section>
  );
}

function AccountFacts({ detail, row }: { detail: AccountDetail; row: AccountRow }) {
  const w = words.value.account;
  const facts: [string, string | null][] = [
    [w.facts.provider, row.provider],
    [w.facts.email, row.email],
    [w.facts.plan, row.plan],
    [w.facts.note, detail.owner.note],
    [w.facts.address, detail.baseUrl],
    [w.facts.file, detail.path],
    [
      w.facts.expires,
      detail.expires && `${dayAndTime(detail.expires)} (${fromNow(detail.expires, now.value)})`,
    ],
    [
      w.facts.refreshed,
      detail.refreshed && `${dayAndTime(detail.refreshed)} (${fromNow(detail.refreshed, now.value)})`,
    ],
    [w.facts.lastUse, row.lastUse && `${dateAndTime(row.lastUse)} (${fromNow(row.lastUse, now.value)})`],
    [w.facts.id, row.id],
  ];
  return (
    <section>
      <h2>{w.factsTitle}</h2>
      <Facts facts={facts} />
    </section>
  );
}
