/** What the gateway answers itself where no provider is asked: its banner, whether it is ready, the way to the console. */
import type { Answer } from '../gateway/answer.ts';
import type { JsonObject } from '../protocols/json.ts';
import type { Protocol } from '../protocols/model.ts';
import { codecs } from '../protocols/registry.ts';
import { outgoingBody } from './outgoing-body.ts';
import type { Readiness } from './readiness.ts';
import { usualCalls } from './routes.ts';

/** `protocol`: whose clients look for the id of the request in a header of its own, too. */
export function respond({ status, headers, body }: Answer, id: string, protocol?: Protocol): Response {
  // Those of the answer may be shared with others.
  const all: Record<string, string> = { ...headers, 'x-request-id': id };
  const own = protocol === undefined ? undefined : codecs[protocol].requestIdHeader;
  // Where the provider's headers are passed on, its own id stays.
  if (own !== undefined) all[own] ??= id;
  return new Response(outgoingBody(body), { status, headers: all });
}

export function json(body: JsonObject, id: string, protocol?: Protocol): Response {
  return respond(
    { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
    id,
    protocol,
  );
}

/** The status alone suffices for clients that read nothing else: probes, and load balancers that send HEAD. */
export function ready(readiness: Readiness, onlyHead: boolean, id: string): Response {
  return respond(
    {
      status: readiness.status === 'not-ready' ? 503 : 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      body: onlyHead ? '' : JSON.stringify(readiness),
    },
    id,
  );
}

/** Whether a person looks, in a window of a browser. */
export function isBrowser(headers: Headers): boolean {
  return headers.get('accept')?.includes('text/html') === true;
}

/** A relative address: a proxy in front may have the gateway below a path of its own. */
export function toConsole(id: string): Response {
  return new Response(null, {
    status: 302,
    headers: { location: 'console/', vary: 'accept', 'x-request-id': id },
  });
}

export function banner(version: string): JsonObject {
  return {
    name: 'cli-proxy-api',
    version,
    endpoints: [...usualCalls.map((address) => `POST ${address}`), 'GET /v1/models'],
  };
}
