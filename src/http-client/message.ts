/** What is asked, what is answered, and what ends a call before that. */
import type { BodyReader } from './body-queue.ts';

export interface HttpRequest {
  method: string;
  /** http or https, without a user's name. */
  url: string;
  /** Names in lower case. Host, if there is one, stands instead of that of the address. */
  headers: Readonly<Record<string, string>>;
  body: Uint8Array | string;
  /** A connection has to be made for it; the result is told when it stands or has failed. */
  connecting?: () => () => void;
}

/** Tells a call that it is to end. It has one listener: the last. */
export interface Cancellation {
  /** Why; undefined while the call may go on. */
  readonly cancelled: Error | undefined;
  whenCancelled(run: (reason: Error) => void): void;
}

/** An answer whose head has come. Its body is taken once: whole, or piece by piece. */
export interface HttpAnswer {
  readonly status: number;
  /** By its name in lower case. */
  header(name: string): string | null;
  readonly headers: Headers;
  /** Rejects when it breaks off. */
  bytes(): Promise<Uint8Array>;
  body(): BodyReader;
}
