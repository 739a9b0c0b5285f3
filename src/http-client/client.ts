/**
 * Requests over connections that are kept: HTTP/1.1 over the runtime's sockets, in this thread. Its `fetch` makes them in a
 * second one and gives each answer a stream: that alone costs more than the rest of a request's way; docs/internals/performance.md.
 */
import { type AnswerBounds, usualBounds } from './bounds.ts';
import { exchangeWith } from './exchange.ts';
import type { Cancellation, HttpRequest, HttpResponse } from './message.ts';
import { type Origin, originOf, splitUrl } from './origin.ts';

export interface HttpClient {
  /**
   * Rejects when there is no answer, with a ProxyError where the proxy is why; redirects are answers. Throws for a request
   * that cannot be written.
   */
  send(request: HttpRequest, cancellation: Cancellation): Promise<HttpResponse>;
  /** Closes the connections that wait for another request. */
  close(): void;
}

/** `bounds` are asked for with each answer. */
export function createHttpClient(bounds: () => AnswerBounds = () => usualBounds): HttpClient {
  /** By whose they are, and by the server. */
  const pools = new Map<string, Map<string, Origin>>();

  function originFor(request: HttpRequest, base: string): Origin {
    const { pool = '', proxy, tls, at } = request;
    let origins = pools.get(pool);
    if (origins === undefined) {
      origins = new Map();
      pools.set(pool, origins);
    }
    const known = origins.get(base);
    if (
      known !== undefined &&
      known.connect.proxy === proxy &&
      known.connect.tls === tls &&
      known.connect.at === at
    )
      return known;
    const origin = originOf(base, { proxy, tls, at });
    // It is reached in another way than before.
    known?.idle.close();
    origins.set(base, origin);
    return origin;
  }

  return {
    send(request, cancellation) {
      const { base, path } = splitUrl(request.url);
      return exchangeWith(originFor(request, base), path, request, cancellation, bounds());
    },
    close() {
      for (const origins of pools.values()) for (const { idle } of origins.values()) idle.close();
      pools.clear();
    },
  };
}
