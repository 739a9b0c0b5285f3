/** The world of logins and refreshes that a command does itself, as long as the command runs. */
import { outside } from '../../gateway/outside.ts';
import { takeProxies } from '../../gateway/proxy.ts';
import type { OAuthWorld } from '../../oauth/client.ts';
import { version } from '../version.ts';

export interface Outside extends AsyncDisposable {
  /** `proxyUrl` is the proxy in force, if there is one; without it the environment's proxy variables decide. */
  through(proxyUrl: string | undefined): OAuthWorld;
}

/** Opens the way out; its proxies close with the scope. */
export function openOutside(): Outside {
  const proxies = takeProxies(process.env);
  return {
    through: (proxyUrl) => outside({ proxies, userAgent: `cli-proxy-api/${version}`, proxyUrl }),
    [Symbol.asyncDispose]: () => proxies.close(),
  };
}
