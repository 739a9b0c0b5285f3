/** The world of logins and refreshes that a command does itself, as long as the command runs. */

import { connectionTo } from '../../accounts/provider-connection.ts';
import type { Config } from '../../config/schema.ts';
import { outside } from '../../gateway/upstream/outside.ts';
import { takeProxies } from '../../gateway/upstream/proxy.ts';
import { createHttpClient } from '../../http-client/client.ts';
import type { OAuthDeps } from '../../oauth/client.ts';
import type { AccountKind } from '../../providers/registry.ts';
import { version } from '../version.ts';

export interface Outside extends Disposable {
  /**
   * The way to a provider. `proxyUrl` is what the person or the account says; else the config's counts, else the proxy
   * variables of the environment.
   */
  to(kind: AccountKind, proxyUrl: string | undefined): OAuthDeps;
}

/** Opens the ways that the config describes; their connections close with the scope. */
export function openOutside(config: Config): Outside {
  const proxies = takeProxies(process.env);
  const http = createHttpClient(() => config.bounds);
  return {
    to: (kind, proxyUrl) =>
      outside({
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
