/** Which proxy a request to a provider takes: the credential's, the configuration's, or the environment's. */
export interface Proxies {
  /** The proxy's address; undefined for none. `configured` is the `proxy-url` in force, if there is one. */
  proxyFor(url: string, configured: string | undefined): string | undefined;
}

export type ProxyEnvironment = Record<string, string | undefined>;

/** The variables that programs commonly read, as curl documents them ("Environment" in its manual). */
const variables = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'] as const;

/**
 * Takes the proxy variables out of `environment` and decides by them from now on. They must go because the runtime's
 * own `fetch` would follow them even for a credential with `direct`.
 */
export function takeProxies(environment: ProxyEnvironment): Proxies {
  const taken: Partial<Record<(typeof variables)[number], string>> = {};
  for (const name of variables) {
    const value = environment[name] || environment[name.toUpperCase()];
    if (value) taken[name] = value;
    delete environment[name];
    delete environment[name.toUpperCase()];
  }
  const anyFromEnvironment = Boolean(taken.http_proxy ?? taken.https_proxy ?? taken.all_proxy);
  const bypass = (taken.no_proxy ?? '')
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '');

  function fromEnvironment(url: string): string | undefined {
    const { hostname, port, protocol } = new URL(url);
    if (bypass.some((entry) => bypasses(entry, hostname, port))) return undefined;
    const own = protocol === 'https:' ? taken.https_proxy : taken.http_proxy;
    return own ?? taken.all_proxy;
  }

  return {
    proxyFor(url, configured) {
      if (configured === undefined && !anyFromEnvironment) return undefined;
      if (configured === 'direct') return undefined;
      return configured ?? fromEnvironment(url);
    },
  };
}

/** `no_proxy` entries: `*`, a host, a domain with or without a leading dot (its subdomains too), optionally with a port. */
function bypasses(entry: string, hostname: string, port: string): boolean {
  if (entry === '*') return true;
  const [, name, entryPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (name === undefined || (entryPort !== undefined && entryPort !== port)) return false;
  const domain = name.replace(/^\*?\./, '');
  return hostname === domain || hostname.endsWith(`.${domain}`);
}
