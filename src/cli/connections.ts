/** What a command's own requests go out on, as long as it runs. */
import type { Config } from '../config/schema.ts';
import type { OutboundRoute } from '../gateway/upstream/outbound.ts';
import { type Proxies, type ProxyEnvironment, takeProxies } from '../gateway/upstream/proxy.ts';
import { createHttpClient, type HttpClient } from '../http-client/client.ts';
import { version } from './version.ts';

export interface Connections extends Pick<OutboundRoute, 'userAgent'> {
  http: HttpClient;
  proxies: Proxies;
  bounds: Config['bounds'];
}

/** Opens what the config describes; `environment` has the proxy variables, and loses them. The connections close with the scope. */
export function openConnections(
  config: Config,
  environment: ProxyEnvironment = { ...process.env },
): Connections & Disposable {
  const http = createHttpClient(() => config.bounds);
  return {
    http,
    proxies: takeProxies(environment),
    userAgent: `cli-proxy-api/${version}`,
    bounds: config.bounds,
    [Symbol.dispose]: () => http.close(),
  };
}
