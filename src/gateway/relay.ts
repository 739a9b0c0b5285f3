/** Operations whose requests and answers go through as they are: images, speech, compaction. Only the model's name may change. */
import type { Candidate, Route } from '../credentials/catalog.ts';
import {
  endpointUrl,
  type Operation,
  type RelayedOperation,
  relayedOperations,
} from '../providers/provider.ts';
import type { ClientRequest } from './answer.ts';
import type { AttemptResult, AttemptWorld } from './attempt.ts';
import { replaceSpan } from './body-scan.ts';
import { brokenUpstream } from './failure.ts';
import type { Finished } from './pass-through.ts';
import { callUpstream } from './upstream-call.ts';
import { type ReadRequest, upstreamHeaders } from './upstream-request.ts';

export function isRelayed(operation: Operation): operation is RelayedOperation {
  const names: readonly Operation[] = relayedOperations;
  return names.includes(operation);
}

/** The candidates whose provider has the operation; undefined when none has. Generating and counting all can. */
export function routeWith(route: Route, operation: Operation): Route | undefined {
  if (operation === 'generate' || operation === 'count-tokens') return route;
  const known = ableRoutes.get(route) ?? new Map<Operation, Route | undefined>();
  ableRoutes.set(route, known);
  if (!known.has(operation)) known.set(operation, findAble(route, operation));
  return known.get(operation);
}

/** One object for each route and operation, since the pool keeps the order of each. */
const ableRoutes = new WeakMap<Route, Map<Operation, Route | undefined>>();

function findAble(route: Route, operation: Operation): Route | undefined {
  const able = ({ credential: { provider } }: Candidate): boolean =>
    provider.endpoints[operation] !== undefined ||
    (operation === 'embed-content' && provider.endpoints.embed !== undefined);
  const tiers = route.tiers.map((tier) => tier.filter(able)).filter((tier) => tier.length > 0);
  return tiers.length > 0 ? { ...route, tiers } : undefined;
}

/** Makes the call; the answer's bytes go through with the status and type they have. */
export async function relay(
  request: ClientRequest,
  _read: ReadRequest,
  candidate: Candidate,
  world: AttemptWorld,
  finished: Finished,
): Promise<AttemptResult> {
  const { credential, model } = candidate;
  const { provider, baseUrl } = credential;
  const path = provider.endpoints[request.operation]?.({ model, stream: false });
  if (path === undefined) {
    const message = `${provider.title} has no ${request.operation} operation.`;
    return { ok: false, failure: brokenUpstream(message, undefined, 501) };
  }
  const { userAgent } = world;
  const headers = upstreamHeaders(request, candidate, { sameProtocol: false, stream: false, userAgent });
  const { body, contentType } = await bodyFor(request, model);
  const accept = request.headers.get('accept') ?? '*/*';
  const call = {
    url: endpointUrl(baseUrl, path),
    headers: { ...headers, accept, 'content-type': contentType },
    body,
  };
  const called = await callUpstream(call, credential, request.signal, world);
  if (!called.ok) return called;
  const { response } = called;
  finished({ input: undefined, output: undefined });
  return {
    ok: true,
    answer: {
      status: response.status,
      headers: { 'content-type': response.headers.get('content-type') ?? 'application/octet-stream' },
      body: response.body ?? '',
    },
    losses: [],
  };
}

/** The client's body with the model's name that the upstream knows. */
async function bodyFor(
  request: ClientRequest,
  model: string,
): Promise<{ body: Uint8Array<ArrayBuffer>; contentType: string }> {
  const contentType = request.headers.get('content-type') ?? 'application/json';
  if (model === request.model) return { body: request.body, contentType };
  if (request.modelSpan !== undefined)
    return { body: replaceSpan(request.body, request.modelSpan, JSON.stringify(model)), contentType };
  const read = await new Response(request.body, { headers: { 'content-type': contentType } }).formData();
  const form = new FormData();
  for (const [name, value] of read) form.append(name, name === 'model' ? model : value);
  const written = new Response(form);
  // The runtime forgets it once the body is read.
  const ownType = written.headers.get('content-type') ?? contentType;
  return { body: new Uint8Array(await written.arrayBuffer()), contentType: ownType };
}
