/** Ways through SOCKS proxies. Sources: RFC 1928, RFC 1929; SOCKS4 and SOCKS4A as OpenSSH's team has written them down. */
import type { Target } from './address.ts';
import { notLetIn, wantsLogin } from './http-tunnel.ts';
import { joined } from './joined-bytes.ts';
import { type Negotiation, type Step, wait } from './negotiation.ts';
import { ProxyError, type ProxyServer } from './proxy.ts';

/** RFC 1928 §6. */
const replies: Readonly<Record<number, string>> = {
  1: 'it failed',
  2: 'its rules do not allow this connection',
  3: 'it cannot reach the network',
  4: 'it cannot reach the server',
  5: 'the server refuses its connection',
  6: 'its connection to the server timed out',
  7: 'it cannot make connections for others',
  8: 'it does not support this kind of address',
};

export function socks5(proxy: ProxyServer, { hostname, port }: Target): Negotiation {
  let place: 'method' | 'login' | 'reply' = 'method';
  let came: Uint8Array = new Uint8Array();
  const notSocks = (): ProxyError => new ProxyError(proxy.label, 'it does not support SOCKS5');
  const asked = Buffer.from([5, 1, 0, ...addressBytes(proxy, hostname), port >> 8, port & 255]);

  function next(): Step {
    if (came.length < 2) return wait;
    const [first, second = 0] = came;
    switch (place) {
      case 'method': {
        if (first !== 5) throw notSocks();
        came = came.subarray(2);
        if (second === 0) {
          place = 'reply';
          return { kind: 'say', bytes: asked };
        }
        if (second === 2 && proxy.user !== undefined) {
          place = 'login';
          return { kind: 'say', bytes: loginBytes(proxy) };
        }
        throw new ProxyError(proxy.label, proxy.user === undefined ? wantsLogin : notLetIn);
      }
      case 'login':
        came = came.subarray(2);
        if (second !== 0) throw new ProxyError(proxy.label, notLetIn);
        place = 'reply';
        return { kind: 'say', bytes: asked };
      case 'reply': {
        if (first !== 5) throw notSocks();
        if (second !== 0)
          throw new ProxyError(proxy.label, replies[second] ?? `it refused with reply ${second}`);
        const size = replySize(came);
        if (size === undefined || came.length < size) return wait;
        return { kind: 'open', rest: came.subarray(size) };
      }
    }
  }

  return {
    hello: Uint8Array.from(proxy.user === undefined ? [5, 1, 0] : [5, 2, 0, 2]),
    take(bytes) {
      came = joined([came, bytes]);
      return next();
    },
  };
}

/** The bytes of a reply; its address is ignored. */
function replySize(reply: Uint8Array): number | undefined {
  switch (reply[3]) {
    case 1:
      return 10;
    case 4:
      return 22;
    case 3:
      return reply[4] === undefined ? undefined : 7 + reply[4];
    default:
      return reply.length < 4 ? undefined : 10;
  }
}

/** RFC 1928 §5: the kind of address, and the address. */
function addressBytes(proxy: ProxyServer, hostname: string): number[] {
  const four = ipv4Bytes(hostname);
  if (four !== undefined) return [1, ...four];
  if (hostname.includes(':')) return [4, ...ipv6Bytes(hostname)];
  const name = Buffer.from(hostname);
  if (name.length > 255) throw new ProxyError(proxy.label, 'the name of the server is too long for it');
  return [3, name.length, ...name];
}

function ipv4Bytes(hostname: string): number[] | undefined {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(hostname) ? hostname.split('.').map(Number) : undefined;
}

function ipv6Bytes(hostname: string): number[] {
  // What ends in an IPv4 address has it in the last two groups (RFC 4291 §2.2).
  const text = hostname.replace(/%.*$/, '').replace(/[^:]*\.[^:]*$/, (end) => {
    const [a = 0, b = 0, c = 0, d = 0] = ipv4Bytes(end) ?? [];
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [front = '', back] = text.split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const before = groups(front);
  const after = back === undefined ? [] : groups(back);
  const zeros = Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0);
  return [...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 255]);
}

/** RFC 1929 §2. */
function loginBytes(proxy: ProxyServer): Uint8Array {
  const user = Buffer.from(proxy.user ?? '');
  const password = Buffer.from(proxy.password ?? '');
  if (user.length > 255 || password.length > 255)
    throw new ProxyError(proxy.label, 'its user name or password is longer than SOCKS5 allows');
  return Uint8Array.from([1, user.length, ...user, password.length, ...password]);
}

export function socks4(proxy: ProxyServer, { hostname, port }: Target): Negotiation {
  const four = ipv4Bytes(hostname);
  if (hostname.includes(':')) throw new ProxyError(proxy.label, 'SOCKS4 has no IPv6 addresses');
  const user = [...Buffer.from(proxy.user ?? ''), 0];
  // SOCKS4A: an address that cannot be, and the name behind the user.
  const where = four ?? [0, 0, 0, 1];
  const name = four === undefined ? [...Buffer.from(hostname), 0] : [];
  let came: Uint8Array = new Uint8Array();
  return {
    hello: Uint8Array.from([4, 1, port >> 8, port & 255, ...where, ...user, ...name]),
    take(bytes) {
      came = joined([came, bytes]);
      if (came.length < 2) return wait;
      if (came[0] !== 0) throw new ProxyError(proxy.label, 'it does not support SOCKS4');
      if (came[1] !== 90)
        throw new ProxyError(
          proxy.label,
          came[1] === 91 ? 'it rejected the connection, or failed' : 'it does not accept the user name',
        );
      return came.length < 8 ? wait : { kind: 'open', rest: came.subarray(8) };
    },
  };
}
