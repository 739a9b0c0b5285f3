/** What logins and refreshes run on that a command does itself, as long as the command runs. */

import { connectionTo } from '../../accounts/provider-connection.ts';
import type { Config } from '../../config/schema.ts';
import { outboundDeps } from '../../gateway/upstream/outbound.ts';
import { takeProxies } from '../../gateway/upstream/proxy.ts';
import { createHttpClient } from '../../http-client/client.ts';
import type { OAuthDeps } from '../../oauth/client.ts';
import type { AccountKind } from '../../providers/registry.ts';
import { version } from '../version.ts';

export interface Outbound extends Disposable {
  /**
   * How a provider is reached. `proxyUrl` is what the person or the account says; else the config's counts, else the proxy
   * variables of the environment.
   */
  to(kind: AccountKind, proxyUrl: string | undefined): OAuthDeps;
}

/** Opens what the config describes; their connections close with the scope. */
export function openOutbound(config: Config): Outbound {
  const proxies = takeProxies(process.env);
  const http = createHttpClient(() => config.bounds);
  return {
    to: (kind, proxyUrl) =>
      outboundDeps({
        http,
        proxies,
        userAgent: `cli-proxy-api/${version}`,
        proxyUrl: proxyUrl ?? config['proxy-url'],
        bounds: config.bounds,
        connectTime: config.timeouts.connect,
        tls: connectionTo(config.providers[kind].tls).tls,
      }),
    [Symbol.dispose]: () => http.close(),
  };
}
