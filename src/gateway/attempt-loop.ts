/** The attempts of one request: which credential is asked, when it is asked again, and when to give up. */
import type { Candidate, Route } from '../credentials/catalog.ts';
import type { Pool } from '../credentials/pool.ts';
import { nextStep, type RetryState } from '../credentials/retry.ts';
import { candidateKey } from '../credentials/route-pool.ts';
import { targetText } from '../credentials/route-target.ts';
import type { MayServe } from '../credentials/survey.ts';
import type { Answer } from './answer.ts';
import { allBusy, clientGone, namedCoolingDown } from './error-answer.ts';
import { tryLease } from './leased-attempt.ts';
import { previewRoutes } from './preview-route.ts';
import { allFailed, noneReady, refused } from './refused-request.ts';
import { type Failed, mayServe, type RequestContext } from './request-context.ts';
import type { SharedState } from './shared-state.ts';
import { type SlotSeeker, seekSlots } from './slot-queue.ts';
import { worthWaiting } from './switch-cost.ts';
import { targetAttempts } from './target-attempts.ts';
import { tracedChoice, withModelRoute } from './trace/request-trace.ts';

/** Tries candidates until one answers, or none is left to try. */
export function firstAnswer(state: SharedState, context: RequestContext): Promise<Answer> {
  if (!state.inForce.capped) return answerOfOne(state, context, undefined);
  const seeker = seekSlots(state.concurrency, state.heldSlots, state.deps.clock, context.request.signal);
  return answerOfOne(state, context, seeker).finally(() => seeker.end());
}

