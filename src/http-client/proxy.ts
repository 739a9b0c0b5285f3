/** A proxy's address, and what goes wrong on the way through one. */
import { unescaped } from '../ground/url-path.ts';
import type { Address } from './address.ts';

export interface ProxyServer {
  kind: 'http' | 'socks5' | 'socks4';
  /** `secure`: the proxy itself is spoken to over TLS. */
  address: Address;
  /** Names of servers are left to the proxy; otherwise they are looked up here. */
  resolves: boolean;
  user: string | undefined;
  password: string | undefined;
  /** The address for people, its password masked. */
  label: string;
}

/** No way through the proxy: it is not there, refuses, or does not speak its protocol. The message names no address. */
export class ProxyError extends Error {
  /** `proxy` is its address for people, the password masked. */
  constructor(
    readonly proxy: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'ProxyError';
  }
}

/**
 * By scheme, as curl has them ("Proxy protocol prefixes" in its manual); its ports where the address names none.
 * `socks` without a number is SOCKS5 that resolves names, as most programs take it.
 */
const schemes: Readonly<
  Record<string, { kind: ProxyServer['kind']; secure: boolean; resolves: boolean; port: number }>
> = {
  'http:': { kind: 'http', secure: false, resolves: true, port: 80 },
  'https:': { kind: 'http', secure: true, resolves: true, port: 443 },
  'socks:': { kind: 'socks5', secure: false, resolves: true, port: 1080 },
  'socks5:': { kind: 'socks5', secure: false, resolves: false, port: 1080 },
  'socks5h:': { kind: 'socks5', secure: false, resolves: true, port: 1080 },
  'socks4:': { kind: 'socks4', secure: false, resolves: false, port: 1080 },
  'socks4a:': { kind: 'socks4', secure: false, resolves: true, port: 1080 },
};

/** Throws a {@link ProxyError} for what is no address of a proxy. Without a scheme it is that of an HTTP proxy. */
export function proxyOf(written: string): ProxyServer {
  const url = URL.parse(written.includes('://') ? written : `http://${written}`);
  const scheme = url === null || !Object.hasOwn(schemes, url.protocol) ? undefined : schemes[url.protocol];
  if (url === null || scheme === undefined || url.hostname === '')
    throw new ProxyError(maskedProxy(written), 'its address is not one of an http, https or socks proxy');
  const { kind, secure, resolves, port } = scheme;
  return {
    kind,
    resolves,
    address: {
      hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(url.port) || port,
      secure,
    },
    user: url.username === '' ? undefined : unescaped(url.username),
    password: url.password === '' ? undefined : unescaped(url.password),
    label: maskedProxy(written),
  };
}

/** The address as people may see it. */
export function maskedProxy(written: string): string {
  return written.replace(/^([a-z0-9+.-]*:\/\/)?([^/@]*)@/i, (_, scheme: string | undefined, user: string) => {
    const [name = ''] = user.split(':');
    return `${scheme ?? ''}${name}:***@`;
  });
}
