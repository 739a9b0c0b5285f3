/** One request: what it has been through, as a waterfall, and why it went to this account. */
import { useEffect, useState } from 'preact/hooks';
import type { RequestTrace, TraceStep } from '../../src/gateway/trace/request-trace.ts';
import { pieces } from '../address.ts';
import { ask, managed } from '../api.ts';
import { Copy } from '../components/copy.tsx';
import { RequestLine } from '../components/request-line.tsx';
import { State, toneOf } from '../components/state.tsx';
import { clock, dayAndTime, milliseconds } from '../format.ts';
import { words } from '../language.ts';
import { requests } from '../live.ts';

export function Request() {
  const w = words.value.request;
  const id = pieces.value[1] ?? '';
  const [trace, setTrace] = useState<RequestTrace>();
  const [problem, setProblem] = useState('');
  useEffect(() => {
    const leaving = new AbortController();
    ask<{ request: RequestTrace }>(managed(`requests/${encodeURIComponent(id)}`), { signal: leaving.signal })
      .then(({ request }) => setTrace(request))
      .catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)));
    return () => leaving.abort();
  }, [id]);
  const row = requests.value.find((one) => one.id === id);
  return (
    <>
      <h1>
        {w.title} <code>{id}</code> <Copy text={id} />
      </h1>
      {row !== undefined && <RequestLine row={row} />}
      {problem !== '' && <p class="problem">{problem}</p>}
      {trace !== undefined && (
        <>
          <p>
            {trace.outcome === undefined ? (
              words.value.requests.running
            ) : (
              <State tone={toneOf(trace.outcome.status, trace.outcome.error ?? null)}>
                {trace.outcome.error ?? String(trace.outcome.status)}
              </State>
            )}{' '}
            {trace.client} · {trace.model} · {dayAndTime(trace.at)} · {milliseconds(trace.outcome?.duration)}
          </p>
          <h2>{w.steps}</h2>
          <Waterfall trace={trace} />
          {trace.choice !== undefined && (
            <>
              <h2>{w.chosen}</h2>
              <p>
                {w.strategy} {trace.choice.strategy} · {trace.choice.candidates} {w.candidates},{' '}
                {trace.choice.ready} {w.ready}, {trace.choice.resting} {w.resting}
                {trace.choice.boundTo !== undefined && ` · ${w.bound} ${trace.choice.boundTo}`}
              </p>
              <ul>
                {trace.choice.passed.map(({ credential, model, why, reason, until }) => (
                  <li key={`${credential} ${model}`}>
                    {credential} · {model}: {why} – {reason} ({w.cooldown(clock(until))})
                  </li>
                ))}
              </ul>
            </>
          )}
        </>
      )}
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
            <span class="step">{textOf(step)}</span>
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
