/** What is asked, what is answered, and what ends a call before that. */
import type { BodyReader } from './body-queue.ts';
import type { TlsSettings } from './wire.ts';

/** Why a request is sent once more: its kept connection had ended unread, or the proxy, which makes no tunnels, is to pass it on. */
export type SentAgain = 'connection-gone' | 'forwarded';

export interface HttpRequest {
  method: string;
  /** http or https. A user in it proves who asks (RFC 7617), unless a header does. */
  url: string;
  /** Names in lower case. A Host replaces that of the address. */
  headers: Readonly<Record<string, string>>;
  /** Its maker is asked when the body is sent, and again where it has to be sent again. */
  body: Uint8Array | string | (() => Uint8Array | string);
  /** Asked instead where it has to be sent again, for a body that takes long to be made. */
  bodyAgain?: (() => Promise<Uint8Array | string>) | undefined;
  /** A connection is being made for it; the result is called when it is established or has failed. */
  connecting?: () => () => void;
  /** Called each time it is sent once more, before it is. */
  sentAgain?: ((why: SentAgain) => void) | undefined;
  /** Whose connections it may take: those of one are never used for another. */
  pool?: string;
  /** The proxy's address. What goes wrong with it is a ProxyError. */
  proxy?: string | undefined;
  tls?: TlsSettings | undefined;
  /** The IP address of the server, where it was looked up and judged before: no other one is connected to. */
  at?: string | undefined;
  /** The protocol that it asks to go on with. */
  upgrade?: string;
}

/** Ends a call. It has one listener: the last. */
export interface Cancellation {
  /** Why; undefined while the call may go on. */
  readonly cancelled: Error | undefined;
  whenCancelled(run: (reason: Error) => void): void;
}

/** An answer whose head has come. Its body is taken once: whole, or piece by piece. */
export interface HttpResponse {
  readonly status: number;
  /** By its name in lower case. */
  header(name: string): string | null;
  readonly headers: Headers;
  /** Part of the request has not gone out, or may not have. */
  readonly unsent?: boolean;
  /** Rejects when it breaks off, and with BeyondBound when it is longer than `most` bytes, by default the client's bound. */
  bytes(most?: number): Promise<Uint8Array>;
  body(): BodyReader;
  /** The way back, once both sides have gone over to another protocol: its bytes come as the body. */
  upgraded?: { write(bytes: Uint8Array): void };
}
