/** One attempt: one upstream call for one candidate, and what becomes of its answer. */
import type { Candidate } from '../credentials/catalog.ts';
import { runYielding, yieldToEventLoop } from '../ground/steps.ts';
import { type Loss, lossesInto } from '../protocols/codec.ts';
import { InvalidRequest } from '../protocols/invalid-request.ts';
import { codecs } from '../protocols/registry.ts';
import type { Log } from '../telemetry/log.ts';
import type { Answer, ClientRequest } from './answer.ts';
import { demandLightConversation } from './call-weight.ts';
import { answerOf } from './client-answer.ts';
import { withClientProtocol } from './client-protocol.ts';
import { type AttemptFailure, brokenUpstream, unreadable } from './failure.ts';
import { release } from './large-body.ts';
import { type LongWork, runQueued } from './long-work.ts';
import type { PayloadRules } from './payload/payload-rules.ts';
import { type ReadRequest, readYielding } from './read-request.ts';
import type { Finished } from './stream/pass-stream.ts';
import type { Read } from './translate-whole.ts';
import { type CallDeps, callUpstream } from './upstream/call.ts';
import { changesOwnBody, upstreamRequest, type WrittenBody, writtenYielding } from './upstream/request.ts';
import { workedAtOnce } from './yield-for.ts';

/** What one attempt runs on, with the log that translations are written to. */
export interface AttemptDeps extends CallDeps {
  /** A text of the upstream without the credential's own secrets. */
  mask: (text: string) => string;
  log: Log;
  longWork: LongWork;
  /** The owner's rules for bodies, where there are any. */
  payload?: PayloadRules | undefined;
  /** Called before an answer is read with what could not be carried over; what is lost on its way back is added to it. */
  losing?: (losses: readonly Loss[]) => void;
}

export type AttemptResult =
  | { ok: true; answer: Answer; losses: Loss[] }
  | { ok: false; failure: AttemptFailure };

/** The failure of a request that is over before its turn has come. */
export const givenUp = brokenUpstream('The request was over before it was translated.');

/**
 * Asks one candidate. `finished` is called once when a successful answer has gone out. Throws InvalidRequest for a body that cannot
 * be read.
 */
export type Attempt = (
  request: ClientRequest,
  read: ReadRequest,
  candidate: Candidate,
  deps: AttemptDeps,
  finished: Finished,
) => Promise<AttemptResult>;

/** Makes the call. */
export const attempt: Attempt = async (request, read, chosen, deps, finished) => {
  const candidate = withClientProtocol(chosen, request.protocol);
  const { userAgent, payload } = deps;
  let written: WrittenBody | undefined;
  if (request.body.length > workedAtOnce && candidate.credential.provider.protocol !== request.protocol) {
    const translated = await runQueued(deps.longWork, request.body.length, deps.watch, async () => {
      await readYielding(request, read);
      demandLightConversation(read.canonical(), deps.bounds['json-values']);
      await yieldToEventLoop();
      deps.longWork.between(request.body.length);
      await yieldToEventLoop();
      const body = await writtenYielding(request, read, candidate, payload);
      read.forget();
      return body;
    });
    if (translated === undefined) return { ok: false, failure: givenUp };
    written = translated.done;
  } else if (request.body.length > workedAtOnce && changesOwnBody(request, read, candidate, payload)) {
    const changed = await runQueued(deps.longWork, request.body.length, deps.watch, async () => {
      await runYielding(read.parsing());
      await yieldToEventLoop();
      return writtenYielding(request, read, candidate, payload);
    });
    if (changed === undefined) return { ok: false, failure: givenUp };
    written = changed.done;
    await yieldToEventLoop();
  }
  const call = upstreamRequest(request, read, candidate, userAgent, deps.longWork, payload, written);
  // What is left is what the answer needs. Another attempt, if there is one, reads the bytes once more.
  read.forget();
  const { credential } = candidate;
  if (call === undefined) {
    const message = `${credential.provider.title} has no ${request.operation} operation.`;
    return { ok: false, failure: brokenUpstream(message, undefined, 501) };
  }
  if ((!call.sameProtocol || call.losses.length > 0) && deps.log.debugging) {
    deps.log.debug('translated', {
      id: request.id,
      from: request.protocol,
      to: credential.provider.protocol,
      credential: credential.label,
      model: candidate.model,
      losses: call.losses,
    });
  }
  const called = await callUpstream(call, credential, deps);
  if (!called.ok) return called;
  deps.losing?.(call.losses);
  const exchange = {
    request,
    read,
    codec: codecs[credential.provider.protocol],
    upstream: called.answer,
    deps,
    finished,
    report: lossesInto(call.losses),
  };
  let answer: Read<Answer>;
  try {
    answer = await answerOf(exchange, call);
  } catch (error) {
    if (error instanceof InvalidRequest) throw error;
    // An internal error for this answer: another one may succeed, and the credential is not to blame.
    deps.log.error('an answer could not be read', {
      id: request.id,
      credential: credential.label,
      error: error instanceof Error ? error.stack : String(error),
    });
    deps.watch.abandon(new Error('its answer could not be read'));
    return { ok: false, failure: unreadable(error) };
  }
  if (!answer.ok) return answer;
  // No other attempt follows.
  if (called.answer.unsent !== true && request.keepsBody !== true) release(request.body);
  return { ok: true, answer: answer.value, losses: call.losses };
};
