/** Servers by their addresses, and the connections to each that wait for another request. */
import { type Clock, systemClock } from '../ground/clock.ts';
import type { Connection, ConnectionOwner } from './connection.ts';
import { type ProxyServer, proxyOf } from './proxy.ts';
import type { Route, TlsSettings } from './wire.ts';

/** How a server is reached. */
export interface ConnectOptions {
  proxy?: string | undefined;
  tls?: TlsSettings | undefined;
  at?: string | undefined;
}

export interface Origin {
  connect: ConnectOptions;
  route: Route;
  /** The value of the Host header (RFC 9110 §7.2). */
  host: string;
  /** What a user in the address proves; undefined without one. */
  authorization: string | undefined;
  /** Set where the proxy makes no tunnels: it is given the requests themselves (RFC 9112 §3.2.2). */
  forwarding: ProxyServer | undefined;
  idle: IdleConnections;
}

/** The owner of all connections to a server: those that are free wait here. */
export interface IdleConnections extends ConnectionOwner {
  /** The one that was used last: it is the least likely to be closed by its server. */
  take(): Connection | undefined;
  close(): void;
}

/** Throws a TypeError for what is no address of a web server, and a ProxyError for what is none of a proxy. */
export function originOf(base: string, options: ConnectOptions = {}): Origin {
  const { protocol, hostname, port, host, username, password } = new URL(base);
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new TypeError(`"${base}" is no http or https address`);
  const secure = protocol === 'https:';
  return {
    connect: options,
    route: {
      address: {
        hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
        port: Number(port) || (secure ? 443 : 80),
        secure,
      },
      proxy: options.proxy === undefined ? undefined : proxyOf(options.proxy),
      tls: options.tls,
      at: options.at,
    },
    host,
    authorization:
      username === ''
        ? undefined
        : `Basic ${Buffer.from(decodeURIComponent(`${username}:${password}`)).toString('base64')}`,
    forwarding: undefined,
    idle: idleConnections(),
  };
}

/**
 * Milliseconds that an idle connection is kept if its server sends no keep-alive timeout: uvicorn closes after five seconds
 * without announcing it, and a request sent into a closing connection has to be repeated.
 */
export const longestWait = 4000;

interface Waiting {
  connection: Connection;
  until: number;
}

export function idleConnections(clock: Pick<Clock, 'monotonic' | 'after'> = systemClock): IdleConnections {
  /** The one that was used last comes last. */
  let waiting: Waiting[] = [];
  let callOff: (() => void) | undefined;

  function closeOld(): void {
    callOff = undefined;
    const now = clock.monotonic();
    const old = waiting.filter(({ until }) => until <= now);
    waiting = waiting.filter(({ until }) => until > now);
    for (const { connection } of old) connection.close();
    if (waiting.length > 0) lookAt(Math.min(...waiting.map(({ until }) => until)));
  }

  function lookAt(time: number): void {
    callOff ??= clock.after(Math.max(1, time - clock.monotonic()), closeOld);
  }

  return {
    free(connection, keepAlive) {
      const until = clock.monotonic() + (keepAlive === undefined ? longestWait : waitOf(keepAlive));
      waiting.push({ connection, until });
      lookAt(until);
    },
    take() {
      for (let last = waiting.pop(); last !== undefined; last = waiting.pop()) {
        if (last.until > clock.monotonic()) return last.connection;
        last.connection.close();
      }
      return undefined;
    },
    closed(connection) {
      const at = waiting.findIndex((one) => one.connection === connection);
      if (at >= 0) waiting.splice(at, 1);
    },
    close() {
      callOff?.();
      callOff = undefined;
      const all = waiting;
      waiting = [];
      for (const { connection } of all) connection.close();
    },
  };
}

/** A connection is left alone so long before its server closes it, in ms: what is on its way then arrives in time. */
const before = 1000;

/** Milliseconds in `Keep-Alive: timeout=5, max=100` (RFC 2068 §19.7.1.1), less what a request needs to get there. */
function waitOf(keepAlive: string): number {
  const at = keepAlive.indexOf('timeout=');
  const seconds = at < 0 ? Number.NaN : Number.parseInt(keepAlive.slice(at + 8), 10);
  if (!(seconds >= 0)) return longestWait;
  return Math.min(longestKept, Math.max(seconds * 1000 - before, seconds * 500));
}

/** No connection waits longer, whatever timeout its server sends. */
const longestKept = 50_000;

interface SplitUrl {
  base: string;
  path: string;
}

/** Those that were split: a gateway asks for the same few addresses again and again. */
const split = new Map<string, SplitUrl>();
const mostSplit = 256;
/** Longer ones hold what a client has asked, and do not come again. */
const longestSplit = 512;

/** An address in two: of the server, and of what is asked for there. */
export function splitUrl(url: string): SplitUrl {
  const known = split.get(url);
  if (known !== undefined) return known;
  const fresh = splitAnew(url);
  if (url.length > longestSplit) return fresh;
  if (split.size >= mostSplit) split.clear();
  split.set(url, fresh);
  return fresh;
}

function splitAnew(url: string): SplitUrl {
  const start = url.indexOf('/', url.indexOf('//') + 2);
  const path = start < 0 ? '' : url.slice(start);
  if (isPath(path)) return { base: url.slice(0, start), path };
  // Characters that a request line may not contain are escaped.
  const { protocol, username, password, host, pathname, search } = new URL(url);
  const user = username === '' ? '' : `${username}:${password}@`;
  return { base: `${protocol}//${user}${host}`, path: pathname + search };
}

function isPath(text: string): boolean {
  return /^\/[\x21\x22\x24-\x7e]*$/.test(text);
}
