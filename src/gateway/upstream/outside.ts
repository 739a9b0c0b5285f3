/** The world of calls that no client asked for: logins, refreshes, lists of models. */
import type { OAuthWorld } from '../../oauth/client.ts';
import { pause } from '../pause.ts';
import type { Proxies } from './proxy.ts';

export interface WayOut {
  proxies: Pick<Proxies, 'proxyFor'>;
  /** `cli-proxy-api/<version>`. */
  userAgent: string;
  /** The proxy in force, if one is configured; without it the environment's proxy variables decide. */
  proxyUrl?: string | undefined;
  tls?: BunFetchRequestInitTLS | undefined;
}

/** The network through the proxy, and the clock of this computer. */
export function outside({ proxies, userAgent, proxyUrl, tls }: WayOut): OAuthWorld {
  return {
    async fetch(url, init) {
      const proxy = await proxies.proxyFor(url, proxyUrl);
      return fetch(url, { ...init, ...(proxy === undefined ? {} : { proxy }), ...(tls && { tls }) });
    },
    userAgent,
    now: Date.now,
    wait: pause,
  };
}
