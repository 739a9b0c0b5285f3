/** Makes this process a replica: connects to the engines of the configuration. Loaded only where there is a `cluster`. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Encryption } from '../accounts/encryption.ts';
import type { ClusterConfig } from '../config/cluster-keys.ts';
import type { Clock } from '../ground/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { ownTimezone } from '../usage/local-day.ts';
import { openValkey } from './open-valkey.ts';
import type { Cluster, Engine, EngineName, HalfOptions } from './ports.ts';
import { openDurable } from './postgres/open-durable.ts';
import { splitLimits } from './split-limits.ts';

export interface OpenOptions {
  cluster: ClusterConfig;
  /** Which of several replicas of this computer it is. */
  worker?: number | undefined;
  version: string;
  /** Of what is kept in Postgres. */
  encryption: Encryption;
  log: Log;
  clock: Clock;
}

/** Resolves when both engines answer, or have had their time to: a replica serves without them, and they are there when they come. */
export async function openCluster({
  cluster,
  worker,
  version,
  encryption,
  log,
  clock,
}: OpenOptions): Promise<Cluster> {
  const replica = {
    id: randomBytes(6).toString('hex'),
    name: worker === undefined ? hostname() : `${hostname()}/${worker}`,
    version,
    startedAt: clock.now(),
    timezone: ownTimezone(),
  };
  let operated: ((engine: EngineName, operation: string, ms: number) => void) | undefined;
  const half = (engine: EngineName): HalfOptions => ({
    ...{ cluster, replica, log, clock },
    onOperation: (operation, ms) => operated?.(engine, operation, ms),
  });
  const durable =
    cluster.postgres === undefined
      ? undefined
      : await openDurable(cluster.postgres, { ...half('postgres'), encryption });
  const fast =
    cluster.valkey === undefined
      ? undefined
      : await openValkey(cluster.valkey, half('valkey'), durable?.budgets);
  const members = fast === undefined ? await durable?.members() : undefined;
  const split = members === undefined ? undefined : splitLimits(members, clock);
  if (split !== undefined)
    log.info(
      'There is no Valkey: each replica has a fixed share of every limit, and only has its own cooldowns, quotas and conversations',
    );
  const engines: { name: EngineName; engine: Engine; without: string }[] = [];
  if (durable !== undefined)
    engines.push({ name: 'postgres', engine: durable.engine, without: withoutPostgres(cluster) });
  if (fast !== undefined)
    engines.push({ name: 'valkey', engine: fast.engine, without: withoutValkey(cluster) });
  for (const { name, engine, without } of engines) said(titles[name], engine, without, log);
  return {
    name: cluster.name,
    replica,
    durable,
    fast,
    passing: fast ?? durable?.passing(),
    limits: fast?.limits ?? split?.limits,
    places: fast?.places ?? split?.places,
    members: () => fast?.members() ?? members?.list() ?? [replica],
    engines: () => engines.map(({ name, engine }) => ({ name, state: engine.state })),
    onOperation(handler) {
      operated = handler;
    },
    async close() {
      await fast?.close();
      await split?.close();
      await members?.leave();
      await durable?.close();
    },
  };
}

const titles: Record<EngineName, string> = { valkey: 'Valkey', postgres: 'Postgres' };

/** What holds while Postgres is away. */
function withoutPostgres({ 'refresh-alone': alone }: ClusterConfig): string {
  return alone
    ? 'Requests go on with the tokens in memory; a token that has expired is renewed by each replica alone.'
    : 'Requests go on with the tokens in memory, and none is renewed until it is back.';
}

/** What holds while Valkey is away. */
function withoutValkey({ 'when-valkey-is-away': rule }: ClusterConfig): string {
  switch (rule) {
    case 'share':
      return 'Each replica admits its share of the limits, and only has its own cooldowns.';
    case 'local':
      return 'Each replica counts limits alone, so that together they exceed the limits; it only has its own cooldowns.';
    case 'refuse':
      return 'Keys with limits are refused; all others are served.';
  }
}

/** Logs once that an engine is down or limited, and once that it is back. */
function said(title: string, engine: Engine, without: string, log: Log): void {
  const report = (): void => {
    const { state } = engine;
    if (state.kind === 'down') log.warn(`${title} is away: ${state.why}. ${without}`);
    else if (state.degraded === undefined) log.info(`${title} answers`);
    else log.warn(`${title} answers, but ${state.degraded}. Changes are looked for each second.`);
  };
  report();
  engine.onState(report);
}
