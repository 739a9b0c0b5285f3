/** A connection as bytes, and what it reports. */
import type { Address } from './address.ts';
import type { ProxyServer } from './proxy.ts';

/** Protection that is not the usual, in the runtime's words. */
export type TlsSettings = Pick<Bun.TLSOptions, 'ca' | 'cert' | 'key' | 'secureOptions' | 'ciphers'>;

export interface Route {
  address: Address;
  /** The IP address that is connected to, where it was looked up and judged before; the name is still the one of the certificate. */
  at?: string | undefined;
  proxy?: ProxyServer | undefined;
  tls?: TlsSettings | undefined;
}

export interface Wire {
  /** Gives how many bytes it has taken; the rest is for when `drained` is called. */
  write(bytes: Uint8Array, from?: number, size?: number): number;
  pause(): void;
  resume(): void;
  /** At once, without a word. */
  terminate(): void;
}

/** What a wire reports. After `closed` or `failed` there is nothing more. */
export interface WireEvents {
  /** Bytes go to the server from now on; nothing is sent to a server that its certificate does not name. */
  opened(wire: Wire): void;
  data(bytes: Uint8Array): void;
  drained(): void;
  closed(error: Error | undefined): void;
  failed(error: Error): void;
}

export const closedEarly = 'it closed the connection before there was a way through';

/** Whose certificates count for a proxy: those that count for the server. */
export function trustOf(tls: TlsSettings | undefined): TlsSettings {
  return tls?.ca === undefined ? {} : { ca: tls.ca };
}

/** The runtime's message is only "failed"; the reason is in the error's code. */
export function notConnected(error: Error): Error {
  const code = codeOf(error);
  if (code === 'ECONNREFUSED') return new Error('nothing there accepts connections', { cause: error });
  return error.message.includes(code) ? error : new Error(`${error.message} (${code})`, { cause: error });
}

export function codeOf(error: Error | null | undefined): string {
  return error !== null && error !== undefined && 'code' in error ? String(error.code) : '';
}
