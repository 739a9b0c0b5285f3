/** Servers by their addresses, and the connections to each that wait for another request. */
import type { Address, Connection, ConnectionOwner } from './connection.ts';

export interface Origin {
  address: Address;
  /** What the Host header says (RFC 9110 §7.2). */
  host: string;
  idle: IdleConnections;
}

/** The owner of all connections to a server: those that are free wait here. */
export interface IdleConnections extends ConnectionOwner {
  /** The one that was used last: it is the least likely to be closed by its server. */
  take(): Connection | undefined;
  close(): void;
}

/** Throws a TypeError for what is no address of a web server. */
export function originOf(base: string): Origin {
  const { protocol, hostname, port, host } = new URL(base);
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new TypeError(`"${base}" is no http or https address`);
  const secure = protocol === 'https:';
  return {
    address: {
      hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(port) || (secure ? 443 : 80),
      secure,
    },
    host,
    idle: idleConnections(),
  };
}

/** Milliseconds that a connection waits: many servers close theirs after a minute, and one that is just being closed is of no use. */
export const longestWait = 50_000;

interface Waiting {
  connection: Connection;
  since: number;
}

/** The clock and the one timer that idle connections need. */
export interface IdleClock {
  /** In ms; only goes forward. */
  now(): number;
  /** Runs once after so many ms, without keeping the process alive; gives what calls it off. */
  after(run: () => void, milliseconds: number): () => void;
}

const systemClock: IdleClock = {
  now: () => performance.now(),
  after(run, milliseconds) {
    const timer = setTimeout(run, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

export function idleConnections(clock: IdleClock = systemClock): IdleConnections {
  /** The one that has waited longest comes first. */
  let waiting: Waiting[] = [];
  let callOff: (() => void) | undefined;

  function closeOld(): void {
    callOff = undefined;
    const before = clock.now() - longestWait;
    while (waiting[0] !== undefined && waiting[0].since <= before) waiting.shift()?.connection.close();
    lookLater();
  }

  function lookLater(): void {
    const [first] = waiting;
    if (first === undefined || callOff !== undefined) return;
    callOff = clock.after(closeOld, Math.max(1, first.since + longestWait - clock.now()));
  }

  return {
    free(connection) {
      waiting.push({ connection, since: clock.now() });
      lookLater();
    },
    take: () => waiting.pop()?.connection,
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

/** An address in two: of the server, and of what is asked for there. */
export function splitUrl(url: string): { base: string; path: string } {
  const start = url.indexOf('/', url.indexOf('//') + 2);
  const path = start < 0 ? '' : url.slice(start);
  if (isPath(path)) return { base: url.slice(0, start), path };
  // What may not stand in a request line is written so that it may.
  const { protocol, host, pathname, search } = new URL(url);
  return { base: `${protocol}//${host}`, path: pathname + search };
}

function isPath(text: string): boolean {
  return /^\/[\x21\x22\x24-\x7e]*$/.test(text);
}
