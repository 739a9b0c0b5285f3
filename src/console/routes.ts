/** The addresses of the console's own API. A subject is a file, and a line here. */
import type { Gateway } from '../gateway/gateway.ts';
import type { Clock } from '../ground/clock.ts';
import { unescaped } from '../ground/url-path.ts';
import type { OtherReplicas } from '../management/other-replicas.ts';
import type { AskedUsage } from '../management/usage-answers.ts';
import { type AccountDetailSource, accountDetail } from './account-detail.ts';
import { accountDownloadRoute } from './account-download.ts';
import { accountRows } from './account-rows.ts';
import { data, problem } from './answers.ts';
import { type ApiRoute, apiRoute } from './api-route.ts';
import { keptDaySums } from './day-sums.ts';
import { type DiagnosticsDeps, diagnosticsRoute } from './diagnostics.ts';
import { keptDiskRoom } from './disk-room.ts';
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
import { type SystemSource, systemFacts } from './system-facts.ts';
import { keptUses } from './used-before.ts';
import type { RequestRow } from './wire.ts';

export interface ApiDeps
  extends OverviewSource,
    AccountDetailSource,
    OwnerRoutes,
    SettingsDeps,
    PlaygroundDeps,
    SnippetDeps,
    SystemSource,
    DiagnosticsDeps {
  live: Live;
  clock: Clock;
  usage: AskedUsage;
  gateway: OverviewSource['gateway'] & Pick<Gateway, 'catalog' | 'waiting'>;
  /** Of a cluster whose replicas can be asked. */
  replicas?: OtherReplicas | undefined;
  /** Whether this is a key of the management that may be used from this address; a wrong one is slowed down and counted. */
  admitsKey(key: string, address: string | undefined, request: Request): Promise<boolean>;
  /** What the key with this id has used, and its limits; undefined where there is no such key any more. */
  keyUsage(id: string, search: URLSearchParams): Promise<unknown>;
}

export function apiRoutes(
  deps: ApiDeps,
  sessions: Pick<SharedSessions, 'list' | 'closeAll'>,
): { routes: ApiRoute[]; endStreams(): void } {
  const { replicas, clock } = deps;
  const sums = keptDaySums(deps.usage, deps.live.ended);
  const running = (): RequestRow[] => runningRows(deps);
  const own = { live: deps.live, running };
  const all = replicas === undefined ? undefined : liveEverywhere({ ...own, replicas, clock });
  const live = all ?? deps.live;
  const usedBefore = keptUses(deps.usage);
  const disk = keptDiskRoom(deps.authDir);
  const look = async (): Promise<Look> => {
    const now = deps.now();
    const accounts = accountRows(deps, await usedBefore(now), now);
    const overview = overviewOf({ ...deps, live }, accounts, await sums.at(now), await disk(now), now);
    return { accounts, overview };
  };
  const events = createEvents({ live, clock, look, running: all?.running ?? running });
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
    apiRoute('GET', 'accounts', 'owner', async () => {
      const now = deps.now();
      return data({ accounts: accountRows(deps, await usedBefore(now), now) });
    }),
    apiRoute('GET', 'accounts/*', 'owner', async ({ rest }) => {
      const now = deps.now();
      const found = await accountDetail(deps, unescaped(rest), await usedBefore(now), now);
      return found === undefined
        ? problem(404, 'not_found', 'There is no such account or key any more.')
        : data(found);
    }),
    apiRoute('GET', 'offers', 'owner', () => data(offers())),
    apiRoute('GET', 'requests', 'owner', ({ search }) => requestList(deps, search)),
    apiRoute('GET', 'models', 'owner', () =>
      data({ models: modelRows(deps.gateway, deps.usage.prices(), deps.now()) }),
    ),
    apiRoute('GET', 'system', 'owner', async () =>
      data(await systemFacts(deps, await disk(deps.now()), events.open())),
    ),
    diagnosticsRoute(deps, async () => ({
      look: await look(),
      system: await systemFacts(deps, await disk(deps.now()), events.open()),
    })),
    accountDownloadRoute(deps),
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
