/** What all requests of a gateway share: credentials and who is cooling down, conversations, places, and the settings in force. */
import type { Config } from '../config/schema.ts';
import { type Catalog, createCatalog } from '../credentials/catalog.ts';
import { type Concurrency, createConcurrency, type SharedSlots } from '../credentials/concurrency.ts';
import type { Credential } from '../credentials/credential.ts';
import { withModelRoutes } from '../credentials/model-routes.ts';
import { createPool, type Pool, type PoolOptions } from '../credentials/pool.ts';
import { type PoolConfig, poolSettings } from '../credentials/pool-settings.ts';
import { missingText } from '../credentials/route-target.ts';
import {
  createSessionBindings,
  type SessionBindings,
  type SharedBindings,
} from '../credentials/session-bindings.ts';
import type { Log } from '../telemetry/log.ts';
import type { TraceContext } from '../telemetry/tracing/trace-context.ts';
import type { PriceList } from '../usage/price-list.ts';
import type { UsageSink } from '../usage/record.ts';
import { type Patience, patienceOf } from './keep-alive-answer.ts';
import { type LeftBehind, type LongWork, longWork } from './long-work.ts';
import { type PayloadRules, payloadRules } from './payload/payload-rules.ts';
import { createRequestTimers, type RequestTimers } from './request-timers.ts';
import type { HeldSlots } from './slot-queue.ts';
import type { UpstreamDeps } from './upstream/call.ts';
import { callLimits } from './upstream/watch.ts';

/** The part of the configuration that the way of a request depends on. */
export type GatewaySettings = PoolConfig &
  Pick<
    Config,
    | 'request-retry'
    | 'max-retry-credentials'
    | 'max-retry-interval'
    | 'force-model-prefix'
    | 'model-routes'
    | 'translation'
    | 'timeouts'
    | 'streaming'
    | 'nonstream-keepalive-interval'
    | 'payload'
    | 'passthrough-headers'
    | 'bounds'
  >;

export interface GatewayOptions extends UpstreamDeps {
  log: Log;
  /** In [0, 1). */
  random?: () => number;
  /** A credential's cooldown has begun, changed or ended. */
  onCooldownChange?: PoolOptions['onCooldownChange'];
  /** Something has been reported of a quota. */
  onQuotaChange?: PoolOptions['onQuotaChange'];
  /** The conversations of all replicas; undefined where there is one. */
  sharedBindings?: SharedBindings | undefined;
  /** Places at credentials that replicas share; undefined where there is one. */
  sharedPlaces?: SharedSlots | undefined;
  /** The headers with a request's trace for its attempt of this number, from 0; undefined where none is propagated. */
  onward?: OnwardTrace | undefined;
  /** Is told when a long body has been translated, and between two steps of that. */
  leftBehind?: LeftBehind;
  /** Who gets each finished request. */
  sinks?: readonly UsageSink[];
  /** What models cost now; without it no request has a cost. */
  prices?: () => PriceList;
}

/** The headers of a call that belong to a trace. */
export type OnwardTrace = (
  trace: TraceContext,
  attempt: number,
  credential: Credential,
) => Readonly<Record<string, string>> | undefined;

/** What the last configuration has put in force. */
export interface InForce {
  /** Undefined before the first. */
  settings: GatewaySettings | undefined;
  credentials: readonly Credential[];
  catalog: Catalog;
  /** Whether any credential serves only so many requests at a time. */
  capped: boolean;
  limitsFor: ReturnType<typeof callLimits>;
  patience: Patience;
  payload: PayloadRules | undefined;
}

export interface SharedState {
  readonly deps: GatewayOptions;
  readonly pool: Pool;
  /** Until when, in ms since the epoch, answers are not searched for quotas; 0 for credentials whose answers have reported them. */
  readonly quotaSilence: WeakMap<Credential, number>;
  readonly sessions: SessionBindings;
  readonly concurrency: Concurrency;
  readonly heldSlots: HeldSlots;
  readonly timers: RequestTimers;
  readonly longWork: LongWork;
  readonly random: () => number;
  /** Replaced as a whole by each configuration. */
  inForce: InForce;
  configure(credentials: readonly Credential[], settings: GatewaySettings): void;
}

export function createSharedState(deps: GatewayOptions): SharedState {
  const { random = Math.random } = deps;
  const concurrency = createConcurrency(deps.sharedPlaces);
  const heldSlots: HeldSlots = new WeakMap();
  const pool = createPool({
    random,
    ...(deps.onCooldownChange && { onCooldownChange: deps.onCooldownChange }),
    ...(deps.onQuotaChange && { onQuotaChange: deps.onQuotaChange }),
    onLeaseEnd(lease) {
      const places = heldSlots.get(lease);
      if (places !== undefined) concurrency.leave(places);
    },
  });
  const sessions = createSessionBindings(undefined, deps.sharedBindings);
  /** Targets of model routes that have been warned of, and are missing still. */
  let missing: ReadonlySet<string> = new Set();

  function warnOfMissing(catalog: Catalog): void {
    const before = missing;
    const targets = catalog.missingTargets?.() ?? [];
    missing = new Set(targets.map(missingText));
    for (const target of targets)
      if (!before.has(missingText(target))) deps.log.warn(missingText(target), { route: target.route });
  }

  const state: SharedState = {
    deps,
    pool,
    quotaSilence: new WeakMap(),
    sessions,
    concurrency,
    heldSlots,
    timers: createRequestTimers(deps.clock, (error) =>
      deps.log.error('what was to end a wait has failed', { error: String(error) }),
    ),
    longWork: longWork(deps.leftBehind ?? { translated: () => {}, between: () => {} }),
    random,
    inForce: {
      settings: undefined,
      credentials: [],
      catalog: createCatalog([], false),
      capped: false,
      limitsFor: callLimits(undefined),
      patience: { stream: 0, whole: 0 },
      payload: undefined,
    },
    configure(credentials, settings) {
      state.inForce = {
        settings,
        credentials,
        catalog: withModelRoutes(
          createCatalog(credentials, settings['force-model-prefix']),
          settings['model-routes'],
        ),
        capped: credentials.some(({ places }) => places !== undefined),
        limitsFor: callLimits(settings),
        patience: patienceOf(settings),
        payload: payloadRules(settings.payload),
      };
      warnOfMissing(state.inForce.catalog);
      pool.configure(credentials, poolSettings(settings));
      sessions.keepFor(settings.routing['session-affinity-ttl']);
    },
  };
  return state;
}
