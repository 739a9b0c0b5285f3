/** TLS to a server inside of TLS to a proxy: the runtime's own sockets have one TLS only, its imitation of Node's has both. */
import { isIP } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { asError } from '../ground/reason.ts';
import type { Address } from './address.ts';
import { unnamed } from './certificate-names.ts';
import type { Negotiation } from './negotiation.ts';
import { ProxyError, type ProxyServer } from './proxy.ts';
import {
  closedEarly,
  codeOf,
  notConnected,
  type Route,
  type TlsSettings,
  trustOf,
  type WireEvents,
} from './wire.ts';

/** Opens a wire; the result ends it while it is not open. */
export async function secureWithin(
  proxy: ProxyServer,
  talk: Negotiation,
  { address, tls }: Pick<Route, 'address' | 'tls'>,
  events: WireEvents,
): Promise<() => void> {
  let over = false;
  let inner: TLSSocket | undefined;
  const settings = await nodeSettings(tls);
  const { hostname, port } = proxy.address;
  const outer = connect({
    host: hostname,
    port,
    ...named(proxy.address),
    ...(await nodeSettings(trustOf(tls))),
  });

  function fail(error: Error): void {
    if (over) return;
    over = true;
    outer.destroy();
    events.failed(error);
  }

  function failed(reason: string, cause?: Error): void {
    fail(new ProxyError(proxy.label, reason, { cause }));
  }

  function take(bytes: Uint8Array): void {
    try {
      const step = talk.take(bytes);
      if (step.kind === 'say') outer.write(step.bytes);
      if (step.kind !== 'open') return;
      outer.off('data', take);
      // The server may not send before us inside TLS.
      if (step.rest.length > 0) failed('it sent more than an answer');
      else begin();
    } catch (error) {
      fail(asError(error));
    }
  }

  function begin(): void {
    const opened = connect({ socket: outer, host: address.hostname, ...named(address), ...settings });
    inner = opened;
    opened.on('secureConnect', () => {
      over = true;
      const doubt = unnamed(address.hostname, opened.getPeerCertificate());
      if (doubt === undefined) events.opened(wireOf(opened));
      else events.failed(doubt);
    });
    opened.on('data', (bytes: Buffer) => events.data(new Uint8Array(bytes)));
    opened.on('error', (error) => (over ? events.failed(error) : fail(error)));
    opened.on('end', () => (over ? events.closed(undefined) : fail(new Error('the connection was closed'))));
    opened.on('close', () =>
      over ? events.closed(undefined) : fail(new Error('the connection was closed')),
    );
  }

  outer.on('secureConnect', () => outer.write(talk.hello));
  outer.on('data', take);
  outer.on('error', (error) => {
    if (inner !== undefined) fail(error);
    else if (/CERT|SIGN|VERIFY/.test(codeOf(error)))
      failed(`its certificate is not trusted (${codeOf(error)})`, error);
    else failed(notConnected(error).message, error);
  });
  outer.on('close', () => {
    if (inner === undefined) failed(closedEarly);
  });
  return () => {
    over = true;
    outer.destroy();
  };
}

function wireOf(socket: TLSSocket) {
  return {
    write(bytes: Uint8Array, from = 0, size = bytes.length - from): number {
      // It is kept until it has gone out, and ours is written over before.
      socket.write(new Uint8Array(bytes.subarray(from, from + size)));
      return size;
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    terminate: () => void socket.destroy(),
  };
}

/** A name, never an address: RFC 6066 §3. */
function named({ hostname }: Address): { servername?: string } {
  return isIP(hostname) === 0 ? { servername: hostname } : {};
}

async function nodeSettings(tls: TlsSettings | undefined): Promise<ConnectionOptions> {
  if (tls === undefined) return {};
  const { ca, cert, key, secureOptions, ciphers } = tls;
  return {
    ...(ca !== undefined && { ca: await texts(ca) }),
    ...(cert !== undefined && { cert: await texts(cert) }),
    ...(key !== undefined && { key: await texts(key) }),
    ...(secureOptions !== undefined && { secureOptions }),
    ...(ciphers !== undefined && { ciphers }),
  };
}

type Pem = NonNullable<TlsSettings['ca']>;

async function texts(value: Pem): Promise<string[]> {
  return Promise.all((Array.isArray(value) ? value : [value]).map((one) => new Response(one).text()));
}
