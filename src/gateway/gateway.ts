/** The way of one request: route → attempts → answer → record. */
import type { Config } from '../config/schema.ts';
import { type Candidate, type Catalog, createCatalog, type Route } from '../credentials/catalog.ts';
import { createConcurrency } from '../credentials/concurrency.ts';
import { cooldownTable } from '../credentials/cooldown-table.ts';
import type { Credential } from '../credentials/credential.ts';
import { ruledAction } from '../credentials/error-rule.ts';
import { createPool, type Lease, type Pool } from '../credentials/pool.ts';
import { type PoolConfig, poolSettings } from '../credentials/pool-settings.ts';
import { quotaWindows, tellsQuota } from '../credentials/quota.ts';
import type { Rest } from '../credentials/rest.ts';
import { nextStep, type RetryState } from '../credentials/retry.ts';
import { candidateKey } from '../credentials/route-pool.ts';
import { createSessionBindings } from '../credentials/session-bindings.ts';
import { sessionKey } from '../credentials/session-key.ts';
import { InvalidRequest } from '../protocols/json.ts';
import type { ProtocolError } from '../protocols/model.ts';
import type { Operation } from '../providers/provider.ts';
import { createAlarms } from './alarms.ts';
import type { Answer, ClientRequest } from './answer.ts';
import { type AttemptResult, type AttemptWorld, attempt } from './attempt.ts';
import { createTraceRing, type RequestTrace, type TracedChoice, tracedChoice } from './attempt-record.ts';
import { countTokens } from './count-tokens.ts';
import { embed } from './embed.ts';
import {
  allBusy,
  allResting,
  clientGone,
  errorAnswer,
  internalError,
  invalid,
  namedResting,
  unableModel,
  unknownModel,
} from './error-answer.ts';
import { type AttemptFailure, failureOfOutcome, tooLate } from './failure.ts';
import { faithfulCandidates } from './faithful-route.ts';
import { type Seats, seekPlaces } from './place-seeker.ts';
import { previewRoutes } from './preview-route.ts';
import { relay, routeWith } from './relay.ts';
import { type RequestRecorder, requestRecorder, withLosses } from './request-recorder.ts';
import { type ReadRequest, readRequest } from './upstream-request.ts';
import { callLimits, watchUpstream } from './upstream-watch.ts';
import { type Patience, patienceOf, withSignsOfLife } from './waiting-answer.ts';

/** The part of the configuration that the way of a request depends on. */
export type GatewaySettings = PoolConfig &
  Pick<
    Config,
    | 'request-retry'
    | 'max-retry-credentials'
    | 'max-retry-interval'
    | 'force-model-prefix'
    | 'translation'
    | 'timeouts'
    | 'streaming'
    | 'nonstream-keepalive-interval'
  >;

export interface Gateway {
  /** Answers a request. Never throws: failures are answers in the client's protocol. */
  handle(request: ClientRequest): Promise<Answer>;
  /** Answers a request that nobody is to be asked about with an error, recorded like all others. */
  refuse(request: ClientRequest, error: ProtocolError): Answer;
  catalog(): Catalog;
  /** Puts new credentials and settings in force; running requests keep what they have. */
  configure(credentials: readonly Credential[], settings: GatewaySettings): void;
  /** Those that are in use. */
  credentials(): readonly Credential[];
  /** Who rests until when, how quotas stand, and what ends a rest. */
  readonly pool: Pick<Pool, 'rests' | 'restore' | 'reset' | 'quotaOf' | 'inFlightOf' | 'survey'>;
  /** How a request went, by its id; undefined when it is not remembered (any more). */
  trace(id: string): RequestTrace | undefined;
  /** The latest requests, the newest first. */
  traces(count: number): RequestTrace[];
  /** How the candidates for a model stand now; undefined when no credential serves it. */
  standing(model: string): TracedChoice | undefined;
}

export interface GatewayOptions extends AttemptWorld {
  /** Milliseconds of a clock that only goes forward. */
  clock: () => number;
  /** In [0, 1). */
  random?: () => number;
  /** Resolves after so many milliseconds, or when the signal aborts. */
  wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** A credential's rest has begun, changed or ended. */
  onRestChange?: () => void;
  /** A credential is about to be asked. */
  onAttempt?: () => void;
}

