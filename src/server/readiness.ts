/** Whether a running gateway should get requests, and why not: the contents of `/readyz`. */

export interface Readiness {
  /**
   * `ready` and `degraded` go out with 200, `not-ready` with 503, as probes of Kubernetes and load balancers read it. A replica
   * without its engines serves: to take all replicas out of a load balancer because Valkey is away would end the service.
   */
  status: 'ready' | 'degraded' | 'not-ready';
  /** What is in the way; empty where it is ready. No name, number or secret of the configuration is in it. */
  reasons: NotReady[];
  /** Of a cluster: each engine with its state. */
  engines?: Record<string, 'up' | 'degraded' | 'down'>;
}

export interface NotReady {
  code: 'stopping' | 'no-credential' | `${EngineName}-away` | `${EngineName}-degraded`;
  /** What is the matter and what mends it, in one sentence. */
  message: string;
}

export interface ReadinessFacts {
  /** Whether it has been asked to stop: running answers end, new requests belong elsewhere. */
  stopping: boolean;
  /** Credentials that requests may use; the sandbox counts where it is in use. */
  credentials: number;
  /** What a replica shares with others on; undefined where there is no cluster. */
  engines?: readonly { name: EngineName; state: EngineState }[] | undefined;
}

type EngineName = 'valkey' | 'postgres';
type EngineState = { kind: 'up'; degraded?: string } | { kind: 'down'; why: string };

/** All reasons at once, so that who mends one knows whether that is enough. */
export function readinessOf({ stopping, credentials, engines }: ReadinessFacts): Readiness {
  const reasons: NotReady[] = [];
  if (stopping)
    reasons.push({ code: 'stopping', message: 'The gateway is stopping: send new requests to another one.' });
  if (credentials === 0)
    reasons.push({
      code: 'no-credential',
      message: 'No credential can be used: add an API key to the config, or sign in with "auth PROVIDER".',
    });
  const status = reasons.length === 0 ? 'ready' : 'not-ready';
  if (engines === undefined) return { status, reasons };
  const away = engines.flatMap(({ name, state }): NotReady[] => {
    if (state.kind === 'down')
      return [{ code: `${name}-away`, message: `${titles[name]} is away: ${state.why}. ${without[name]}` }];
    if (state.degraded === undefined) return [];
    const message = `${titles[name]} answers, but ${state.degraded}. Requests are served; changes are looked for each second.`;
    return [{ code: `${name}-degraded`, message }];
  });
  return {
    status: status === 'ready' && away.length > 0 ? 'degraded' : status,
    reasons: [...reasons, ...away],
    engines: Object.fromEntries(engines.map(({ name, state }) => [name, shownState(state)])),
  };
}

function shownState(state: EngineState): 'up' | 'degraded' | 'down' {
  return state.kind === 'up' && state.degraded !== undefined ? 'degraded' : state.kind;
}

const titles = { valkey: 'Valkey', postgres: 'Postgres' } as const;
const without = {
  valkey: 'Requests are served; limits apply as set by cluster.when-valkey-is-away.',
  postgres: 'Requests are served with what is in memory; no token is renewed.',
} as const;
