/** The error of a request that no candidate has answered. */
import type { Route } from '../credentials/catalog.ts';
import type { ProtocolError } from '../protocols/protocol-error.ts';
import type { Answer } from './answer.ts';
import { allCoolingDown, errorAnswer, namedCoolingDown, unknownModel } from './error-answer.ts';
import type { AttemptFailure } from './failure.ts';
import { type Failed, mayServe, type RequestContext } from './request-context.ts';
import type { SharedState } from './shared-state.ts';
import { refusedCredential, withinADay } from './shown-error.ts';

/** The error as the client's answer, and in the record. */
export function refused(
  { request, recorder }: Pick<RequestContext, 'request' | 'recorder'>,
  error: ProtocolError,
  body?: AttemptFailure['body'],
): Answer {
  recorder.refused(error);
  return errorAnswer(request.protocol, error, body);
}

/** The last failure, with the time at which the first credential is back where that is sooner than its own. */
export function allFailed(
  { pool, deps }: SharedState,
  context: RequestContext,
  route: Route,
  { candidate, failure, passed }: Failed,
): Answer {
  const { error, body } = failure;
  const sameProtocol = candidate.credential.provider.protocol === context.request.protocol;
  const now = deps.clock.now();
  const back = failure.kind === 'quota' ? pool.survey(route, 0, now, mayServe(context)).soonest : undefined;
  const soonest = back === undefined ? undefined : Math.max(1, Math.ceil((back - now) / 1000));
  const reported =
    soonest === undefined || soonest > (error.retryAfter ?? soonest)
      ? error
      : { ...error, retryAfter: soonest };
  // A request's own fault is reported in the provider's words and body, whatever its status.
  const shown = failure.kind === 'rejected' ? reported : refusedCredential(reported, context.request.id);
  const answer = refused(context, withinADay(shown), sameProtocol && shown === reported ? body : undefined);
  return passed === undefined ? answer : { ...answer, headers: { ...passed, ...answer.headers } };
}

/** There was no attempt: all are cooling down, or no credential serves the model (any more). */
export function noneReady(
  { pool, deps, inForce }: SharedState,
  context: RequestContext,
  route: Route,
): Answer {
  const now = deps.clock.now();
  const survey = pool.survey(route, namedCoolingDown, now, mayServe(context));
  return refused(
    context,
    survey.soonest === undefined
      ? unknownModel(context.request.model, inForce.catalog)
      : allCoolingDown(context.request.model, survey, survey.soonest, now),
  );
}
