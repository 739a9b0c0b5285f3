/** The report of a process about itself: for the management API, and for other replicas. */
import type { Gateway } from '../gateway/gateway.ts';
import type { GatewayStatus, ReplicaFacts, ShownEngine } from '../management/own-answers.ts';

export interface ReplicaFactsDeps {
  gateway: Pick<Gateway, 'running' | 'waiting'>;
  live: { readonly ended: ReplicaFacts['ended'] };
  gatewayStatus: () => GatewayStatus;
  refusals: () => Readonly<Record<string, number>>;
  timezone: () => string;
  engines: () => ShownEngine[];
}

export function replicaFacts(deps: ReplicaFactsDeps): () => ReplicaFacts {
  return () => ({
    ...deps.gatewayStatus(),
    uptime: process.uptime(),
    memory: process.memoryUsage.rss(),
    running: deps.gateway.running(Number.POSITIVE_INFINITY).length,
    waiting: deps.gateway.waiting(),
    ended: { ...deps.live.ended },
    refusals: deps.refusals(),
    timezone: deps.timezone(),
    engines: deps.engines(),
  });
}
