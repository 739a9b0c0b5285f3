/** "Is it fine, what is left, what runs": answered without a click. */
import type { Offers, Overview as OverviewData, Problem } from '../../src/console/wire.ts';
import type { ListedPool } from '../../src/management/quota-list.ts';
import { endCooldown } from '../account-actions.ts';
import { hrefOf } from '../address.ts';
import { now } from '../clock.ts';
import { Meter } from '../components/meter.tsx';
import { MinutesChart } from '../components/minutes-chart.tsx';
import { RequestLine } from '../components/request-line.tsx';
import { State } from '../components/state.tsx';
import { paid, unpriced } from '../cost.ts';
import { count, dollars, endTime, fromNow, milliseconds, percent } from '../format.ts';
import { words } from '../language.ts';
import { overview, running } from '../live.ts';
import { useLoaded } from '../loaded.ts';
import { windowName } from '../quota-window.ts';

type OverviewState = OverviewData['state'];

/** Running requests that are shown; the others are on their page. */
const mostRunning = 10;

export function Overview() {
  const w = words.value.overview;
  const data = overview.value;
  if (data === undefined) return <p class="loading">{words.value.loading}</p>;
  const { state, problems, minutes, failures, pools, today, yesterday } = data;
  // Windows known only from a refusal are cooldowns, and listed among those.
  const reported = pools.filter(({ window }) => window !== 'refusal');
  const scarce = reported.toSorted((one, other) => one.left / one.accounts - other.left / other.accounts)[0];
  const tone =
    state.ready === 0 && !state.sandbox
      ? 'bad'
      : state.sandbox || problems.length > 0 || state.ready < state.accounts || state.coolingCount > 0
        ? 'warn'
        : 'good';
  return (
    <div class="overview">
      <h1 class={`sentence ${tone}`}>
        {state.sandbox
          ? w.sandbox
          : state.accounts === 0
            ? w.noAccount
            : state.ready === state.accounts
              ? w.allServe(state.accounts)
              : state.ready === 0
                ? w.noneServe
                : w.someServe(state.ready, state.accounts)}{' '}
        <CoolingWords state={state} />
        <HowManyRun />
        {state.away.length > 0 && `${w.away(state.away.join(', '))} `}
        {scarce !== undefined && <LeastLeft pool={scarce} />}
      </h1>
      {(state.sandbox || state.accounts === 0) && <FirstAccount />}
      {problems.length > 0 && (
        <section aria-label={w.problems}>
          <h2>{w.problems}</h2>
          <ul>
            {problems.map((problem) => (
              <ProblemLine key={problem.text} problem={problem} />
            ))}
          </ul>
        </section>
      )}
      <section class="figures" aria-label={w.today}>
        <Figure
          label={w.requests}
          value={count(today?.requests)}
          note={yesterday && w.sameTimeYesterday(count(yesterday.requests))}
        />
        <Figure
          label={w.tokens}
          value={count(today && today.tokens.input + today.tokens.output)}
          note={yesterday && w.sameTimeYesterday(count(yesterday.tokens.input + yesterday.tokens.output))}
        />
        <Figure
          label={w.cost}
          value={today ? paid(today) : '–'}
          note={[
            today && Number(today.cost.worth) > 0 && w.worth(dollars(today.cost.worth)),
            today && unpriced(today),
            yesterday && w.sameTimeYesterday(paid(yesterday)),
          ]
            .filter(Boolean)
            .join(' · ')}
        />
        <Figure
          label={w.firstToken}
          value={milliseconds(today?.ttftP50)}
          note={today?.ttftP95 === null ? null : today && `p95 ${milliseconds(today.ttftP95)}`}
        />
      </section>
      <section class="minute-by-minute">
        <h2>{w.perMinute}</h2>
        <MinutesChart minutes={minutes} label={w.perMinute} ok={w.ok} failed={w.failed} />
      </section>
      <section>
        <h2>{w.quotas}</h2>
        {reported.length === 0 ? (
          <p class="empty">{w.noQuotas}</p>
        ) : (
          <ul class="pools">
            {reported.map((pool) => (
              <Pool key={`${pool.provider} ${pool.window} ${pool.model}`} pool={pool} />
            ))}
          </ul>
        )}
      </section>
      <section>
        <h2>{w.running}</h2>
        <Running />
      </section>
      <section>
        <h2>{w.failures}</h2>
        {failures.length === 0 ? (
          <p class="empty">{w.noFailures}</p>
        ) : (
          failures.map((row) => <RequestLine key={row.id} row={row} />)
        )}
      </section>
    </div>
  );
}

