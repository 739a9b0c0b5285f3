/** The console: its pages, who is signed in, and its own API below `/console/api`. Loaded with its first request. */
import type { SharedTexts } from '../cluster/ports.ts';
import { isGroup } from '../config/group.ts';
import type { Caller } from '../management/route.ts';
import { data, guardedAnswer, problem } from './answers.ts';
import { secretsIn, withCookie } from './cookie.ts';
import { jsonOf } from './json-body.ts';
import { livePath } from './live-elsewhere.ts';
import { type LiveFeed, liveFeed } from './live-feed.ts';
import { runningRows } from './overview.ts';
import { isOwnRequest } from './own-request.ts';
import { consolePages } from './pages.ts';
import { type ApiDeps, apiRoutes } from './routes.ts';
import { createSessions, lifetime, type Role, type Session } from './sessions.ts';
import { sharedSessions } from './shared-sessions.ts';

export interface ConsoleDeps extends ApiDeps {
  /** The management key of the configuration, as it is written there; empty without one. */
  ownerKey(): string;
  /** The client key that this is. */
  clientKey(key: string): { id: string; name: string } | undefined;
  /** Where all replicas of a cluster know who is signed in. */
  sharedTexts?: SharedTexts | undefined;
  /** `remote-management.disable-control-panel`: there is no console. */
  disabled(): boolean;
}

export interface Console {
  /** `lift`: the connection may be silent from here on. */
  handle(request: Request, address: string | undefined, lift: () => void): Promise<Response>;
  /** What signs in once, within a minute; with `lasting` as often as wanted until the gateway stops. */
  ticket(lasting: boolean): string | Promise<string>;
  /** Answers another replica that has a console open: what happens here. `path`: of the address, with its query. */
  answerReplica(path: string): Response;
  /** Ends what is open: the gateway stops. */
  leave(): void;
}

const mostBody = 1024 * 1024;

export function createConsole(deps: ConsoleDeps): Console {
  const own = createSessions(deps.now, deps.ownerKey);
  const sessions = deps.sharedTexts === undefined ? own : sharedSessions(own, deps.sharedTexts, deps.now);
  const pages = consolePages();
  const { routes, endStreams } = apiRoutes(deps, sessions);
  let feed: LiveFeed | undefined;

  async function api(
    request: Request,
    path: string,
    address: string | undefined,
    lift: () => void,
  ): Promise<Response> {
    if (!isOwnRequest(request, path === 'events'))
      return problem(403, 'foreign_request', 'Only the pages of this console can use this address.');
    const secrets = secretsIn(request.headers);
    const session = await sessionOf(secrets);
    if (path === 'session') return signIn(request, address, secrets, session);
    if (session === undefined)
      return problem(401, 'signed_out', 'Sign in with the management key, or run: cli-proxy-api console');
    const { searchParams } = new URL(request.url, 'http://gateway');
    const match = routes.find(
      ({ method, tailOf }) => method === request.method && tailOf(path) !== undefined,
    );
    if (match === undefined) return problem(404, 'not_found', `There is no ${request.method} ${path} here.`);
    if (match.role === 'owner' && session.role.kind !== 'owner')
      return problem(
        403,
        'not_owner',
        'A client key sees its own usage only: sign in with the management key.',
      );
    const caller: Caller = { key: 'console', address };
    return match.run({
      request,
      search: searchParams,
      rest: match.tailOf(path) ?? '',
      session,
      caller,
      lift,
    });
  }

  /** The first session that one of them opens: a page at another port of this host may have set cookies of the same name. */
  async function sessionOf(secrets: readonly string[]): Promise<Session | undefined> {
    for (const secret of secrets) {
      const session = await sessions.find(secret);
      if (session !== undefined) return session;
    }
    return undefined;
  }

  /** GET returns the session, POST signs in, DELETE signs out. */
  async function signIn(
    request: Request,
    address: string | undefined,
    secrets: readonly string[],
    session: Session | undefined,
  ): Promise<Response> {
    switch (request.method) {
      case 'GET':
        return data({
          signedIn: session === undefined ? null : shownRole(session.role),
          version: deps.version,
        });
      case 'DELETE':
        for (const secret of secrets) await sessions.close(secret);
        return withCookie(data({ signedIn: null, version: deps.version }), '', request, 0);
      case 'POST': {
        const role = await roleOf(request, address);
        if (role instanceof Response) return role;
        deps.log.info('console: signed in', { as: role.kind === 'owner' ? 'owner' : role.name, address });
        const made = await sessions.open(role, address);
        return withCookie(
          data({ signedIn: shownRole(role), version: deps.version }),
          made,
          request,
          lifetime / 1000,
        );
      }
      default:
        return problem(405, 'wrong_method', 'GET, POST and DELETE are known here.');
    }
  }

  async function roleOf(request: Request, address: string | undefined): Promise<Role | Response> {
    const given = await jsonOf(request, mostBody);
    const { ticket, key } = isGroup(given) ? given : {};
    if (typeof ticket === 'string')
      return (await sessions.redeem(ticket))
        ? { kind: 'owner' }
        : problem(
            401,
            'old_ticket',
            'This address has been used, or is too old: run cli-proxy-api console again.',
          );
    if (typeof key !== 'string' || key === '')
      return problem(400, 'bad_input', 'key: expected the management key, or a client key');
    const client = deps.clientKey(key);
    if (client !== undefined) return { kind: 'key', ...client };
    return (await deps.admitsKey(key, address, request))
      ? { kind: 'owner' }
      : problem(
          401,
          'wrong_key',
          'This is neither the management key (remote-management.secret-key, MANAGEMENT_PASSWORD) nor a client key; the management key opens from other computers only with remote-management.allow-remote.',
        );
  }

  return {
    leave: endStreams,
    answerReplica(path) {
      const { pathname, searchParams } = new URL(path, 'http://gateway');
      if (pathname !== livePath) return problem(404, 'not_found', 'There is nothing here for replicas.');
      feed ??= liveFeed({ ...deps, running: () => runningRows(deps) });
      const since = searchParams.get('since');
      return data(feed.since(since === null ? undefined : Number(since)));
    },
    ticket: (lasting) => (lasting ? sessions.lasting() : sessions.ticket()),
    async handle(request, address, lift) {
      if (deps.disabled()) return problem(404, 'disabled', 'There is no console (disable-control-panel).');
      const { pathname } = new URL(request.url, 'http://gateway');
      if (pathname === '/management.html' || pathname === '/console')
        return guardedAnswer(new Response(null, { status: 302, headers: { location: '/console/' } }));
      const path = pathname.slice('/console/'.length);
      if (path === 'api' || path.startsWith('api/'))
        return guardedAnswer(await api(request, path.slice('api/'.length), address, lift));
      if (request.method !== 'GET' && request.method !== 'HEAD')
        return guardedAnswer(problem(405, 'wrong_method', 'Pages are read with GET.'));
      return pages.answer(path, request.headers);
    },
  };
}

function shownRole(role: Role): { role: 'owner' } | { role: 'key'; name: string } {
  return role.kind === 'owner' ? { role: 'owner' } : { role: 'key', name: role.name };
}
