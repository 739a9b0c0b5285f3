/** What the gateway says of itself. */
import type { GatewayStanding, ManagementAnswer } from './own-answers.ts';
import { json } from './reply.ts';
import { type Route, route } from './route.ts';

export interface ServerFactsDeps {
  /** Where this gateway serves, and whether it is about to stop. */
  standing: () => GatewayStanding;
  /** Who was turned away since the start, by kind. */
  refusalCounts: () => Readonly<Record<string, number>>;
}

export function serverRoutes({ standing, refusalCounts }: ServerFactsDeps): Route[] {
  return [
    route({
      method: 'GET',
      v0: 'gateway',
      sentence: 'Where the gateway serves, and whether it is about to stop.',
      run: () => json({ gateway: standing() } satisfies ManagementAnswer),
    }),
    route({
      method: 'GET',
      v0: 'refusals',
      sentence: 'How many requests were turned away before anything was asked of a provider, by kind.',
      run: () => json({ refusals: refusalCounts() } satisfies ManagementAnswer),
    }),
  ];
}