/** What one request has been through. */
interface Way {
  request: ClientRequest;
  read: ReadRequest;
  route: Route;
  /** Candidates that take the request without a loss, under `translation.strict`. */
  serves: ((candidate: Candidate) => boolean) | undefined;
  /** The conversation, with `routing.session-affinity`. */
  session: string | undefined;
  recorder: RequestRecorder;
}

interface Failed {
  candidate: Candidate;
  failure: AttemptFailure;
  /** Whether another credential may be asked. */
  goesOn: boolean;
}

export function createGateway(options: GatewayOptions): Gateway {
  const { log, random = Math.random, wait = pause } = options;
  const concurrency = createConcurrency();
  const seats: Seats = new WeakMap();
  const pool = createPool({
    random,
    ...(options.onRestChange && { onRestChange: options.onRestChange }),
    onLeaseEnd(lease) {
      const places = seats.get(lease);
      if (places !== undefined) concurrency.leave(places);
    },
  });
  const sessions = createSessionBindings();
  const traces = createTraceRing();
  const alarms = createAlarms(options.clock);
  let inUse: readonly Credential[] = [];
  /** Whether any credential serves only so many requests at a time. */
  let capped = false;
  let catalog = createCatalog([], false);
  let settings: GatewaySettings | undefined;
  let limitsFor = callLimits(undefined);
  let patience: Patience = { stream: 0, whole: 0 };

  function refuse(request: ClientRequest, error: ProtocolError): Answer {
    const recorder = requestRecorder(request, options);
    traces.add(recorder.trace);
    recorder.refused(error);
    return errorAnswer(request.protocol, error);
  }

  async function handle(request: ClientRequest): Promise<Answer> {
    const recorder = requestRecorder(request, options);
    traces.add(recorder.trace);
    const refuse = (error: ProtocolError): Answer => {
      recorder.refused(error);
      return errorAnswer(request.protocol, error);
    };
    const inForce = settings;
    const found = catalog.route(request.model);
    if (inForce === undefined || found === undefined) return refuse(unknownModel(request.model, catalog));
    const route = routeWith(found, request.operation);
    if (route === undefined) return refuse(unableModel(request));
    const read = readRequest(request);
    try {
      const strict = inForce.translation.strict && request.operation === 'generate';
      const faithful = strict ? faithfulCandidates(route, request, read) : undefined;
      if (faithful?.ok === false) {
        recorder.losses = faithful.losses;
        log.debug('translation refused', { id: request.id, from: request.protocol, losses: faithful.losses });
        return refuse(faithful.error);
      }
      const session = sessionOf(request, read, route, inForce);
      const way: Way = { request, read, route, serves: faithful?.serves, session, recorder };
      return await answer(way, inForce);
    } catch (error) {
      if (error instanceof InvalidRequest) return refuse(invalid(error));
      log.error('internal error', {
        id: request.id,
        error: error instanceof Error ? error.stack : String(error),
      });
      return refuse(internalError);
    }
  }

  function sessionOf(
    request: ClientRequest,
    read: ReadRequest,
    route: Route,
    { routing }: GatewaySettings,
  ): string | undefined {
    if (!routing['session-affinity'] || request.operation !== 'generate') return undefined;
    const key = sessionKey(request.headers, read.json);
    return key === undefined ? undefined : `${route.model}\n${key}`;
  }

  /** Tries candidates until one answers, or nobody is left that it makes sense to ask. */
  async function answer(way: Way, inForce: GatewaySettings): Promise<Answer> {
    const { request, serves, session, recorder } = way;
    const limit = inForce['max-retry-credentials'] || Number.POSITIVE_INFINITY;
    const tried = new Set<Candidate>();
    const seeker = capped ? seekPlaces(concurrency, seats, request.signal) : undefined;
    const passOver = (candidate: Candidate): boolean =>
      tried.has(candidate) ||
      (serves !== undefined && !serves(candidate)) ||
      (request.mayUse !== undefined && !request.mayUse(candidate)) ||
      seeker?.isFull(candidate.credential) === true;
    const bound = session === undefined ? undefined : sessions.boundTo(session, options.now());
    const previews = inForce['quota-exceeded']['switch-preview-model']
      ? previewRoutes(way.route, inForce['quota-exceeded']['preview-models'], catalog)
      : [];
    const state: RetryState = { rounds: 0, waited: 0, last: undefined };
    let { route } = way;
    let last: Failed | undefined;
    /** Whether those that rest may be tried too: one of them, or all in this round. */
    let resort: 'none' | 'one' | 'round' = 'none';
    recorder.chosenFrom(
      tracedChoice(
        pool.survey(route, namedResting, options.now()),
        inForce.routing.strategy,
        bound === undefined ? undefined : pool.labelOf(route, bound, options.now()),
      ),
    );

    for (;;) {
      const now = options.now();
      const choice =
        tried.size >= limit
          ? ({ kind: 'none', soonest: undefined } as const)
          : pool.choose(route, { passOver, bound, lastResort: resort !== 'none' }, now);
      seeker?.chosen(choice.kind === 'chosen' ? choice.lease : undefined);
      if (choice.kind === 'chosen') {
        const { lease } = choice;
        if (resort === 'one') resort = 'none';
        tried.add(lease.candidate);
        const result = await tryOne(way, lease);
        if (result.ok) {
          const served = candidateKey(lease.candidate);
          if (session !== undefined && served !== bound) sessions.bind(session, served, options.now());
          return result.answer;
        }
        if (request.signal.aborted) return refused(way, clientGone);
        last = result.failed;
        state.last = last.failure.kind;
        if (last.goesOn) continue;
        break;
      }
      if (seeker !== undefined && seeker.full.size > 0) {
        const at = recorder.elapsed();
        const granted = await seeker.wait();
        recorder.step({ kind: 'wait', at, milliseconds: recorder.elapsed() - at });
        if (request.signal.aborted) return refused(way, clientGone);
        if (granted) continue;
        if (last === undefined) return refused(way, allBusy(request.model, seeker.full));
        break;
      }
      const quotaIsUp = state.last === 'quota' || (last === undefined && restsForQuota(route, now));
      const preview = quotaIsUp ? previews.shift() : undefined;
      if (preview !== undefined) {
        recorder.step({ kind: 'preview', at: recorder.elapsed(), model: preview.model });
        route = preview;
        tried.clear();
        continue;
      }
      const limits = {
        rounds: last?.candidate.credential.requestRetry ?? inForce['request-retry'],
        longestWait: inForce['max-retry-interval'],
      };
      const step = nextStep(state, limits, choice.soonest, now, random());
      if (step.kind === 'stop' || (step.kind === 'last-resort' && resort !== 'none')) break;
      if (step.kind === 'last-resort') resort = 'one';
      else {
        resort = step.kind === 'again' ? 'round' : 'none';
        tried.clear();
      }
      if (step.kind === 'again') {
        state.rounds += 1;
        recorder.step({ kind: 'round', at: recorder.elapsed() });
      } else if (step.kind === 'wait') {
        const { milliseconds } = step;
        recorder.step({ kind: 'wait', at: recorder.elapsed(), milliseconds });
        state.waited += milliseconds;
        await wait(milliseconds, request.signal);
        if (request.signal.aborted) return refused(way, clientGone);
      }
    }
    return last === undefined ? nobodyMayServe(way, route) : allFailed(way, route, last);
  }

  /** One attempt with what it means for the pool and the record. */
  async function tryOne(
    way: Way,
    lease: Lease,
  ): Promise<{ ok: true; answer: Answer } | { ok: false; failed: Failed }> {
    const { request, read, recorder } = way;
    const { candidate } = lease;
    options.onAttempt?.();
    const attempted = recorder.attempt(candidate, lease.during);
    let result: AttemptResult;
    const watch = watchUpstream(
      limitsFor(candidate.credential),
      request.stream,
      request.signal,
      alarms,
      options.clock,
    );
    const world: AttemptWorld = {
      ...options,
      watch,
      answered: (headers) => {
        const now = options.now();
        if (tellsQuota(headers)) pool.tell(candidate, quotaWindows(headers, now), now);
      },
    };
    try {
      const watched = { ...request, signal: watch.signal };
      result = await runs[request.operation](watched, read, candidate, world, (outcome) => {
        watch.end();
        if (!attempted.finished(outcome)) return;
        // An answer that breaks off later is its credential's failure too; a client that leaves is nobody's.
        const failure = failureOfOutcome(outcome, options.now());
        if (failure === undefined) pool.end(lease, options.now());
        else failed(lease, failure);
      });
    } catch (error) {
      watch.end();
      pool.abandon(lease, options.now());
      throw error;
    }
    if (result.ok) {
      pool.succeed(lease, options.now());
      attempted.answered(result);
      return { ok: true, answer: withLosses(result.answer, result.losses) };
    }
    watch.end();
    const failure = watch.passed === undefined ? result.failure : tooLate(watch.passed);
    if (request.signal.aborted) {
      pool.abandon(lease, options.now());
      attempted.failed(failure, undefined);
      return { ok: false, failed: { candidate, failure, goesOn: false } };
    }
    const rule = ruledAction(
      candidate.credential.errorRules ?? [],
      failure.error.status,
      failure.body?.text ?? failure.error.message,
    );
    const blameless = failure.kind === 'rejected';
    const rest = (rule?.rest ?? !blameless) ? failed(lease, failure) : undefined;
    if (rest === undefined) pool.abandon(lease, options.now());
    attempted.failed(failure, rest);
    if (!blameless)
      log.warn('upstream failed', {
        id: request.id,
        credential: candidate.credential.label,
        model: candidate.model,
        status: failure.error.status,
        reason: failure.error.message.slice(0, 200),
        ...(rest && { rests: rest.kind, until: new Date(rest.until).toISOString() }),
      });
    return { ok: false, failed: { candidate, failure, goesOn: rule?.goOn ?? !blameless } };
  }

  /** Lets the credential rest; gives the rest, if there is one. */
  function failed(lease: Lease, { kind, account, error }: AttemptFailure): Rest | undefined {
    // A rule of the owner may let a credential rest for a request's own fault: as if for its quota.
    const restKind = kind === 'rejected' ? 'quota' : kind;
    const whole = account === true || cooldownTable[restKind].scope === 'account';
    return pool.fail(
      lease,
      {
        kind: restKind,
        model: whole ? undefined : lease.candidate.model,
        retryAfter: error.retryAfter,
        reason: error.message,
      },
      options.now(),
    );
  }

  function restsForQuota(route: Route, now: number): boolean {
    return pool.survey(route, namedResting, now).passed.some(({ rest }) => rest?.kind === 'quota');
  }

  function refused({ request, recorder }: Way, error: ProtocolError, body?: AttemptFailure['body']): Answer {
    recorder.refused(error);
    return errorAnswer(request.protocol, error, body);
  }

  /** The last failure, with the time at which the first credential is back where that is sooner than it says itself. */
  function allFailed(way: Way, route: Route, { candidate, failure }: Failed): Answer {
    const { error, body } = failure;
    const sameProtocol = candidate.credential.provider.protocol === way.request.protocol;
    const now = options.now();
    const back = failure.kind === 'quota' ? pool.survey(route, 0, now).soonest : undefined;
    const soonest = back === undefined ? undefined : Math.max(1, Math.ceil((back - now) / 1000));
    const told =
      soonest === undefined || soonest > (error.retryAfter ?? soonest)
        ? error
        : { ...error, retryAfter: soonest };
    return refused(way, told, sameProtocol ? body : undefined);
  }

  function nobodyMayServe(way: Way, route: Route): Answer {
    const now = options.now();
    const survey = pool.survey(route, namedResting, now);
    return refused(
      way,
      survey.soonest === undefined
        ? unknownModel(way.request.model, catalog)
        : allResting(way.request.model, survey, survey.soonest, now),
    );
  }

  return {
    handle: (request) => withSignsOfLife(request, handle(request), patience, alarms),
    refuse,
    pool,
    catalog: () => catalog,
    credentials: () => inUse,
    configure(credentials, next) {
      settings = next;
      inUse = credentials;
      limitsFor = callLimits(next);
      patience = patienceOf(next);
      capped = credentials.some(({ places }) => places !== undefined);
      catalog = createCatalog(credentials, next['force-model-prefix']);
      pool.configure(credentials, poolSettings(next));
      sessions.keepFor(next.routing['session-affinity-ttl']);
    },
    trace: traces.find,
    traces: traces.latest,
    standing(model) {
      const route = catalog.route(model);
      if (route === undefined || settings === undefined) return undefined;
      const survey = pool.survey(route, mostNamed, options.now());
      return tracedChoice(survey, settings.routing.strategy, undefined);
    },
  };
}

/** Candidates that a person who asks gets to see. */
const mostNamed = 50;

/** How each operation is attempted. */
const runs: Record<Operation, typeof attempt> = {
  generate: attempt,
  'count-tokens': countTokens,
  embed,
  'embed-content': embed,
  compact: relay,
  'generate-image': relay,
  'edit-image': relay,
  transcribe: relay,
  'translate-speech': relay,
  speak: relay,
};

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
