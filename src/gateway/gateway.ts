/** The way of one request: route → attempts → answer → record. */
import { shippedBounds } from '../config/bounds.ts';
import { type Catalog, type Route, suffixAmount } from '../credentials/catalog.ts';
import type { Credential } from '../credentials/credential.ts';
import type { Pool } from '../credentials/pool.ts';
import { candidateKey } from '../credentials/route-pool.ts';
import { namedSession, sessionKey } from '../credentials/session-key.ts';
import { isForm } from '../protocols/form-fields.ts';
import { InvalidRequest } from '../protocols/invalid-request.ts';
import { isInteraction } from '../protocols/operation.ts';
import type { ProtocolError } from '../protocols/protocol-error.ts';
import { codecs } from '../protocols/registry.ts';
import type { Answer, ClientRequest } from './answer.ts';
import { askedFeatures } from './asked-features.ts';
import { firstAnswer } from './attempt-loop.ts';
import { conversationStart } from './conversation-start.ts';
import { clientGone, internalError, invalid, unableModel, unknownModel } from './error-answer.ts';
import { fittingTargets } from './fitting-targets.ts';
import { routeWith } from './forward-operation.ts';
import { withKeepAlive } from './keep-alive-answer.ts';
import { inItsTurn } from './long-work.ts';
import { losslessCandidates } from './lossless-route.ts';
import { parseYielding, type ReadRequest, readRequest, readYielding } from './read-request.ts';
import { refused } from './refused-request.ts';
import { both } from './request-context.ts';
import { createSharedState, type GatewayOptions, type GatewaySettings } from './shared-state.ts';
import { cachedOf } from './switch-cost.ts';
import type { RequestRecorder } from './trace/request-notes.ts';
import { requestRecorder } from './trace/request-recorder.ts';
import {
  createTraceBuffer,
  type RequestTrace,
  type TracedChoice,
  tracedChoice,
  withModelRoute,
} from './trace/request-trace.ts';
import { workedAtOnce } from './yield-for.ts';

export interface Gateway {
  /** Answers a request. Never throws: failures are answers in the client's protocol. */
  handle(request: ClientRequest): Promise<Answer>;
  /** Answers a request with an error and without an attempt, recorded like all others. */
  refuse(request: ClientRequest, error: ProtocolError): Answer;
  catalog(): Catalog;
  /** Puts new credentials and settings in force; running requests keep what they have. */
  configure(credentials: readonly Credential[], settings: GatewaySettings): void;
  /** Those that are in use. */
  credentials(): readonly Credential[];
  /** Cooldowns, quotas, and the end of a cooldown. */
  readonly pool: Pick<
    Pool,
    | 'cooldowns'
    | 'restore'
    | 'reset'
    | 'budget'
    | 'quotaOf'
    | 'quotas'
    | 'restoreQuotas'
    | 'cooldownOf'
    | 'adopt'
    | 'adoptQuotas'
    | 'reportQuota'
    | 'inFlightOf'
    | 'survey'
    | 'availability'
  >;
  /** Another replica has bound a conversation elsewhere: here, too, where it is known. */
  sessionMoved(session: string, candidate: string): void;
  /** How many requests wait for a place at a credential with a concurrency limit. */
  waiting(): number;
  /** How a request went, by its id; undefined when it is not remembered (any more). */
  trace(id: string): RequestTrace | undefined;
  /** The latest requests, the newest first. */
  traces(count: number): RequestTrace[];
  /** Those that have not ended, at most so many, the newest first. */
  running(most: number): RequestTrace[];
  /** The present state of the candidates for a model; undefined when no credential serves it. */
  choiceFor(model: string): TracedChoice | undefined;
}

