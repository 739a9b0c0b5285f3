/** The cluster that a gateway is a replica of. Without one, nothing of it is loaded. */
import type { Cluster, SharedTexts } from '../cluster/ports.ts';
import type { Config } from '../config/schema.ts';
import { systemTimers } from '../ground/timers.ts';
import type { ShownCluster } from '../management/own-answers.ts';
import { isoTime } from '../management/shown-time.ts';
import type { Log } from '../telemetry/log.ts';

/** Undefined where the configuration names none. Another one takes a new start. */
export async function joinedCluster(options: {
  config: Pick<Config, 'cluster'>;
  worker?: number | undefined;
  version: string;
  log: Log;
}): Promise<Cluster | undefined> {
  const { version, log, worker } = options;
  const { cluster } = options.config;
  if (cluster === undefined) return undefined;
  const { openCluster } = await import('../cluster/open-cluster.ts');
  return openCluster({ cluster, version, worker, log, timers: systemTimers, now: Date.now });
}

/** Where all replicas know who is signed in to the console; undefined where there is no Valkey. `key`: `auth-encryption-key`. */
export async function consoleTexts(
  cluster: Cluster | undefined,
  key: () => string | undefined,
): Promise<SharedTexts | undefined> {
  const texts = cluster?.fast?.texts;
  if (texts === undefined) return undefined;
  const { signedTexts } = await import('./signed-texts.ts');
  return signedTexts(texts, key);
}

/** The cluster as the management API shows it. */
export function shownCluster({ name, replica, members, engines }: Cluster): ShownCluster {
  return {
    name,
    replica: replica.id,
    replicas: members()
      .toSorted((one, other) => one.name.localeCompare(other.name) || one.startedAt - other.startedAt)
      .map(({ startedAt, ...rest }) => ({ ...rest, startedAt: isoTime(startedAt) })),
    engines: engines().map(({ name, state }) => ({
      name,
      state: state.kind,
      why: state.kind === 'down' ? state.why : null,
    })),
  };
}
