/** The listener to which the browser comes back (RFC 8252 §7.3): on this computer's loopback addresses and on no other. */
import type { Server } from 'bun';
import { errorCode } from '../ground/error-code.ts';
import { type Callback, callbackFromParameters } from './callback.ts';
import {
  type CallbackPage,
  callbackPage,
  emptyPage,
  failedPage,
  foreignPage,
  strayPage,
  wrongMethodPage,
} from './callback-page.ts';
import { type Failed, failed } from './failure.ts';

export interface LoopbackListener {
  ok: true;
  port: number;
  /** The first answer of this sign-in that the browser brings; others change nothing. Its page waits until `finish` reports the result. */
  callback: Promise<Callback>;
  /** The page for everybody who has come or comes to the redirect's path. */
  finish: (page: CallbackPage) => void;
  /** Ends listening when the pages under way have been sent. */
  close: () => Promise<void>;
}

export interface LoopbackOptions {
  /** For people: `Claude`. */
  title: string;
  /** 0 takes any free port. */
  port: number;
  /** The path of the redirect; any other is answered with 404. */
  path: string;
  /** The state that was sent: any page may send a browser here, and only the server's answer knows it (RFC 6749 §10.12). */
  state: string;
  /** Called for each answer without that state. */
  onForeign?: (() => void) | undefined;
}

/** The codes with which a computer without IPv6 (or IPv4) refuses its loopback address. */
const familyMissing = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL']);

/**
 * Listens on 127.0.0.1 and ::1: `localhost` is either, as the browser likes, so that a port of which another program has
 * one half is as good as taken (it would get the code).
 */
export function listenForCallback(options: LoopbackOptions): LoopbackListener | Failed {
  const { title, port, path, state, onForeign } = options;
  const arrived = Promise.withResolvers<Callback>();
  const finished = Promise.withResolvers<CallbackPage>();

  async function answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname !== path) return callbackPage(strayPage);
    if (request.method !== 'GET') return callbackPage(wrongMethodPage);
    const callback = callbackFromParameters(url.searchParams);
    if (callback === undefined) return callbackPage(emptyPage);
    if (callback.state !== state) {
      onForeign?.();
      return callbackPage(foreignPage(title));
    }
    // Later ones change nothing and see the same page: browsers load an address twice at times.
    arrived.resolve(callback);
    return callbackPage(await finished.promise);
  }

  const opened = open(port, answer);
  if (!opened.ok) {
    return failed(
      'port-taken',
      opened.taken
        ? `Port ${port} is used by another program, and ${title} sends the browser back to it. Close that program (it may be another sign-in that still waits), then try again.`
        : `Port ${port}, to which ${title} sends the browser back, cannot be listened on: the system does not allow it. Free the port, or run where it is allowed.`,
      { cause: opened.cause },
    );
  }
  const { servers } = opened;
  return {
    ok: true,
    port: opened.port,
    callback: arrived.promise,
    finish: finished.resolve,
    async close() {
      finished.resolve(failedPage(title, 'The sign-in is over.'));
      await Promise.all(servers.map((server) => server.stop()));
      // Connections that a browser opened ahead and never used.
      await Promise.all(servers.map((server) => server.stop(true)));
    },
  };
}

type Opened =
  | { ok: true; port: number; servers: Server<undefined>[] }
  | { ok: false; taken: boolean; cause: unknown };

/** How often another free port is tried when only one address family has it. */
const freePortTries = 5;

function open(port: number, answer: (request: Request) => Promise<Response>): Opened {
  let outcome: Opened = openBoth(port, answer);
  for (let tries = 1; port === 0 && !outcome.ok && outcome.taken && tries < freePortTries; tries++)
    outcome = openBoth(port, answer);
  return outcome;
}

function openBoth(port: number, answer: (request: Request) => Promise<Response>): Opened {
  const servers: Server<undefined>[] = [];
  let missing: unknown;
  for (const hostname of ['127.0.0.1', '::1']) {
    try {
      servers.push(
        Bun.serve({
          hostname,
          port: servers[0]?.port ?? port,
          reusePort: false,
          development: false,
          // The page waits for the exchange, which has its own end in time.
          idleTimeout: 0,
          fetch: answer,
        }),
      );
    } catch (cause) {
      const code = errorCode(cause);
      if (typeof code === 'string' && familyMissing.has(code)) {
        missing = cause;
        continue;
      }
      for (const server of servers) void server.stop(true);
      return { ok: false, taken: code === 'EADDRINUSE', cause };
    }
  }
  const listening = servers[0]?.port;
  return listening === undefined
    ? { ok: false, taken: false, cause: missing }
    : { ok: true, port: listening, servers };
}
