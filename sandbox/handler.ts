/** One request's way through the sandbox: whose endpoint, whose key or account. */

import { controlAccounts } from './account-servers/control.ts';
import { accountAnswer, type Upgrade } from './account-servers/handler.ts';
import { demandKey, keyOf } from './authentication.ts';
import { answerCall } from './call.ts';
import { jsonAnswer } from './delivery.ts';
import type { Deps } from './deps.ts';
import type { Dialect } from './dialect.ts';
import { dialects } from './dialects.ts';
import { note, type SeenRequest, seenRequest } from './journal.ts';
import { asString } from './json-members.ts';
import { demandKnownModel } from './known-models.ts';
import * as models from './models.ts';
import { notFound, refusing } from './refusing.ts';
import { readBody } from './request-body.ts';
import { type Route, routeOf } from './routes.ts';

/** Answers one request: what a provider would, with the faults that were asked for. Undefined where it became a WebSocket. */
export async function answer(request: Request, deps: Deps, upgrade: Upgrade): Promise<Response | undefined> {
  const url = new URL(request.url);
  const own = ownAnswer(request.method, url, deps);
  if (own !== undefined) return own;
  if (url.pathname.startsWith('/accounts/')) return accountAnswer(request, url, deps, upgrade);
  if (url.pathname.startsWith('/sandbox/accounts')) return controlAccounts(request, url, deps.accounts);
  const seen = seenRequest(request, `${url.pathname}${url.search}`, deps.state.now());
  const route = routeOf(request.method, url, request.headers);
  const dialect = dialects[route?.dialect ?? 'openai-chat'];
  return refusing(dialect, seen, deps, () => {
    if (route === undefined) throw notFound(request.method, url);
    return routed(request, url, route, dialect, seen, deps);
  });
}

/** What the sandbox says about itself. */
function ownAnswer(method: string, url: URL, deps: Deps): Response | undefined {
  switch (url.pathname) {
    case '/':
    case '/healthz':
      return jsonAnswer({ status: 'ok', models: models.sandboxModels });
    case '/sandbox/requests': {
      const { requests, openStreams, cancelled } = deps.journal;
      if (method === 'DELETE') deps.journal.requests = [];
      return jsonAnswer({ requests, openStreams, cancelled });
    }
    case '/sandbox/redirected':
      return jsonAnswer({ redirected: true });
    default:
      return undefined;
  }
}

async function routed(
  request: Request,
  url: URL,
  route: Route,
  dialect: Dialect,
  seen: SeenRequest,
  deps: Deps,
): Promise<Response> {
  const given = keyOf(dialect.name, request.headers, url);
  seen.key = given ?? '';
  const key = demandKey(dialect.name, given);
  if (route.operation === 'models' || route.operation === 'model') {
    note(seen, deps.journal, deps.keep);
    return jsonAnswer(models.listed(dialect.name, route.operation === 'model' ? route.model : undefined));
  }
  const { headers, signal } = request;
  const body = await readBody(request);
  if (!deps.anyModel && route.operation === 'generate')
    demandKnownModel(dialect.name, route.model ?? asString(body.model) ?? '');
  return answerCall({ route, dialect, body, headers, key, origin: url.origin, signal, seen }, deps);
}
