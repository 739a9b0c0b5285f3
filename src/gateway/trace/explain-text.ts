/** A request's trace as people read it. Pure. */

import { spanText } from '../../credentials/cooldown-table.ts';
import { counted } from '../../ground/counted.ts';
import type { LimitName } from '../../limits/limit.ts';
import { amountText } from '../../limits/refusal.ts';
import type {
  PassedOver,
  RequestTrace,
  TracedCache,
  TracedChoice,
  TracedModelRoute,
  TraceStep,
} from './request-trace.ts';

/** Several lines, without colours. `now` in ms since the epoch. */
export function explainTrace(trace: RequestTrace, now: number): string {
  const { id, at, client, key, model, operation, choice, steps, outcome } = trace;
  const lines = [
    `request ${id}`,
    `  ${new Date(at).toISOString()}, ${spanText(now - at)} ago: ${client}, ${operation}, model ${model}${key === undefined ? '' : `, key ${key}`}`,
  ];
  if (trace.replica !== undefined) lines.push(`  on the replica ${trace.replica}`);
  if (choice === undefined) lines.push('  no credential was tried');
  else lines.push(...choiceLines(model, choice, at));
  for (const step of steps) lines.push(`  ${stepText(step, at)}`);
  if (trace.leftOut !== undefined) lines.push(`  … and ${trace.leftOut} further steps (bounds.trace)`);
  if (trace.cache !== undefined) lines.push(`  ${cacheText(trace.cache)}`);
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
  key: ExplainedKey | null,
  now: number,
): string {
  const lines = [`model ${model}`, ...choiceLines(model, choice, now)];
  if (key !== null) lines.push(...keyLines(key, now));
  return `${[...lines, `  ${outlook(choice, key)}`].join('\n')}\n`;
}

/** What a client key may use of a model's candidates, and the state of its limits. */
export interface ExplainedKey {
  name: string;
  mayUseModel: boolean;
  candidates: number;
  ready: number;
  /** `resets`: ISO 8601, or null. */
  limits: readonly { limit: LimitName; most: number; used: number; left: number; resets: string | null }[];
}

function keyLines({ name, mayUseModel, candidates, limits }: ExplainedKey, now: number): string[] {
  const lines = [
    mayUseModel
      ? `  the key ${name} may use ${candidates} of them`
      : `  the key ${name} may not use this model`,
  ];
  for (const { limit, most, used, left, resets } of limits) {
    const amount = (value: number): string => amountText(limit, value, true);
    const until = resets === null ? '' : `; all of it again in ${spanText(Date.parse(resets) - now)}`;
    lines.push(`  ${limit}: ${amount(left)} of ${amount(most)} left, ${amount(used)} used${until}`);
  }
  return lines;
}

function outlook({ ready }: TracedChoice, key: ExplainedKey | null): string {
  if (key !== null && (!key.mayUseModel || key.candidates === 0)) return 'a request with it would be refused';
  const full = key?.limits.find(({ left }) => left <= 0);
  if (full !== undefined) return `a request with it would be refused: ${full.limit} is used up`;
  const serving = key?.ready ?? ready;
  return serving > 0
    ? `a request would be served by ${serving === 1 ? 'the one that is ready' : `one of the ${serving} that are ready`} now`
    : 'no credential is ready for a request';
}

function choiceLines(asked: string, choice: TracedChoice, now: number): string[] {
  const { candidates, ready, resting, spared, strategy, boundTo, passed, named = [], by } = choice;
  const counts = [`${ready} ready`, `${resting} cooling down`, ...(spared > 0 ? [`${spared} reserved`] : [])];
  const lines = by === undefined ? [] : modelRouteLines(by);
  lines.push(`  candidates: ${candidates} (${counts.join(', ')}), chosen by ${strategy}`);
  if (boundTo !== undefined) lines.push(`  the conversation is bound to ${boundTo}`);
  // Where one name is that of several models of a credential, each is distinguished.
  const several = new Set([...passed, ...named].map(({ model }) => model)).size > 1;
  for (const one of named) {
    const model = several && one.model !== asked ? `${one.model} at ` : '';
    lines.push(`  ready: ${model}${one.credential}`);
  }
  if (named.length > 0 && ready > named.length) lines.push(`  ready: ${ready - named.length} more`);
  for (const one of passed) {
    const model = several && one.model !== asked ? `${one.model} at ` : '';
    lines.push(`  passed over: ${model}${passedText(one, now)}`);
  }
  const unnamed = resting + spared - passed.length;
  if (unnamed > 0) lines.push(`  passed over: ${unnamed} more`);
  return lines;
}

function modelRouteLines({ name, targets, rules, unfit = [] }: TracedModelRoute): string[] {
  return [
    `  model route ${name}: ${targets.join(', then ')}`,
    ...rules.map((rule) => `  by ${rule}`),
    ...unfit.map(({ model, why }) => `  passed over: ${model}: the request has ${why}`),
  ];
}

/** `work (…x9Qf): quota until 12:04:05 (in 38s): the upstream's message`. */
function passedText({ credential, why, reason, until, promised }: PassedOver, now: number): string {
  const probe =
    promised === undefined
      ? ''
      : `; the provider's time is ${new Date(Math.min(promised, 8.64e15)).toISOString()}`;
  const said = reason === '' ? '' : `: ${reason}`;
  return `${credential}: ${why} until ${clock(until)} (in ${spanText(until - now)}${probe})${said}`;
}

function stepText(step: TraceStep, at: number): string {
  switch (step.kind) {
    case 'attempt': {
      const { credential, provider, model, startedAt, duration, trial, result, sentAgain = [] } = step;
      const again = sentAgain.length === 0 ? '' : `, sent again (${sentAgain.join(', ')})`;
      const head = `+${startedAt} ms  ${credential} (${provider}, ${model})${trial ? ', on trial' : ''}${again}`;
      if (result === undefined) return `${head}: no answer yet`;
      const took = duration === undefined ? '' : ` after ${duration} ms`;
      if (result === 'answered') return `${head}: answered${took}`;
      const rest =
        result.restsUntil === undefined
          ? ''
          : `; cooling down until ${clock(result.restsUntil)} (${spanText(result.restsUntil - at - startedAt)})`;
      return `${head}: ${result.status} ${result.why}${took}: ${result.reason}${rest}`;
    }
    case 'wait':
      if (step.boundTo !== undefined)
        return `+${step.at} ms  waited ${step.milliseconds} ms for ${step.boundTo}, which has the conversation in its prompt cache`;
      return `+${step.at} ms  no credential available: waited ${step.milliseconds} ms for the first cooldown to end`;
    case 'round':
      return `+${step.at} ms  all were tried: another round`;
    case 'preview':
      return `+${step.at} ms  the quota is used up: on to the preview model ${step.model}`;
    case 'fallback':
      return `+${step.at} ms  on to ${step.model}, the next of the model route`;
  }
}

function cacheText({ read, written, again, because, before }: TracedCache): string {
  const head = `prompt cache: ${counted(read, 'token')} read, ${written} written`;
  if (because === null) return head;
  const why =
    because === 'switched'
      ? `the conversation was at ${before ?? 'another credential'} before`
      : 'its beginning has changed';
  return `${head}; ${again} paid again: ${why}`;
}

function clock(time: number): string {
  return `${new Date(time).toISOString().slice(11, 19)}Z`;
}
