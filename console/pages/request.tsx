/** One request: what it has been through, as a waterfall, and why it went to this account. */
import { useEffect, useState } from 'preact/hooks';
import type { RequestRow } from '../../src/console/wire.ts';
import type { RequestTrace, TracedChoice, TraceStep } from '../../src/gateway/trace/request-trace.ts';
import type { ListedRequest } from '../../src/usage/listed-request.ts';
import { hrefOf, pieces } from '../address.ts';
import { askText, managed } from '../api.ts';
import { Copy, CopyButton } from '../components/copy.tsx';
import { Facts } from '../components/facts.tsx';
import { RequestBodies } from '../components/request-bodies.tsx';
import { State, toneOf } from '../components/state.tsx';
import { clock, count, dateAndTime, dollars, milliseconds } from '../format.ts';
import { words } from '../language.ts';
import { requests } from '../live.ts';
import { useLoaded } from '../loaded.ts';
import { requestLogParts } from '../request-log-parts.ts';

/** Milliseconds between looks at one that runs. */
const lookTime = 1000;

export function Request() {
  const w = words.value.request;
  const id = pieces.value[1] ?? '';
  const [over, setOver] = useState(false);
  const { answer, problem } = useLoaded<{ request: RequestTrace }>(
    managed(`requests/${encodeURIComponent(id)}`),
    over ? undefined : lookTime,
  );
  const trace = answer?.request;
  const ended = trace?.outcome !== undefined || problem !== '';
  useEffect(() => setOver(ended), [ended]);
  const kept = useKept(id, ended);
  const at = requests.value.findIndex((one) => one.id === id);
  const row = requests.value[at];
  return (
    <>
      <h1>
        {w.title} <code>{id}</code> <Copy text={id} />
      </h1>
      <p class="tools">
        {trace !== undefined && <CopyButton title={w.asCurl} text={() => lineFor(trace, kept)} />}
        {trace !== undefined && (
          <a class="button" href={hrefOf(`play?${playgroundQuery(trace)}`)}>
            {w.inPlayground}
          </a>
        )}
      </p>
      <Others row={row} newer={requests.value[at - 1]} older={at < 0 ? undefined : requests.value[at + 1]} />
      {problem !== '' && trace === undefined && <p class="problem">{problem}</p>}
      {trace !== undefined && (
        <>
          <Measures trace={trace} row={row} />
          <h2>{w.steps}</h2>
          {trace.steps.length === 0 && ended && (
            <NobodyAsked asked={trace.model} error={row?.error ?? null} />
          )}
          <Waterfall trace={trace} />
          {trace.choice !== undefined && <Chosen choice={trace.choice} account={firstAsked(trace)} />}
          <Losses losses={trace.losses} />
          <Amounts id={id} over={over} trace={trace} />
          <RequestBodies id={id} text={kept} />
        </>
      )}
    </>
  );
}

/** Ended before any account was asked: why, where that is known, and where to look. */
function NobodyAsked({ asked, error }: { asked: string; error: string | null }) {
  const w = words.value.request;
  return (
    <p class="empty">
      {error === 'not-found' ? w.nobodyServes(asked) : w.nobodyAsked}{' '}
      {error === 'not-found' && <a href={hrefOf('models')}>{w.toModels}</a>}
    </p>
  );
}

/** The file of the whole request, where there is one: it is written when the request has ended. */
function useKept(id: string, ended: boolean): string {
  const [kept, setKept] = useState('');
  useEffect(() => {
    if (!ended) return undefined;
    const leaving = new AbortController();
    askText(managed(`request-log-by-id/${encodeURIComponent(id)}`), leaving.signal)
      .then(setKept)
      // Nothing is kept of it.
      .catch(() => undefined);
    return () => leaving.abort();
  }, [id, ended]);
  return kept;
}

/** The request as a line for a terminal: with its body where that is kept, else with a question in its protocol. */
async function lineFor(trace: RequestTrace, kept: string): Promise<string> {
  const { curlFor } = await import('../play/curl.ts');
  return curlFor(trace.client, trace.model, requestLogParts(kept).find(({ kind }) => kind === 'body')?.text);
}

