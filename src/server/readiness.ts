/** Whether a gateway that answers should be sent requests, and why not: what `/readyz` says. */

export interface Readiness {
  /** `ready` goes out with 200, `not-ready` with 503, as probes of Kubernetes and load balancers read it. */
  status: 'ready' | 'not-ready';
  /** Why it is not ready; empty where it is. No name, number or secret of the configuration is in it. */
  reasons: NotReady[];
}

export interface NotReady {
  code: 'stopping' | 'no-credential';
  /** What is the matter and what mends it, in one sentence. */
  message: string;
}

export interface ReadinessFacts {
  /** Whether it has been told to stop: running answers end, new requests belong elsewhere. */
  stopping: boolean;
  /** Credentials that requests may use; the sandbox counts where it stands in. */
  credentials: number;
}

/** All reasons at once, so that who mends one knows whether that is enough. */
export function readinessOf({ stopping, credentials }: ReadinessFacts): Readiness {
  const reasons: NotReady[] = [];
  if (stopping)
    reasons.push({ code: 'stopping', message: 'The gateway is stopping: send new requests to another one.' });
  if (credentials === 0)
    reasons.push({
      code: 'no-credential',
      message: 'No credential can be used: add an API key to the config, or sign in with "auth PROVIDER".',
    });
  return { status: reasons.length === 0 ? 'ready' : 'not-ready', reasons };
}