/** What runs changes several times a second, the rest of the page rarely: each is drawn by itself. */
function HowManyRun() {
  const { length } = running.value;
  return length === 0 ? null : <span>{words.value.overview.run(length)} </span>;
}

function Running() {
  const w = words.value.overview;
  if (running.value.length === 0) return <p class="empty">{w.noneRunning}</p>;
  return (
    <>
      {running.value.slice(0, mostRunning).map((row) => (
        <RequestLine key={row.id} row={row} />
      ))}
      {running.value.length > mostRunning && (
        <a href={hrefOf('requests')}>{w.more(running.value.length - mostRunning)}</a>
      )}
    </>
  );
}

function LeastLeft({ pool }: { pool: ListedPool }) {
  const { provider, left, accounts, resets } = pool;
  const until = resets === null ? '' : fromNow(resets, now.value);
  return (
    <span>{words.value.overview.leastLeft(provider, windowName(pool), percent(left / accounts), until)}</span>
  );
}

/** What is in cooldown, and until when: a sentence each for the first of them. */
function CoolingWords({ state: { cooling, coolingCount } }: { state: OverviewState }) {
  const w = words.value.overview;
  if (coolingCount === 0) return null;
  const more = coolingCount - cooling.length;
  return (
    <span>
      {cooling.map(({ label, model, until }) => (
        <a key={`${label} ${model}`} href={hrefOf('accounts')}>
          {w.cooling(model === null ? label : `${label} · ${model}`, endTime(until))}
        </a>
      ))}{' '}
      {more > 0 && <a href={hrefOf('accounts')}>{w.moreCooling(more)}</a>}{' '}
    </span>
  );
}

/** What is wrong, and the button that mends it. */
function ProblemLine({ problem }: { problem: Problem }) {
  const { kind, text, page, until, credential } = problem;
  const w = words.value;
  return (
    <li class="tools">
      <State tone={until === undefined ? 'bad' : 'warn'}>
        {[
          kind === 'config' || kind === 'disk' || kind === 'cluster' ? `${w.overview.kinds[kind]}: ` : '',
          text,
          until === undefined ? '' : ` (${w.accounts.until(endTime(until))})`,
        ].join('')}
      </State>
      <a href={hrefOf(kind === 'sign-in' ? 'accounts?state=sign-in' : page)}>{w.overview.look}</a>
      {credential !== undefined && (
        <button type="button" onClick={() => void endCooldown({ id: credential })}>
          {w.accounts.endCooldown}
        </button>
      )}
    </li>
  );
}

/** No account yet: the ways to one. */
function FirstAccount() {
  const w = words.value.overview;
  const { answer } = useLoaded<Offers>('offers');
  return (
    <section class="card" aria-label={w.firstAccount}>
      <h2>{w.firstAccount}</h2>
      <p class="tools">
        {(answer?.signIns ?? []).slice(0, 5).map(({ kind, title }) => (
          <a key={kind} class="button" href={hrefOf(`accounts/add?kind=${kind}`)}>
            {title}
          </a>
        ))}
        <a class="button main" href={hrefOf('accounts/add')}>
          {words.value.addAccount.title}
        </a>
      </p>
      <p>{words.value.accounts.emptyMore}</p>
    </section>
  );
}

function Figure({ label, value, note }: { label: string; value: string; note: string | null | undefined }) {
  return (
    <p class="figure">
      <span>{label}</span>
      <strong>{value}</strong>
      <small>{note}</small>
    </p>
  );
}

/** A window of all accounts of a provider: what is left, how long it lasts, when it begins anew. */
function Pool({ pool }: { pool: ListedPool }) {
  const w = words.value.overview;
  const share = pool.left / pool.accounts;
  const name = `${pool.provider} · ${windowName(pool)}`;
  return (
    <li>
      <span>{name}</span>
      <Meter left={share} label={name} />
      <span>{words.value.left(percent(share))}</span>
      <small>
        {[
          pool.burn !== null && pool.burn > 0 && words.value.account.burn(percent(pool.burn / pool.accounts)),
          pool.exhausts !== null && share > 0 && w.lasts(endTime(pool.exhausts)),
          pool.resets !== null && w.resets(endTime(pool.resets)),
        ]
          .filter(Boolean)
          .join(' · ')}
      </small>
    </li>
  );
}
