/** Requests that an HTTP proxy passes on itself, for servers of plain HTTP where it makes no tunnels. Source: RFC 9112 §3.2.2. */
import { type AnswerHead, headerIn } from './answer-head.ts';
import { proxyAuthorization, refusal } from './http-tunnel.ts';
import type { Origin } from './origin.ts';
import type { ProxyServer } from './proxy.ts';

/** From now on the requests to the origin are given to its proxy; false where it is none of HTTP. */
export function forwarded(origin: Origin): boolean {
  const { proxy, tls } = origin.route;
  if (proxy?.kind !== 'http') return false;
  origin.forwarding = proxy;
  origin.route = { address: proxy.address, tls: tls?.ca === undefined ? undefined : { ca: tls.ca } };
  return true;
}

export function withProof(proxy: ProxyServer, headers: Readonly<Record<string, string>>) {
  const proof = proxyAuthorization(proxy);
  return proof === undefined ? headers : { ...headers, 'proxy-authorization': proof };
}

/**
 * Throws a ProxyError for an answer that is the proxy's own: it wants another proof, or fails in a page for people where
 * the APIs behind it answer with JSON.
 */
export function proxysOwn(proxy: ProxyServer, { status, lines }: AnswerHead): void {
  const isPage = status >= 400 && !(headerIn(lines, 'content-type')?.includes('json') ?? false);
  if (status === 407 || isPage) throw refusal(proxy, status);
}
