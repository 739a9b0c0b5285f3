/** The facts of a call in its address and headers, before its body is read. */
import type { ClientRequest } from '../gateway/answer.ts';
import { embeddingsWeights, type JsonWeights, requestWeights } from '../protocols/json-weight.ts';
import type { Protocol } from '../protocols/model.ts';
import type { Operation } from '../protocols/operation.ts';
import { codecs } from '../protocols/registry.ts';
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

/** What of a query goes to a provider: neither the client's own key, nor what its protocol keeps from it. */
export function forwardedQuery(query: URLSearchParams | undefined, protocol: Protocol): string {
  if (query === undefined) return '';
  const names = codecs[protocol].addresses.query;
  for (const name of [...query.keys()])
    if (ownNames.has(name) || names?.has(name) === false) query.delete(name);
  return query.toString();
}

/** Credentials, as clients and services write them. */
const ownNames: ReadonlySet<string> = new Set(['key', 'auth_token', 'access_token', 'api_key']);

/** Bodies of embeddings may hold the numbers of millions of tokens. */
export function weightsOf(
  route: Extract<Route, { kind: 'call' | 'method-call' | 'completions' }>,
): JsonWeights {
  return route.kind !== 'completions' && route.operation === 'embed' ? embeddingsWeights : requestWeights;
}
