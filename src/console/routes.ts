/** The addresses of the console's own API. A subject is a file, and a line here. */
import { accountRows } from './account-rows.ts';
import { data, problem } from './answers.ts';
import { type ApiRoute, apiRoute } from './api-route.ts';
import { type EventsSource, eventStream } from './events.ts';
import { managementBridge, type OwnerRoutes } from './management-bridge.ts';
import { type OverviewSource, overview, runningRows } from './overview.ts';
import { requestList } from './request-list.ts';
import type { Sessions } from './sessions.ts';

export interface ApiDeps extends OverviewSource, OwnerRoutes {
  live: EventsSource['live'];
  timers: EventsSource['timers'];
  /** Ms since the epoch. */
  now: () => number;
  version: string;
}

export function apiRoutes(deps: ApiDeps, sessions: Sessions): ApiRoute[] {
  const events: EventsSource = {
    live: deps.live,
    timers: deps.timers,
    overview: () => overview(deps, deps.now()),
    running: () => runningRows(deps),
    accounts: () => accountRows(deps, deps.now()),
  };
  return [
    apiRoute('GET', 'events', 'owner', ({ request, lift }) => {
      lift();
      return (
        eventStream(events, request.signal) ??
        problem(503, 'too_many', 'Too many consoles are open: close some of them.')
      );
    }),
    apiRoute('GET', 'overview', 'owner', async () => data(await overview(deps, deps.now()))),
    apiRoute('GET', 'accounts', 'owner', () => data({ accounts: accountRows(deps, deps.now()) })),
    apiRoute('GET', 'requests', 'owner', ({ search }) => requestList(deps, search)),
    apiRoute('GET', 'sessions', 'owner', () =>
      data({
        sessions: sessions.list().map(({ id, role, since, usedAt, address }) => ({
          ...{ id, address: address ?? null },
          as: role.kind === 'owner' ? 'owner' : role.name,
          since: new Date(since).toISOString(),
          used: new Date(usedAt).toISOString(),
        })),
      }),
    ),
    apiRoute('DELETE', 'sessions', 'owner', () => {
      sessions.closeAll();
      return data({ signedIn: null });
    }),
    ...managementBridge(deps),
  ];
}
