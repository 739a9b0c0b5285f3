/**
 * What people and their panels may see and do while the gateway runs, over HTTP with a key, and over the control socket for
 * the owner's terminal. What answers is loaded with the first request.
 */
import { pathOf } from '../ground/url-path.ts';
import type { Log } from '../telemetry/log.ts';
import { type Access, type ManagementKeys, managementAccess, type WrongKeys } from './access.ts';
import { isBelowBase, isManagement } from './address.ts';
import type { OtherReplicas } from './other-replicas.ts';
import { json, nothingHere, type Reply } from './reply.ts';
import { labelled, preflightAnswer, readable } from './response-headers.ts';
import type { Caller, Route } from './route.ts';
import type { Match, Router } from './router.ts';
import type { RouteDeps } from './routes.ts';

export interface Management {
  /** Answers a request whose sender has access: the control socket admits only the owner. */
  handle(request: Request): Promise<Response>;
  /** Answers a request over HTTP. `address` is the socket's. */
  handleRemote(request: Request, address: string | undefined): Promise<Response>;
  /** Answers a request of somebody whom the console has let in. */
  handleFor(request: Request, caller: Caller): Promise<Response>;
  /** Whether this is a key that may be used from this address. A wrong one is not counted here. */
  admits: Access['admits'];
  /** The same for somebody who signs in with it: a wrong one is counted, and slowed down. */
  signsIn(key: string, address: string | undefined, path: string): Promise<boolean>;
}

export type ManagementDeps = RouteDeps & {
  /** Of a cluster. */
  replicas?: OtherReplicas | undefined;
  keys?: ManagementKeys | undefined;
  wrongKeys: WrongKeys;
  log: Pick<Log, 'info' | 'error' | 'flush'>;
};

export function createManagement(deps: ManagementDeps): Management {
  const { log, version } = deps;
  const access = managementAccess(deps.config, deps.keys ?? {}, deps.wrongKeys);
  let loading: Promise<Router> | undefined;

  async function load(): Promise<Router> {
    const [{ managementRoutes }, { createRouter }] = await Promise.all([
      import('./routes.ts'),
      import('./router.ts'),
    ]);
    return createRouter(managementRoutes(deps));
  }

  async function found(request: Request): Promise<Match | undefined> {
    loading ??= load();
    return (await loading)(request.method, pathOf(request.url));
  }

  async function run(match: Match | undefined, request: Request, caller: Caller): Promise<Reply> {
    if (match === undefined) return nothingHere();
    const { route, api, parameters } = match;
    const { searchParams: search } = new URL(request.url, 'http://gateway');
    if (caller.key === 'replica' && !(route.perReplica && route.method === 'GET')) return nothingHere();
    try {
      if (route.perReplica && caller.key !== 'replica' && search.has('replica')) {
        const { answerElsewhere } = await import('./other-replicas.ts');
        const elsewhere = await answerElsewhere(deps.replicas, request, search);
        if (elsewhere !== undefined) return elsewhere;
      }
      const reply = await route.answer({ request, parameters, search, caller, api });
      const isWrite = route.method !== 'GET' || reply.changed !== undefined;
      if (isWrite && caller.key !== 'none') audit(route, reply, request, caller);
      return reply;
    } catch (error) {
      log.error('management: a request failed', {
        method: request.method,
        path: pathOf(request.url),
        error: error instanceof Error ? error.stack : String(error),
      });
      return json({ error: 'internal error: see the log', code: 'internal_error' }, { status: 500 });
    }
  }

  /** One line for each write, and for reads that give tokens away: who, from where, what. */
  function audit(route: Route, { response, changed }: Reply, request: Request, caller: Caller): void {
    const { key, address } = caller;
    const path = pathOf(request.url).slice(0, 200);
    log.info('management', {
      method: route.method,
      path,
      by: key,
      address,
      status: response.status,
      changed,
    });
  }

  async function handleFor(request: Request, caller: Caller): Promise<Response> {
    if (!isManagement(request.url)) return nothingHere().response;
    return (await run(await found(request), request, caller)).response;
  }

  return {
    admits: access.admits,
    async signsIn(key, address, path) {
      const presented = new Request('http://gateway/', { headers: { 'x-management-key': key } });
      return (await access.decide(presented, path, address)).kind === 'caller';
    },
    handleFor,
    async handle(request) {
      return handleFor(request, { key: 'control socket', address: undefined });
    },
    async handleRemote(request, address) {
      // Pages of other sites read the answers of the management's own addresses alone.
      if (!isBelowBase(request.url)) return nothingHere().response;
      if (!access.isThere(address)) return readable(nothingHere().response);
      if (request.method === 'OPTIONS') return preflightAnswer();
      const match = await found(request);
      if (match?.route.access === 'anyone')
        return labelled((await run(match, request, { key: 'none', address })).response, version);
      const decision = await access.decide(request, pathOf(request.url), address);
      switch (decision.kind) {
        case 'absent':
          return readable(nothingHere().response);
        case 'refused':
          return labelled(decision.reply.response, version);
        case 'caller':
          return labelled((await run(match, request, decision.caller)).response, version);
      }
    },
  };
}
