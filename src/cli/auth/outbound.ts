/** What logins and refreshes run on that a command does itself, as long as the command runs. */

import { connectionTo } from '../../accounts/provider-connection.ts';
import type { Config } from '../../config/schema.ts';
import { outboundDeps } from '../../gateway/upstream/outbound.ts';
import type { OAuthDeps } from '../../oauth/client.ts';
import type { AccountKind } from '../../providers/registry.ts';
import { openConnections } from '../connections.ts';

export interface Outbound extends Disposable {
  /**
   * How a provider is reached. `proxyUrl` is that of the command line or the account; else the config's counts, else the proxy
   * variables of the environment.
   */
  to(kind: AccountKind, proxyUrl: string | undefined): OAuthDeps;
}

/** Opens what the config describes; their connections close with the scope. */
export function openOutbound(config: Config): Outbound {
  const connections = openConnections(config, process.env);
  return {
    to: (kind, proxyUrl) =>
      outboundDeps({
        ...connections,
        proxyUrl: proxyUrl ?? config['proxy-url'],
        connectTime: config.timeouts.connect,
        tls: connectionTo(config.providers[kind].tls).tls,
      }),
    [Symbol.dispose]: () => connections[Symbol.dispose](),
  };
}