async function answerOfOne(
  state: SharedState,
  context: RequestContext,
  seeker: SlotSeeker | undefined,
): Promise<Answer> {
  const { pool, sessions, deps } = state;
  const { request, settings, session, recorder } = context;
  const may = mayServe(context);
  const limit = settings['max-retry-credentials'] || Number.POSITIVE_INFINITY;
  const tried = new Set<Candidate>();
  const targets =
    context.route.by === undefined ? undefined : targetAttempts(context.route.by.targets, limit);
  const passOver = (candidate: Candidate): boolean =>
    tried.has(candidate) ||
    targets?.isOver(candidate) === true ||
    (may !== undefined && !may(candidate)) ||
    seeker?.isFull(candidate.credential) === true;
  const bound = session === undefined ? undefined : sessions.boundTo(session, deps.clock.now());
  /** Ms that may be waited for the credential of the conversation, once. */
  let patience =
    session === undefined || bound === undefined
      ? 0
      : worthWaiting(
          sessions.cachedTokens(session, deps.clock.now()),
          settings.routing['session-affinity-wait'],
        );
  /** Those that have not been asked; undefined until one is wanted. */
  let previews: Route[] | undefined;
  const retries: RetryState = { rounds: 0, waited: 0, last: undefined };
  let { route } = context;
  let last: Failed | undefined;
  /** Whether those that are cooling down may be tried too: one of them, or all in this round. */
  let resort: 'none' | 'one' | 'round' = 'none';
  const choice = tracedChoice(
    pool.survey(route, namedCoolingDown, deps.clock.now()),
    settings.routing.strategy,
    bound === undefined ? undefined : pool.labelOf(route, bound, deps.clock.now()),
  );
  recorder.chosenFrom(withModelRoute(choice, route, context.fitting?.unfit));

  for (;;) {
    const now = deps.clock.now();
    const own = patience > 0 && bound !== undefined ? pool.coolingDownAs(route, bound, now) : undefined;
    if (own !== undefined && own.until - now <= patience && may?.(own.candidate) !== false) {
      const milliseconds = own.until - now;
      const { label } = own.candidate.credential;
      recorder.step({ kind: 'wait', at: recorder.elapsed(), milliseconds, boundTo: label });
      patience = 0;
      retries.waited += milliseconds;
      await deps.clock.wait(milliseconds, request.signal);
      if (request.signal.aborted) return refused(context, clientGone);
      tried.delete(own.candidate);
      targets?.again();
      continue;
    }
    const choice =
      targets === undefined && tried.size >= limit
        ? ({ kind: 'none', soonest: undefined } as const)
        : pool.choose(route, { passOver, bound, lastResort: resort !== 'none', may }, now);
    seeker?.chosen(choice.kind === 'chosen' ? choice.lease : undefined);
    if (choice.kind === 'chosen') {
      const { lease } = choice;
      if (resort === 'one') resort = 'none';
      tried.add(lease.candidate);
      const onward = targets?.takes(lease.candidate);
      if (onward !== undefined)
        recorder.step({ kind: 'fallback', at: recorder.elapsed(), model: targetText(onward) });
      const result = await tryLease(state, context, lease);
      if (result.ok) {
        const served = candidateKey(lease.candidate);
        if (session !== undefined && served !== bound) sessions.bind(session, served, deps.clock.now());
        return result.answer;
      }
      if (request.signal.aborted) return refused(context, clientGone);
      last = result.failed;
      retries.last = last.failure.kind;
      if (last.elsewhere) targets?.refuses(last.candidate);
      if (last.goesOn || (last.elsewhere && targets !== undefined)) continue;
      break;
    }
    if (seeker !== undefined && seeker.full.size > 0) {
      const at = recorder.elapsed();
      const granted = await seeker.wait();
      recorder.step({ kind: 'wait', at, milliseconds: recorder.elapsed() - at });
      if (request.signal.aborted) return refused(context, clientGone);
      if (granted) continue;
      if (last === undefined) return refused(context, allBusy(request.model, seeker.full));
      break;
    }
    const quotaIsUp =
      retries.last === 'quota' || (last === undefined && coolsDownForQuota(pool, route, may, now));
    if (quotaIsUp) previews ??= previewsOf(state, context, may);
    const preview = quotaIsUp ? previews?.shift() : undefined;
    if (preview !== undefined) {
      recorder.step({ kind: 'preview', at: recorder.elapsed(), model: preview.model });
      route = preview;
      tried.clear();
      targets?.again();
      continue;
    }
    const limits = {
      rounds: last?.candidate.credential.requestRetry ?? settings['request-retry'],
      longestWait: settings['max-retry-interval'],
    };
    const step = nextStep(retries, limits, choice.soonest, now, state.random());
    if (step.kind === 'stop' || (step.kind === 'last-resort' && resort !== 'none')) break;
    if (step.kind === 'last-resort') resort = 'one';
    else {
      resort = step.kind === 'again' ? 'round' : 'none';
      tried.clear();
      targets?.again();
    }
    if (step.kind === 'again') {
      retries.rounds += 1;
      recorder.step({ kind: 'round', at: recorder.elapsed() });
    } else if (step.kind === 'wait') {
      const { milliseconds } = step;
      recorder.step({ kind: 'wait', at: recorder.elapsed(), milliseconds });
      retries.waited += milliseconds;
      await deps.clock.wait(milliseconds, request.signal);
      if (request.signal.aborted) return refused(context, clientGone);
    }
  }
  if (last === undefined) return noneReady(state, context, route);
  const other = await request.rewritten?.(last.failure);
  return other === undefined ? allFailed(state, context, route, last) : context.instead(other);
}

function coolsDownForQuota(pool: Pool, route: Route, may: MayServe, now: number): boolean {
  return pool
    .survey(route, namedCoolingDown, now, may)
    .passed.some(({ cooldown }) => cooldown?.kind === 'quota' || cooldown?.kind === 'budget');
}

function previewsOf({ inForce }: SharedState, { route, settings }: RequestContext, may: MayServe): Route[] {
  const { 'switch-preview-model': on, 'preview-models': models } = settings['quota-exceeded'];
  return on ? previewRoutes(route, models, inForce.catalog, may) : [];
}
