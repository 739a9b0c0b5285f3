/** Connections through a proxy: to it, past it, and then the server's TLS. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { asError } from '../ground/reason.ts';
import type { Target } from './address.ts';
import { httpTunnel, NoTunnel } from './http-tunnel.ts';
import { type Negotiation, wait } from './negotiation.ts';
import { ProxyError, type ProxyServer } from './proxy.ts';
import { secureWithin } from './secure-within.ts';
import { socks4, socks5 } from './socks.ts';
import { handlers } from './straight-wire.ts';
import { closedEarly, codeOf, notConnected, type Route, trustOf, type WireEvents } from './wire.ts';

type Socket = Bun.Socket<undefined>;

/** Opens a wire; the result ends it while it is not open. What fails before the server is reached is a ProxyError. */
export function proxiedWire(
  proxy: ProxyServer,
  { address, at, tls }: Pick<Route, 'address' | 'at' | 'tls'>,
  events: WireEvents,
): () => void {
  let socket: Socket | undefined;
  let end: (() => void) | undefined;
  let talk: Negotiation | undefined;
  let over = false;
  /** The way is open: what comes is for `events`. */
  let open = false;

  function fail(reason: string, cause?: unknown): void {
    failWith(new ProxyError(proxy.label, reason, { cause }));
  }

  function failWith(error: Error): void {
    if (over) return;
    over = true;
    socket?.terminate();
    events.failed(error);
  }

  function hello(opened: Socket): void {
    if (talk !== undefined) opened.write(talk.hello);
  }

  function take(opened: Socket, bytes: Uint8Array): void {
    try {
      const step = talk?.take(bytes) ?? wait;
      if (step.kind === 'say') opened.write(step.bytes);
      if (step.kind === 'open') proceed(opened, step.rest);
    } catch (error) {
      failWith(asError(error));
    }
  }

  function proceed(opened: Socket, rest: Uint8Array): void {
    open = true;
    if (address.secure) {
      // The server may not send before us inside TLS.
      if (rest.length > 0) {
        fail('it sent more than an answer');
        return;
      }
      opened.upgradeTLS<undefined>({
        data: undefined,
        tls: { ...tls, serverName: address.hostname },
        socket: handlers(address.hostname, {
          ...events,
          opened(wire) {
            over = true;
            events.opened(wire);
          },
        }),
      });
      return;
    }
    over = true;
    events.opened(opened);
    if (rest.length > 0) events.data(rest);
  }

  async function begin(): Promise<void> {
    const target =
      at !== undefined
        ? { hostname: at, port: address.port }
        : proxy.resolves
          ? address
          : await lookedUp(proxy, address);
    if (over) return;
    talk = talkTo(proxy, target);
    const { hostname, port, secure } = proxy.address;
    if (secure && address.secure) {
      end = await secureWithin(proxy, talk, { address, tls }, events);
      if (over) end();
      return;
    }
    await Bun.connect<undefined>({
      hostname,
      port,
      ...(secure && { tls: { ...trustOf(tls), serverName: hostname } }),
      socket: {
        binaryType: 'uint8array',
        open(opened) {
          socket = opened;
          if (over) return void opened.terminate();
          opened.setNoDelay(true);
          if (!secure) hello(opened);
        },
        handshake(opened, trusted, error) {
          if (trusted) hello(opened);
          else fail(`its certificate is not trusted (${codeOf(error)})`, error);
        },
        data(opened, bytes) {
          if (!open) take(opened, bytes);
          // Of a server's TLS this is what the runtime unpacks.
          else if (!address.secure) events.data(bytes);
        },
        drain: () => events.drained(),
        close(_, error) {
          if (!open) failWith(goneEarly(proxy, error));
          else if (!address.secure || !over) events.closed(error);
        },
        error(_, error) {
          if (!open) fail('the connection to it broke', error);
          else if (!address.secure) events.failed(error);
        },
      },
    });
  }

  begin().catch((error: Error) =>
    error instanceof ProxyError ? failWith(error) : fail(notConnected(error).message, error),
  );
  return () => {
    over = true;
    socket?.terminate();
    end?.();
  };
}

/** A server of HTTP that knows no CONNECT may just end the connection: what it would pass on by itself is not known yet. */
function goneEarly({ kind, label }: ProxyServer, cause: unknown): ProxyError {
  const kindOfError = kind === 'http' ? NoTunnel : ProxyError;
  return new kindOfError(label, closedEarly, { cause });
}

function talkTo(proxy: ProxyServer, target: Target): Negotiation {
  switch (proxy.kind) {
    case 'http':
      return httpTunnel(proxy, target);
    case 'socks5':
      return socks5(proxy, target);
    case 'socks4':
      return socks4(proxy, target);
  }
}

/** The server by its address, for proxies that are not to look up names. */
async function lookedUp(proxy: ProxyServer, { hostname, port }: Target): Promise<Target> {
  if (isIP(hostname) !== 0) return { hostname, port };
  try {
    const { address } = await lookup(
      hostname,
      proxy.kind === 'socks4' ? { family: 4 } : { order: 'ipv4first' },
    );
    return { hostname: address, port };
  } catch (cause) {
    const how = `${proxy.kind === 'socks4' ? 'socks4a' : 'socks5h'}:// lets the proxy look it up`;
    throw new ProxyError(proxy.label, `${hostname} is not known here (${how})`, { cause });
  }
}
