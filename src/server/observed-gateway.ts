/** The gateway with what looks at each of its requests from the beginning: traces, metrics, files of whole requests. */
import type { ClientRequest } from '../gateway/answer.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Tracing } from './tracing.ts';

export interface Observers {
  /** The gateway's own, or with a transcript of the request around it. */
  handle: Gateway['handle'];
  /** Undefined where nothing is traced. */
  tracing: Pick<Tracing, 'began'> | undefined;
  /** A request has begun. */
  began(request: ClientRequest): void;
}

export function observedGateway(inner: Gateway, { handle, tracing, began }: Observers): Gateway {
  function begin(request: ClientRequest): void {
    if (tracing !== undefined) request.trace ??= tracing.began(request.headers);
    began(request);
  }
  return {
    ...inner,
    handle(request) {
      begin(request);
      return handle(request);
    },
    refuse(request, error) {
      begin(request);
      return inner.refuse(request, error);
    },
  };
}