function playgroundQuery({ model, client }: RequestTrace): string {
  return new URLSearchParams({ model, protocol: client }).toString();
}

/** The ones beside it, and those that are like it. */
function Others({
  row,
  newer,
  older,
}: {
  row: RequestRow | undefined;
  newer: RequestRow | undefined;
  older: RequestRow | undefined;
}) {
  const w = words.value.request;
  const like = { key: row?.key, asked: row?.asked, credential: row?.credential } as const;
  return (
    <p class="tools">
      {newer !== undefined && (
        <a data-newer href={hrefOf(`requests/${newer.id}`)}>
          ← {w.newer}
        </a>
      )}
      {older !== undefined && (
        <a data-older href={hrefOf(`requests/${older.id}`)}>
          {w.older} →
        </a>
      )}
      {Object.entries(like).map(
        ([name, value]) =>
          value && (
            <a key={name} href={hrefOf(`requests?${new URLSearchParams({ [name]: value })}`)}>
              {w.moreOf(value)}
            </a>
          ),
      )}
    </p>
  );
}

/** What it was, and what came of it, in one look. */
function Measures({ trace, row }: { trace: RequestTrace; row: RequestRow | undefined }) {
  const w = words.value.requests;
  const { outcome } = trace;
  const used = row?.model ?? null;
  // A row has the kind of the error, also where the answer had begun well.
  const error = row?.error ?? outcome?.error ?? null;
  const facts: [string, string | null | undefined][] = [
    [w.time, dateAndTime(trace.at)],
    [w.key, trace.key ?? row?.key],
    [w.model, used === null || used === trace.model ? trace.model : `${trace.model} → ${used}`],
    [w.account, row?.credential],
    [w.protocol, trace.client],
    [w.firstToken, row?.ttft == null ? null : milliseconds(row.ttft)],
    [w.duration, outcome && milliseconds(outcome.duration)],
  ];
  return (
    <dl class="measures">
      <div>
        <dt>{w.status}</dt>
        <dd>
          {outcome === undefined ? (
            <State tone="off">{w.running}</State>
          ) : (
            <State tone={toneOf(outcome.status, error)}>
              {[outcome.status, error].filter(Boolean).join(' ')}
            </State>
          )}
        </dd>
      </div>
      {facts.map(
        ([name, value]) =>
          value && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

/** The account that the choice fell on: others are asked after it has failed. */
function firstAsked({ steps }: RequestTrace): string | undefined {
  return steps.find((step) => step.kind === 'attempt')?.credential;
}

function Chosen({ choice, account }: { choice: TracedChoice; account: string | undefined }) {
  const w = words.value.request;
  return (
    <>
      <h2>{w.chosen}</h2>
      <p>
        {account === undefined
          ? `${w.strategy} ${choice.strategy} · ${choice.candidates} ${w.candidates}, ${choice.ready} ${w.ready}, ${choice.resting} ${w.coolingDown}`
          : w.chosenOf(account, choice.strategy, choice.ready, choice.candidates, choice.resting)}
        {choice.boundTo !== undefined && ` ${w.bound(choice.boundTo)}`}
      </p>
      {choice.by !== undefined && (
        <p>
          {w.byRoute(choice.by.name)}: {choice.by.targets.join(' → ')}
          {choice.by.rules.length > 0 && ` (${choice.by.rules.join(', ')})`}
        </p>
      )}
      <ul>
        {(choice.by?.unfit ?? []).map(({ model, why }) => (
          <li key={model}>
            {model}: {why}
          </li>
        ))}
        {choice.passed.map(({ credential, model, why, reason, until }) => (
          <li key={`${credential} ${model}`}>
            {credential} · {model}: {why} – {reason} ({w.cooldown(clock(until))})
          </li>
        ))}
      </ul>
    </>
  );
}

/** What the provider's protocol had no place for. */
function Losses({ losses }: { losses: RequestTrace['losses'] }) {
  const w = words.value.request;
  if (losses === undefined) return null;
  return (
    <>
      <h2>{w.losses}</h2>
      <ul>
        {losses.map(({ kind, field, detail }) => (
          <li key={`${kind} ${field}`}>
            <State tone={kind === 'dropped' ? 'warn' : 'off'}>{w.lossKinds[kind]}</State> <code>{field}</code>{' '}
            {detail}
          </li>
        ))}
      </ul>
    </>
  );
}

/** Tokens and cost, as the store has them. */
function Amounts({ id, over, trace }: { id: string; over: boolean; trace: RequestTrace }) {
  const w = words.value.request;
  const { answer, again } = useLoaded<{ request: ListedRequest }>(
    managed(`usage/requests/${encodeURIComponent(id)}`),
  );
  useEffect(() => {
    if (over) again();
  }, [over]);
  const kept = answer?.request;
  if (kept === undefined) return null;
  const { tokens, cost, counted, billing } = kept;
  const facts: [string, string | null][] = [
    [w.input, tokens.input === null ? null : count(tokens.input)],
    [w.cacheRead, tokens.cacheRead === null ? null : count(tokens.cacheRead)],
    [w.cacheWrite, tokens.cacheWrite === null ? null : count(tokens.cacheWrite)],
    [w.output, tokens.output === null ? null : count(tokens.output)],
    [w.reasoning, tokens.reasoning === null ? null : count(tokens.reasoning)],
    [
      w.cost,
      cost === null
        ? counted === 'none'
          ? null
          : words.value.usage.noPrice
        : `${dollars(cost)}${billing === 'subscription' ? ` (${w.worth})` : ''}`,
    ],
    [w.counted, counted === 'none' ? null : counted],
    [w.paidAgain, trace.cache?.again ? count(trace.cache.again) : null],
  ];
  // Of a request that reached no account nothing was counted.
  if (facts.every(([, value]) => value === null)) return null;
  return (
    <>
      <h2>{w.amounts}</h2>
      <Facts facts={facts} />
    </>
  );
}

function Waterfall({ trace }: { trace: RequestTrace }) {
  const w = words.value.request;
  const ends = trace.steps.map((step) => startOf(step) + (lengthOf(step) ?? 0));
  const whole = Math.max(1, trace.outcome?.duration ?? 0, ...ends);
  return (
    <ol class="waterfall">
      {trace.steps.map((step) => {
        const from = startOf(step);
        const length = lengthOf(step) ?? whole - from;
        return (
          <li key={`${step.kind} ${from}`}>
            <span>{textOf(step)}</span>
            <span class="lane">
              <span
                class={`span ${toneOfStep(step)}`}
                style={{
                  left: `${(from / whole) * 100}%`,
                  width: `${Math.max(0.5, (length / whole) * 100)}%`,
                }}
              />
            </span>
            <span class="number">{milliseconds(length)}</span>
            {step.kind === 'attempt' && step.result !== undefined && step.result !== 'answered' && (
              <small class="reason">
                {step.result.status} {step.result.why}: {step.result.reason}
                {step.result.restsUntil !== undefined && ` (${w.cooldown(clock(step.result.restsUntil))})`}
              </small>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function startOf(step: TraceStep): number {
  return step.kind === 'attempt' ? step.startedAt : step.at;
}

function lengthOf(step: TraceStep): number | undefined {
  return step.kind === 'attempt' ? step.duration : step.kind === 'wait' ? step.milliseconds : 0;
}

function toneOfStep(step: TraceStep): string {
  if (step.kind !== 'attempt') return 'off';
  return step.result === undefined ? 'off' : step.result === 'answered' ? 'good' : 'bad';
}

function textOf(step: TraceStep): string {
  const w = words.value.request;
  switch (step.kind) {
    case 'attempt':
      return `${step.credential} · ${step.model}`;
    case 'wait':
      return w.waited;
    default:
      return step.kind;
  }
}
