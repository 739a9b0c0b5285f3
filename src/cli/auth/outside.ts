/** The world of logins and refreshes that a command does itself, as long as the command runs. */
import type { Config } from '../../config/schema.ts';
import { outside } from '../../gateway/upstream/outside.ts';
import { takeProxies } from '../../gateway/upstream/proxy.ts';
import type { OAuthWorld } from '../../oauth/client.ts';
import type { AccountKind } from '../../providers/account-provider.ts';
import { connectionTo } from '../../providers/connection.ts';
import { version } from '../version.ts';

export interface Outside extends AsyncDisposable {
  /**
   * The way to a provider. `proxyUrl` is what the person or the account says; else the config's counts, else the proxy
   * variables of the environment.
   */
  to(kind: AccountKind, proxyUrl: string | undefined): OAuthWorld;
}

/** Opens the ways that the config describes; their proxies close with the scope. */
export function openOutside(config: Config): Outside {
  const proxies = takeProxies(process.env);
  return {
    to: (kind, proxyUrl) =>
      outside({
        proxies,
        userAgent: `cli-proxy-api/${version}`,
        proxyUrl: proxyUrl ?? config['proxy-url'],
        tls: connectionTo(config.providers[kind].tls).tls,
      }),
    [Symbol.asyncDispose]: () => proxies.close(),
  };
}
