/** What the calls run on that no client asked for: logins, refreshes, lists of models. */

import type { Bounds } from '../../config/bounds.ts';
import { systemClock } from '../../ground/clock.ts';
import { asFetch } from '../../http-client/as-fetch.ts';
import type { HttpClient } from '../../http-client/client.ts';
import { ProxyError } from '../../http-client/proxy.ts';
import type { TlsSettings } from '../../http-client/wire.ts';
import type { OAuthDeps } from '../../oauth/client.ts';
import { UnreachableError } from '../../oauth/failure.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Proxies } from './proxy.ts';

export interface OutboundRoute {
  http: Pick<HttpClient, 'send'>;
  proxies: Pick<Proxies, 'proxyFor'>;
  /** `cli-proxy-api/<version>`. */
  userAgent: string;
  /** Whose calls these are: an account's name. */
  pool?: string;
  /** The proxy in force, if one is configured; without it the environment's proxy variables decide. */
  proxyUrl?: string | undefined;
  tls?: TlsSettings | undefined;
  /** Those in force. */
  bounds: Pick<Bounds, 'account-answer'>;
  /** Milliseconds until there has to be a connection: `timeouts.connect`. */
  connectTime: number;
  /** Called with the proxy's address; without it messages are for the owner, and hold it themselves. */
  log?: Pick<Log, 'warn'>;
}

/** The network through the proxy, and the clock of this computer. */
export function outboundDeps(route: OutboundRoute): OAuthDeps {
  const { http, proxies, userAgent, pool = '', proxyUrl, tls, bounds, log } = route;
  const fetch = asFetch({
    http,
    pool: `account ${pool}`,
    proxyFor: (url) => proxies.proxyFor(url, proxyUrl),
    tls,
    mostBytes: bounds['account-answer'],
    connectTime: route.connectTime,
  });
  return {
    async fetch(url, init) {
      try {
        return await fetch(url, init);
      } catch (error) {
        if (!(error instanceof ProxyError)) throw error;
        log?.warn('a proxy cannot be used', {
          proxy: error.proxy,
          server: new URL(url).host,
          reason: error.message,
        });
        const which = log === undefined ? ` ${error.proxy}` : '';
        throw new UnreachableError(`through its proxy${which}: ${error.message}`, { cause: error });
      }
    },
    userAgent,
    now: systemClock.now,
    wait: systemClock.wait,
  };
}
