/** What the gateway says of itself. */
import { missingSettings } from '../ground/runtime-settings.ts';
import { halfClosedSockets, mostFiles, openFiles } from '../telemetry/open-files.ts';
import type { GatewayStanding, ManagementAnswer, ShownCluster } from './own-answers.ts';
import { json } from './reply.ts';
import { type Route, route } from './route.ts';

export interface ServerFactsDeps {
  /** Where this gateway serves, and whether it is about to stop. */
  standing: () => GatewayStanding;
  /** Who was turned away since the start, by kind. */
  refusalCounts: () => Readonly<Record<string, number>>;
  /** Undefined where the gateway is no replica. */
  cluster?: (() => ShownCluster) | undefined;
}

export function serverRoutes({ standing, refusalCounts, cluster }: ServerFactsDeps): Route[] {
  return [
    route({
      method: 'GET',
      v0: 'gateway',
      sentence: 'Where the gateway serves, and whether it is about to stop.',
      run: () => json({ gateway: standing() } satisfies ManagementAnswer),
    }),
    route({
      method: 'GET',
      v0: 'process',
      sentence:
        'What its process has open, and which settings of the runtime it lacks: `doctor` asks for it.',
      run: () =>
        json({
          process: {
            openFiles: openFiles() ?? null,
            mostOpenFiles: mostFiles() ?? null,
            halfClosedSockets: halfClosedSockets() ?? null,
            missingSettings: missingSettings(process.env),
          },
        } satisfies ManagementAnswer),
    }),
    route({
      method: 'GET',
      v0: 'cluster',
      sentence:
        'The cluster: which replicas there are, which of them answers, and whether its engines do. `null` where there is none.',
      run: () => json({ cluster: cluster?.() ?? null } satisfies ManagementAnswer),
    }),
    route({
      method: 'GET',
      v0: 'refusals',
      sentence: 'How many requests were turned away before anything was asked of a provider, by kind.',
      run: () => json({ refusals: refusalCounts() } satisfies ManagementAnswer),
    }),
  ];
}
