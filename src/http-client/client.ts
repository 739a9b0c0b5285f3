/**
 * Requests over connections that are kept: HTTP/1.1 over the runtime's sockets, in this thread. Its `fetch` makes them in a
 * second one and gives each answer a stream: that alone costs more than the rest of a request's way; docs/performance.md.
 */
import { exchangeWith } from './exchange.ts';
import type { Cancellation, HttpAnswer, HttpRequest } from './message.ts';
import { type Origin, originOf, splitUrl } from './origin.ts';

export interface HttpClient {
  /** Rejects when there is no answer; redirects are answers. Throws for a request that cannot be written. */
  send(request: HttpRequest, cancellation: Cancellation): Promise<HttpAnswer>;
  /** Closes the connections that wait for another request. */
  close(): void;
}

export function createHttpClient(): HttpClient {
  const origins = new Map<string, Origin>();
  return {
    send(request, cancellation) {
      const { base, path } = splitUrl(request.url);
      let origin = origins.get(base);
      if (origin === undefined) {
        origin = originOf(base);
        origins.set(base, origin);
      }
      return exchangeWith(origin, path, request, cancellation);
    },
    close() {
      for (const { idle } of origins.values()) idle.close();
      origins.clear();
    },
  };
}
