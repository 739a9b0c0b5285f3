/** Tunnels through HTTP proxies. Source: RFC 9110 §9.3.6. */
import type { Target } from './address.ts';
import { joined } from './joined-bytes.ts';
import { type Negotiation, type Step, wait } from './negotiation.ts';
import { ProxyError, type ProxyServer } from './proxy.ts';

/** Bytes of a proxy's answer that are waited for. */
const longestAnswer = 64 * 1024;

/** The HTTP proxy does not make tunnels, or not to there: it may still pass requests of plain HTTP on. */
export class NoTunnel extends ProxyError {}

/** Statuses by which proxies refuse tunnels as such: Squid's rules for ports, and those that do not know the method. */
const noTunnel = new Set([400, 403, 404, 405, 501]);

export function httpTunnel(proxy: ProxyServer, { hostname, port }: Target): Negotiation {
  const host = `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
  const proof = proxyAuthorization(proxy);
  let came: Uint8Array = new Uint8Array();
  return {
    hello: Buffer.from(
      `CONNECT ${host} HTTP/1.1\r\nhost: ${host}\r\n${proof === undefined ? '' : `proxy-authorization: ${proof}\r\n`}\r\n`,
      'latin1',
    ),
    take(bytes): Step {
      came = joined([came, bytes]);
      const text = Buffer.from(came).toString('latin1');
      const end = /\r?\n\r?\n/.exec(text);
      if (!/^HTTP\/1\.[01] \d{3}/.test(text) && text.length >= 12)
        throw new ProxyError(proxy.label, 'it does not support HTTP');
      if (end === null) {
        if (came.length > longestAnswer) throw new ProxyError(proxy.label, 'its answer does not end');
        return wait;
      }
      const status = Number(text.slice(9, 12));
      const behind = end.index + end[0].length;
      if (status >= 200 && status < 300) return { kind: 'open', rest: came.subarray(behind) };
      if (status >= 100 && status < 200) {
        came = came.subarray(behind);
        return came.length === 0 ? wait : this.take(new Uint8Array());
      }
      throw refusal(proxy, status);
    },
  };
}

/** The meaning of an HTTP proxy's status, for the error message. */
export function refusal(proxy: ProxyServer, status: number): ProxyError {
  if (status === 407) return new ProxyError(proxy.label, proxy.user === undefined ? wantsLogin : notLetIn);
  const sentence = `it refused with status ${status}`;
  return noTunnel.has(status) ? new NoTunnel(proxy.label, sentence) : new ProxyError(proxy.label, sentence);
}

export const wantsLogin = 'it requires a user name and a password';
export const notLetIn = 'it does not accept the user name and password';

/** RFC 7617; undefined where the address has no user. */
export function proxyAuthorization({ user, password }: ProxyServer): string | undefined {
  return user === undefined
    ? undefined
    : `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}`;
}