export function createGateway(options: GatewayOptions): Gateway {
  const { log } = options;
  const state = createSharedState(options);
  const { pool } = state;
  const traces = createTraceBuffer();

  /** The record of a request, remembered from its beginning. */
  function recorded(request: ClientRequest): RequestRecorder {
    const recorder = requestRecorder(
      request,
      options,
      (state.inForce.settings?.bounds ?? shippedBounds).trace,
    );
    traces.add(recorder.trace);
    return recorder;
  }

  async function answer(request: ClientRequest, recorder = recorded(request)): Promise<Answer> {
    const refuse = (error: ProtocolError): Answer => refused({ request, recorder }, error);
    const turn = <Result>(run: () => Promise<Result>) =>
      inItsTurn(state.longWork, request.body.length, request.signal, run);
    try {
      const { settings, catalog } = state.inForce;
      const found = catalog.route(request.model);
      if (settings === undefined || found === undefined) return refuse(unknownModel(request.model, catalog));
      recorder.known = true;
      const read = readRequest(request, suffixAmount(found, request.model));
      // What goes by more of a long request than its envelope has it read before.
      const { by } = found;
      const strict = settings.translation.strict && request.operation === 'generate';
      const goesByAll = by !== undefined && (by.choose !== undefined || by.targets.length > 1);
      if (goesByAll || strict || isInteraction(request.operation)) {
        const isRead = await turn(() => readLong(request, read));
        if (isRead === undefined) return refuse(clientGone);
      }
      const asked = by && askedFeatures(request, read, settings.bounds);
      const choose = by?.choose;
      const chosen = asked === undefined || choose === undefined ? found : choose(asked);
      if (chosen === undefined) return refuse(unknownModel(request.model, catalog));
      const route = routeWith(chosen, request.operation);
      if (route === undefined) return refuse(unableModel(request));
      if (isInteraction(request.operation)) codecs[request.protocol].demandForwardable?.(read.json());
      const judged = strict ? await turn(() => losslessCandidates(route, request, read)) : noJudgement;
      if (judged === undefined) return refuse(clientGone);
      const lossless = judged.done;
      if (lossless?.ok === false) {
        recorder.losses = lossless.losses;
        log.debug('translation refused', { id: request.id, from: request.protocol, losses: lossless.losses });
        return refuse(lossless.error);
      }
      const session = sessionOf(request, read, route, settings);
      recorder.session = () => bareSession(session) ?? namedSession(request.headers, read.parsed());
      if (session !== undefined)
        recorder.used = ({ tokens, counted }, candidate) => {
          const now = options.clock.now();
          if (counted === 'provider')
            state.sessions.cached(session, candidateKey(candidate), cachedOf(tokens, now), now);
        };
      const shared = options.sharedBindings;
      if (session !== undefined && shared !== undefined && !state.sessions.knows(session)) {
        const candidate = await shared.find(session);
        if (candidate !== undefined) state.sessions.adopt(session, candidate, options.clock.now());
      }
      return await firstAnswer(state, {
        request,
        read,
        route,
        settings,
        serves: lossless?.serves,
        fitting:
          asked && fittingTargets(route, asked, request.body.length, both(request.mayUse, lossless?.serves)),
        session,
        recorder,
        instead: ({ rewritten: _asked, ...other }) => answer(other, recorder),
      });
    } catch (error) {
      if (error instanceof InvalidRequest) return refuse(invalid(error));
      log.error('internal error', {
        id: request.id,
        error: error instanceof Error ? error.stack : String(error),
      });
      return refuse(internalError);
    }
  }

  return {
    handle: (request) => withKeepAlive(request, answer(request), state.inForce.patience, state.timers),
    refuse: (request, error) => refused({ request, recorder: recorded(request) }, error),
    pool,
    catalog: () => state.inForce.catalog,
    credentials: () => state.inForce.credentials,
    sessionMoved: (session, candidate) => state.sessions.adopt(session, candidate, options.clock.now(), true),
    waiting: () => state.concurrency.allWaiting(),
    configure: state.configure,
    trace: traces.find,
    traces: traces.latest,
    running: traces.running,
    choiceFor(model) {
      const { catalog, settings } = state.inForce;
      const route = catalog.route(model);
      if (route === undefined || settings === undefined) return undefined;
      const now = options.clock.now();
      const named = pool.ready(route, mostNamed, now).map((candidate) => ({
        credential: candidate.credential.label,
        model: candidate.model,
      }));
      const survey = pool.survey(route, mostNamed, now);
      const choice = { ...tracedChoice(survey, settings.routing.strategy, undefined), named };
      return withModelRoute(choice, route);
    },
  };
}

/** The value for "any candidate may serve". */
const noJudgement = { done: undefined };

/** Parses a long body in turns. A body that cannot be parsed is refused where it is needed. */
async function readLong(request: ClientRequest, read: ReadRequest): Promise<void> {
  const { body, headers } = request;
  if (body.length <= workedAtOnce || isForm(headers.get('content-type'), body)) return;
  try {
    await (request.operation === 'generate' ? readYielding(request, read) : parseYielding(request, read));
  } catch (error) {
    if (!(error instanceof InvalidRequest)) throw error;
  }
}

/** Candidates that a person who asks gets to see. */
const mostNamed = 50;

/** The conversation itself, of one that stays with its credential for a model. */
function bareSession(session: string | undefined): string | undefined {
  return session?.slice(session.indexOf('\n') + 1);
}

/** The conversation that a request belongs to, where conversations stay with their credential. */
function sessionOf(
  request: ClientRequest,
  read: ReadRequest,
  route: Route,
  { routing }: GatewaySettings,
): string | undefined {
  if (!routing['session-affinity'] || request.operation !== 'generate') return undefined;
  const isLong = request.body.length > workedAtOnce;
  const key = sessionKey(request.headers, () =>
    isLong ? (read.parsed() ?? conversationStart(request.body)) : read.json(),
  );
  if (key === undefined) return undefined;
  // By another rule of a model route it is another conversation: it has other models.
  const name = route.by === undefined ? route.model : [route.model, ...route.by.rules].join(' ');
  return `${name}\n${key}`;
}
