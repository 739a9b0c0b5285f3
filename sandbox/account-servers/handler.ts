/** A request below `/accounts/<name>`: a step of a login, or a call of the API with what the login gave. */
import { answerCall } from '../call.ts';
import { jsonAnswer } from '../delivery.ts';
import type { Deps } from '../deps.ts';
import type { Dialect } from '../dialect.ts';
import { dialects } from '../dialects.ts';
import { failureOf } from '../failure.ts';
import { note, type SeenRequest, seenRequest } from '../journal.ts';
import * as models from '../models.ts';
import { notFound, refusal, refusing } from '../refusing.ts';
import { readBody } from '../request-body.ts';
import { type AccountCall, bearerToken } from './account-deps.ts';
import { codexBackend } from './account-dialects.ts';
import { strike } from './account-faults.ts';
import { type AccountRoute, accountRoute } from './account-routes.ts';
import { type CodexSocket, socketsBeta } from './codex-socket.ts';
import { holder, keyHolder, type Login } from './ledger.ts';
import { quotaUsedUp, unauthorized } from './refusals.ts';
import { accountServer } from './servers.ts';
import { accountNames } from './services.ts';

const accountPath = /^\/accounts\/([a-z]+)(\/.*)$/;

/** Makes the request a WebSocket; false where it asks for none. */
export type Upgrade = (socket: CodexSocket) => boolean;

/** Answers as the provider's account servers and API do. Undefined where the request became a WebSocket. */
export async function accountAnswer(
  request: Request,
  url: URL,
  deps: Deps,
  upgrade: Upgrade,
): Promise<Response | undefined> {
  const [, first, path = ''] = accountPath.exec(url.pathname) ?? [];
  const name = accountNames.find((known) => known === first);
  // Queries of login endpoints hold what nobody else should see.
  const seen = seenRequest(request, url.pathname, deps.state.now());
  if (seen.headers.authorization !== undefined) seen.headers.authorization = 'hidden';
  if (name === undefined)
    return refusing(dialects['openai-chat'], seen, deps, () => {
      throw notFound(request.method, url);
    });
  const root = `${url.origin}/accounts/${name}`;
  const call: AccountCall = { request, url, name, path, root, deps: deps.accounts, journal: deps.journal };
  const server = await accountServer(call);
  if (server !== undefined) {
    note(seen, deps.journal, deps.keep);
    seen.status = server.status;
    return server;
  }
  const route = accountRoute(call);
  if (request.headers.get('upgrade')?.toLowerCase() === 'websocket' && isCodexSocket(call))
    return openSocket(call, seen, deps, upgrade);
  return refusing(route?.dialect ?? dialects['openai-chat'], seen, deps, () => {
    if (route === undefined) throw notFound(request.method, url);
    seen.path = `${url.pathname}${url.search}`;
    return apiAnswer(call, route, seen, deps);
  });
}

async function apiAnswer(
  call: AccountCall,
  { dialect, open }: AccountRoute,
  seen: SeenRequest,
  deps: Deps,
): Promise<Response> {
  const { name, request, url } = call;
  const login = loginOf(call);
  seen.key = login?.person.id ?? '';
  const refused = login === undefined ? unauthorized(name) : turnedAway(call, login, dialect);
  if (login === undefined || refused !== undefined || open === undefined) {
    note(seen, deps.journal, deps.keep);
    return refused ?? listed(call, dialect.name);
  }
  const { route, body, headers } = open(await readBody(request), login.person);
  const { origin } = url;
  return answerCall(
    { route, dialect, body, headers, key: seen.key, origin, signal: request.signal, seen },
    deps,
  );
}

function isCodexSocket({ name, path }: AccountCall): boolean {
  return name === 'codex' && path === '/backend-api/codex/responses';
}

/** The handshake is judged like a request; what comes then is not. */
function openSocket(
  call: AccountCall,
  seen: SeenRequest,
  deps: Deps,
  upgrade: Upgrade,
): Response | undefined {
  const { headers } = call.request;
  const login = loginOf(call);
  const refused =
    login === undefined
      ? unauthorized(call.name)
      : (turnedAway(call, login, codexBackend) ?? withoutBeta(headers));
  seen.key = login?.person.id ?? '';
  const socket = { deps, handshake: seen, headers, gone: new AbortController(), busy: false };
  if (refused === undefined && upgrade(socket)) return undefined;
  const answer = refused ?? jsonAnswer({ detail: 'The handshake is not one of a WebSocket.' }, 400);
  note(seen, deps.journal, deps.keep);
  seen.status = answer.status;
  return answer;
}

function withoutBeta(headers: Headers): Response | undefined {
  return headers.get('openai-beta')?.includes(socketsBeta)
    ? undefined
    : jsonAnswer({ detail: `The header OpenAI-Beta must say ${socketsBeta}.` }, 400);
}

/** iFlow's API takes the key that the user information holds, the others take the access token. */
function loginOf({ name, request, deps }: AccountCall): Login | undefined {
  const token = bearerToken(request) ?? '';
  return name === 'iflow' ? keyHolder(deps.ledger, token) : holder(deps.ledger, name, token);
}

/** Faults that were asked for, and headers without which the provider refuses. */
function turnedAway(call: AccountCall, { person }: Login, dialect: Dialect): Response | undefined {
  const { name, request, deps } = call;
  const fault = strike(deps.faults, ['api'], name, person.id);
  if (fault?.fault === 'unauthorized') return unauthorized(name);
  if (fault?.fault === 'quota') return quotaUsedUp(name, person, deps.ledger.now(), fault.retryAfter);
  if (fault?.fault === 'status') return refusal(dialect, failureOf(fault.status ?? 500, fault.retryAfter));
  if (name === 'claude') {
    const betas = request.headers.get('anthropic-beta')?.split(',') ?? [];
    if (!betas.some((beta) => beta.trim().startsWith('oauth-')))
      return refusal(dialect, {
        status: 401,
        kind: 'authentication',
        message: 'OAuth authentication is currently not supported.',
      });
  }
  if (name === 'codex' && request.headers.get('chatgpt-account-id') !== person.workspace.accountId)
    return jsonAnswer(
      { detail: 'The chatgpt-account-id header is missing or names another workspace.' },
      403,
    );
  return undefined;
}

function listed({ name }: AccountCall, dialect: AccountRoute['dialect']['name']): Response {
  if (name === 'codex')
    return jsonAnswer({ models: models.sandboxModels.map((slug) => ({ slug, display_name: slug })) });
  return jsonAnswer(models.listed(dialect, undefined));
}
