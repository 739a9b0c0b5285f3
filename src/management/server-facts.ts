/** The gateway's report about itself. */
import { missingSettings } from '../ground/runtime-settings.ts';
import { halfClosedSockets, mostFiles, openFiles } from '../telemetry/open-files.ts';
import { answersOfOthers, type OtherReplicas } from './other-replicas.ts';
import type {
  GatewayStatus,
  ManagementAnswer,
  ReplicaFacts,
  ShownCluster,
  ShownReplica,
} from './own-answers.ts';
import { json } from './reply.ts';
import { type Route, route } from './route.ts';

export interface ServerFactsDeps {
  /** Where this gateway serves, and whether it is about to stop. */
  gatewayStatus: () => GatewayStatus;
  /** Who was turned away since the start, by kind. */
  refusalCounts: () => Readonly<Record<string, number>>;
  /** Undefined where the gateway is no replica. */
  cluster?: (() => KnownCluster) | undefined;
  /** The report of this one about itself. */
  replica: () => ReplicaFacts;
  /** Of a cluster whose replicas can be asked. */
  replicas?: OtherReplicas | undefined;
}

/** The cluster as one replica knows it without asking the others. */
export type KnownCluster = Omit<ShownCluster, 'replicas'> & {
  replicas: Omit<ShownReplica, 'now' | 'why'>[];
};

export function serverRoutes(deps: ServerFactsDeps): Route[] {
  const { gatewayStatus, refusalCounts, cluster, replicas } = deps;

  /** With the present report of each replica. */
  async function shown(known: KnownCluster): Promise<ShownCluster> {
    const { answers, silent } = await answersOfOthers(replicas, '/v0/management/replica', factsIn);
    const own = deps.replica();
    return {
      ...known,
      replicas: known.replicas.map((replica) => {
        const { id } = replica;
        const now = id === known.replica ? own : answers.find((one) => one.id === id)?.answer;
        const why = silent.find((one) => one.id === id)?.why ?? 'it cannot be reached';
        return { ...replica, now: now ?? null, why: now === undefined ? why : null };
      }),
    };
  }

  return [
    route({
      method: 'GET',
      v0: 'gateway',
      answers: 'gateway',
      sentence: 'Where the gateway serves, and whether it is about to stop.',
      perReplica: true,
      run: () => json({ gateway: gatewayStatus() } satisfies ManagementAnswer),
    }),
    route({
      method: 'GET',
      v0: 'process',
      answers: 'process',
      sentence: 'Open files of its process, and missing settings of the runtime, for `doctor`.',
      perReplica: true,
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
      answers: 'cluster',
      sentence:
        'The cluster: its replicas, the current state of each, which of them respond, and whether its engines do. `null` if there is none.',
      async run() {
        const known = cluster?.();
        return json({ cluster: known === undefined ? null : await shown(known) } satisfies ManagementAnswer);
      },
    }),
    route({
      method: 'GET',
      v0: 'replica',
      answers: 'replica',
      sentence:
        'The state of this replica, or of a single gateway: memory, requests in flight and waiting, counts since the start.',
      perReplica: true,
      run: () => json({ replica: deps.replica() } satisfies ManagementAnswer),
    }),
    route({
      method: 'GET',
      v0: 'refusals',
      answers: 'refusals',
      sentence: 'How many calls were rejected before a provider was called, by kind.',
      perReplica: true,
      run: () => json({ refusals: refusalCounts() } satisfies ManagementAnswer),
    }),
  ];
}

/** Undefined for what a replica of another version does not report. */
function factsIn(answer: ManagementAnswer): ReplicaFacts | undefined {
  return 'replica' in answer ? answer.replica : undefined;
}
