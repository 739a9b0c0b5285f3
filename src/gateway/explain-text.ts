/** A request's trace as people read it. Pure. */
import { spanText } from '../credentials/cooldown-table.ts';
import type { PassedOver, RequestTrace, TracedChoice, TraceStep } from './attempt-record.ts';

/** Several lines, without colours. `now` in ms since the epoch. */
export function explainTrace(trace: RequestTrace, now: number): string {
  const { id, at, client, model, operation, choice, steps, outcome } = trace;
  const lines = [
    `request ${id}`,
    `  ${new Date(at).toISOString()}, ${spanText(now - at)} ago: ${client}, ${operation}, model ${model}`,
  ];
  if (choice === undefined) lines.push('  nobody was asked');
  else lines.push(...choiceLines(choice, at));
  for (const step of steps) lines.push(`  ${stepText(step, at)}`);
  lines.push(
    outcome === undefined
      ? '  still running'
      : `  answered with ${outcome.status} after ${outcome.duration} ms${outcome.error === undefined ? '' : `: ${outcome.error}`}`,
  );
  return `${lines.join('\n')}\n`;
}

/** What would happen to a request for a model now, as people read it. */
export function explainChoice(
  model: string,
  choice: TracedChoice,
  key: { name: string; mayUseModel: boolean; candidates: number } | null,
  now: number,
): string {
  const outlook =
    choice.ready > 0
      ? `  a request would be served by one of the ${choice.ready} ready now`
      : '  a request would find nobody ready';
  const allowed =
    key === null
      ? []
      : key.mayUseModel
        ? [`  the key ${key.name} may use ${key.candidates} of them`]
        : [`  the key ${key.name} may not use this model`];
  return `${[`model ${model}`, ...choiceLines(choice, now), ...allowed, outlook].join('\n')}\n`;
}

function choiceLines(choice: TracedChoice, now: number): string[] {
  const { candidates, ready, resting, spared, strategy, boundTo, passed } = choice;
  const counts = [`${ready} ready`, `${resting} resting`, ...(spared > 0 ? [`${spared} spared`] : [])];
  const lines = [`  candidates: ${candidates} (${counts.join(', ')}), chosen by ${strategy}`];
  if (boundTo !== undefined) lines.push(`  the conversation is bound to ${boundTo}`);
  for (const one of passed) lines.push(`  passed over: ${passedText(one, now)}`);
  const unnamed = resting + spared - passed.length;
  if (unnamed > 0) lines.push(`  passed over: ${unnamed} more`);
  return lines;
}

/** `work (…x9Qf): quota until 12:04:05 (in 38s): what the upstream said`. */
export function passedText({ credential, why, reason, until, promised }: PassedOver, now: number): string {
  const probe =
    promised === undefined
      ? ''
      : `; the provider says ${new Date(Math.min(promised, 8.64e15)).toISOString()}`;
  const said = reason === '' ? '' : `: ${reason}`;
  return `${credential}: ${why} until ${clock(until)} (in ${spanText(until - now)}${probe})${said}`;
}

function stepText(step: TraceStep, at: number): string {
  switch (step.kind) {
    case 'attempt': {
      const { credential, provider, model, startedAt, duration, trial, result } = step;
      const head = `+${startedAt} ms  ${credential} (${provider}, ${model})${trial ? ', on trial' : ''}`;
      if (result === undefined) return `${head}: no answer yet`;
      const took = duration === undefined ? '' : ` after ${duration} ms`;
      if (result === 'answered') return `${head}: answered${took}`;
      const rest =
        result.restsUntil === undefined
          ? ''
          : `; rests until ${clock(result.restsUntil)} (${spanText(result.restsUntil - at - startedAt)})`;
      return `${head}: ${result.status} ${result.why}${took}: ${result.reason}${rest}`;
    }
    case 'wait':
      return `+${step.at} ms  nobody could serve: waited ${step.milliseconds} ms for the first to come back`;
    case 'round':
      return `+${step.at} ms  all were tried: another round`;
    case 'preview':
      return `+${step.at} ms  the quota is used up: on to the preview model ${step.model}`;
  }
}

function clock(time: number): string {
  return `${new Date(time).toISOString().slice(11, 19)}Z`;
}
