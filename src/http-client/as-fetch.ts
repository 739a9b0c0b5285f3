/** Our own client behind the runtime's `fetch`, for libraries that want one. Answers are read whole, within a bound. */
import { systemClock } from '../ground/clock.ts';
import { BeyondBound } from './bounds.ts';
import type { HttpClient } from './client.ts';
import type { Cancellation } from './message.ts';
import { ProxyError, proxyOf } from './proxy.ts';
import type { TlsSettings } from './wire.ts';

export interface FetchOptions {
  http: Pick<HttpClient, 'send'>;
  /** Whose connections it takes. */
  pool: string;
  /** The proxy's address for a server's; undefined for none. */
  proxyFor: (url: string) => string | undefined;
  tls?: TlsSettings | undefined;
  /** Bytes of an answer. 0: only its status and headers are of interest, and the rest is not read. */
  mostBytes: number;
  /** Milliseconds until there has to be a connection; 0 is no limit. */
  connectTime: number;
}

/** Redirects are answers, or errors with `redirect: 'error'`; they are never followed. Rejects as the client does. */
export function asFetch(options: FetchOptions): (url: string, init?: RequestInit) => Promise<Response> {
  const { http, pool, proxyFor, tls, mostBytes, connectTime } = options;
  return async (url, init = {}) => {
    // The runtime knows every form that a body and headers may have.
    const { method, headers, body } = new Request(url, { ...init, signal: null });
    const ending = cancellationOf(init.signal ?? undefined);
    try {
      const proxy = proxyFor(url);
      const answer = await http.send(
        {
          method,
          url,
          headers: { accept: '*/*', ...Object.fromEntries(headers) },
          body: body === null ? '' : await new Response(body).bytes(),
          pool,
          proxy,
          tls,
          connecting: () => ending.unlessIn(connectTime, () => late(proxy, connectTime)),
        },
        ending,
      );
      const { status } = answer;
      if (status >= 300 && status < 400 && init.redirect === 'error') {
        void answer.body().cancel();
        throw new TypeError(`the server redirects (${status})`);
      }
      if (mostBytes === 0) {
        void answer.body().cancel();
        return new Response(null, { status, headers: unpackedHeaders(answer.headers) });
      }
      const content = await answer.bytes(mostBytes).catch((error: unknown) => {
        // These answers have a bound of their own.
        throw error instanceof BeyondBound && error.bound === 'whole-answer'
          ? new BeyondBound('the answer', mostBytes, 'account-answer')
          : error;
      });
      return new Response(withoutBody.has(status) ? null : new Uint8Array(content), {
        status,
        headers: unpackedHeaders(answer.headers),
      });
    } finally {
      ending.over();
    }
  };
}

/** Fetch standard, "null body status". */
const withoutBody = new Set([204, 205, 304]);

function late(proxy: string | undefined, milliseconds: number): Error {
  const sentence = `there was no connection within ${milliseconds / 1000} seconds`;
  return proxy === undefined ? new Error(sentence) : new ProxyError(proxyOf(proxy).label, sentence);
}

/** The body is not packed any more. */
function unpackedHeaders(headers: Headers): Headers {
  const unpacked = new Headers(headers);
  unpacked.delete('content-encoding');
  unpacked.delete('content-length');
  return unpacked;
}

interface Ending extends Cancellation {
  unlessIn(milliseconds: number, reason: () => Error): () => void;
  over(): void;
}

function cancellationOf(signal: AbortSignal | undefined): Ending {
  let cancelled: Error | undefined;
  let run: ((reason: Error) => void) | undefined;
  function cancel(reason: Error): void {
    cancelled ??= reason;
    run?.(cancelled);
  }
  const abort = (): void => {
    const reason: unknown = signal?.reason;
    cancel(reason instanceof Error ? reason : new Error('the call was ended'));
  };
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  return {
    get cancelled() {
      return cancelled;
    },
    whenCancelled(then) {
      run = then;
    },
    unlessIn(milliseconds, reason) {
      if (milliseconds <= 0) return () => {};
      return systemClock.after(milliseconds, () => cancel(reason()));
    },
    over: () => signal?.removeEventListener('abort', abort),
  };
}
