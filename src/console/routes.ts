/** The addresses of the console's own API. A subject is a file, and a line here. */
import type { Gateway } from '../gateway/gateway.ts';
import type { Timers } from '../ground/timers.ts';
import type { OtherReplicas } from '../management/other-replicas.ts';
import type { AskedUsage } from '../management/usage-answers.ts';
import { type AccountDetailSource, accountDetail } from './account-detail.ts';
import { accountRows } from './account-rows.ts';
import { data, problem } from './answers.ts';
import { type ApiRoute, apiRoute } from './api-route.ts';
import { keptDaySums } from './day-sums.ts';
import { createEvents } from './events.ts';
import type { Look } from './frame.ts';
import type { Live } from './live.ts';
import { liveEverywhere } from './live-elsewhere.ts';
import { managementBridge, type OwnerRoutes } from './management-bridge.ts';
import { modelRows } from './model-list.ts';
import { offers } from './offers.ts';
import { type OverviewSource, overviewOf, runningRows } from './overview.ts';
import { type PlaygroundDeps, playgroundRoute } from './playground.ts';
import { requestList } from './request-list.ts';
import { type SettingsDeps, settingsRoutes } from './settings/settings-routes.ts';
import type { SharedSessions } from './shared-sessions.ts';
import { type SnippetDeps, snippetRoute } from './snippets.ts';
import type { RequestRow, SystemFacts } from './wire.ts';

export interface ApiDeps
  extends OverviewSource,
    AccountDetailSource,
    OwnerRoutes,
    SettingsDeps,
    PlaygroundDeps,
    SnippetDeps {
  live: Live;
  timers: Pick<Timers, 'every' | 'after'>;
  usage: AskedUsage;
  /** Ms since the epoch. */
  now: () => number;
  version: string;
  gateway: OverviewSource['gateway'] & Pick<Gateway, 'catalog' | 'waiting'>;
  standing: () => { url: string };
  /** Of a cluster whose replicas can be asked. */
  replicas?: OtherReplicas | undefined;
  authDir: () => string;
  refusalCounts: () => Readonly<Record<string, number>>;
  /** What the key with this id has used, and its limits; undefined where there is no such key any more. */
  keyUsage(id: string, search: URLSearchParams): Promise<unknown>;
}

export function apiRoutes(
  deps: ApiDeps,
  sessions: Pick<SharedSessions, 'list' | 'closeAll'>,
): { routes: ApiRoute[]; endStreams(): void } {
  const { replicas, timers } = deps;
  const sums = keptDaySums(deps.usage, deps.live.ended);
  const running = (): RequestRow[] => runningRows(deps);
  const own = { live: deps.live, running };
  const all = replicas === undefined ? undefined : liveEverywhere({ ...own, replicas, timers });
  const live = all ?? deps.live;
  const look = async (): Promise<Look> => {
    const now = deps.now();
    const accounts = accountRows(deps, now);
    return { accounts, overview: overviewOf({ ...deps, live }, accounts, await sums.at(now), now) };
  };
  const events = createEvents({ live, timers, look, running: all?.running ?? running });
  const routes = [
    apiRoute('GET', 'events', 'owner', ({ request, lift }) => {
      lift();
      return (
        events.stream(request.signal) ??
        problem(
          503,
          'too_many',
          'Too many consoles are open, or the gateway stops: close some, or try again.',
        )
      );
    }),
    apiRoute('GET', 'overview', 'owner', async () => data((await look()).overview)),
    apiRoute('GET', 'accounts', 'owner', () => data({ accounts: accountRows(deps, deps.now()) })),
    apiRoute('GET', 'accounts/*', 'owner', async ({ rest }) => {
      const found = await accountDetail(deps, decoded(rest), deps.now());
      return found === undefined
        ? problem(404, 'not_found', 'There is no such account or key any more.')
        : data(found);
    }),
    apiRoute('GET', 'offers', 'owner', () => data(offers())),
    apiRoute('GET', 'requests', 'owner', ({ search }) => requestList(deps, search)),
    apiRoute('GET', 'models', 'owner', () => data({ models: modelRows(deps.gateway, deps.now()) })),
    apiRoute('GET', 'system', 'owner', () => data(systemFacts(deps))),
    apiRoute('GET', 'me', 'anyone', async ({ session, search }) => {
      if (session.role.kind !== 'key')
        return problem(404, 'not_found', 'An owner has no key of his own here.');
      const usage = await deps.keyUsage(session.role.id, search);
      return usage === undefined
        ? problem(401, 'signed_out', 'This client key opens no longer.')
        : data(usage);
    }),
    apiRoute('GET', 'sessions', 'owner', async () =>
      data({
        sessions: (await sessions.list()).map(({ id, role, since, usedAt, address }) => ({
          ...{ id, address: address ?? null },
          as: role.kind === 'owner' ? 'owner' : role.name,
          since: new Date(since).toISOString(),
          used: new Date(usedAt).toISOString(),
        })),
      }),
    ),
    apiRoute('DELETE', 'sessions', 'owner', async () => {
      await sessions.closeAll();
      return data({ signedIn: null });
    }),
    ...settingsRoutes(deps),
    playgroundRoute(deps),
    snippetRoute(deps),
    ...managementBridge(deps),
  ];
  return { routes, endStreams: events.end };
}

/** What is escaped wrongly is nobody's id. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function systemFacts({ version, standing, authDir, gateway, refusalCounts }: ApiDeps): SystemFacts {
  return {
    version,
    runtime: `Bun ${Bun.version}`,
    url: standing().url,
    authDir: authDir(),
    uptime: process.uptime(),
    memory: process.memoryUsage.rss(),
    running: runningRows({ gateway }).length,
    waiting: gateway.waiting(),
    refusals: refusalCounts(),
  };
}
