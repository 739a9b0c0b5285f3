/** The facts of a call in its address and headers, before its body is read. */
import type { ClientRequest } from '../gateway/answer.ts';
import { embeddingsWeights, type JsonWeights, requestWeights } from '../protocols/json-weight.ts';
import type { Operation } from '../protocols/operation.ts';
import { protocolOf, type Route } from './routes.ts';

/** What a call is for; undefined for an address that calls no model. */
export function operationOf(route: Route | undefined): Operation | undefined {
  switch (route?.kind) {
    case 'call':
    case 'method-call':
      return route.operation;
    case 'completions':
      return 'generate';
    default:
      return undefined;
  }
}

const nothing = new Uint8Array();

export interface Arrival {
  id: string;
  /** Milliseconds of the clock. */
  receivedAt: number;
}

/** A call as far as it is known before it has been read. */
export function unread(
  { headers, signal }: Request,
  arrival: Arrival,
  path: string,
  operation: Operation,
  model: string,
): ClientRequest {
  const protocol = protocolOf(path, headers);
  const envelope = { stream: false, body: nothing, modelSpan: undefined, query: '' };
  return { ...arrival, ...envelope, protocol, operation, model, headers, signal };
}

/** The client's own key never goes to a provider. */
export function forwardedQuery(query: URLSearchParams | undefined): string {
  if (query === undefined) return '';
  query.delete('key');
  query.delete('auth_token');
  return query.toString();
}

/** Bodies of embeddings may hold the numbers of millions of tokens. */
export function weightsOf(
  route: Extract<Route, { kind: 'call' | 'method-call' | 'completions' }>,
): JsonWeights {
  return route.kind !== 'completions' && route.operation === 'embed' ? embeddingsWeights : requestWeights;
}
