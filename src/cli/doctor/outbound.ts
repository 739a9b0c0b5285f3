/** Requests as the gateway makes them: through the proxy that counts for a credential. */
import type { Config } from '../../config/schema.ts';
import type { Credential } from '../../credentials/credential.ts';
import type { QuestionDeps } from '../../gateway/upstream/provider-question.ts';
import { patience } from './check.ts';

/** Whose request it is: its proxy counts, and what its provider wants of TLS. */
export type OnBehalfOf = Pick<Credential, 'id' | 'proxyUrl'> & {
  provider?: Pick<Credential['provider'], 'tls'>;
};

export interface Outbound extends Disposable {
  /** Rejects where there is no answer in time. Redirects are not followed, and no key is sent. */
  fetch(onBehalfOf: OnBehalfOf, url: string, init: RequestInit): Promise<Response>;
  /** The proxy that its requests to an address go through. */
  proxyOf(onBehalfOf: OnBehalfOf, url: string): string | undefined;
  /** What {@link askProvider} takes. */
  question: QuestionDeps;
}

export async function openOutbound(config: Config): Promise<Outbound> {
  const { openConnections } = await import('../connections.ts');
  const { outboundDeps } = await import('../../gateway/upstream/outbound.ts');
  const silent = (): void => {};
  const connections = openConnections(config);
  const question: QuestionDeps = {
    ...connections,
    timeouts: { connect: patience },
    // With a log, messages are without the address of a proxy, which may hold its password.
    log: { debug: silent, info: silent, warn: silent },
  };
  return {
    question,
    proxyOf: ({ proxyUrl }, url) => question.proxies.proxyFor(url, proxyUrl),
    fetch({ id, proxyUrl, provider }, url, init) {
      const { fetch } = outboundDeps({
        ...question,
        ...{ connectTime: patience, pool: id, proxyUrl, tls: provider?.tls },
      });
      return fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(patience) });
    },
    [Symbol.dispose]: () => connections[Symbol.dispose](),
  };
}
