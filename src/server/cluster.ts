/** The cluster that a gateway is a replica of. Without one, nothing of it is loaded. */
import { createHash } from 'node:crypto';
import type { Cluster } from '../cluster/ports.ts';
import { ClusterRefused } from '../config/cluster-refused.ts';
import type { Config } from '../config/schema.ts';
import { systemTimers } from '../ground/timers.ts';
import type { ShownCluster } from '../management/own-answers.ts';
import { isoTime } from '../management/shown-time.ts';
import type { Log } from '../telemetry/log.ts';
import type { AlertClaim } from './alerts.ts';
import type { SealedTexts } from './sealed-texts.ts';

/** Undefined where the configuration names none. Another one takes a new start. Throws ClusterRefused where it cannot be joined. */
export async function joinedCluster(options: {
  config: Pick<Config, 'cluster' | 'auth-encryption-key'>;
  worker?: number | undefined;
  version: string;
  log: Log;
}): Promise<Cluster | undefined> {
  const { version, log, worker } = options;
  const { cluster } = options.config;
  if (cluster === undefined) return undefined;
  const { openCluster } = await import('../cluster/open-cluster.ts');
  const { createEncryption } = await import('../accounts/encryption.ts');
  const { readEncryptionKey } = await import('../accounts/encryption-key.ts');
  const setting = options.config['auth-encryption-key'];
  const read = setting === undefined ? undefined : await readEncryptionKey(setting);
  if (read?.ok === false) throw new ClusterRefused(`auth-encryption-key: ${read.message}`);
  const encryption = createEncryption({ key: read?.key });
  return openCluster({ cluster, version, worker, encryption, log, timers: systemTimers, now: Date.now });
}

/** Where all replicas know who is signed in, and which sign-ins are under way; undefined where there is no Valkey. `key`: `auth-encryption-key`. */
export async function sharedTexts(
  cluster: Cluster | undefined,
  key: () => string | undefined,
): Promise<SealedTexts | undefined> {
  const texts = cluster?.fast?.texts;
  if (texts === undefined) return undefined;
  const { sealedTexts } = await import('./sealed-texts.ts');
  return sealedTexts(texts, key);
}

/** Ms that a change which one replica has alerted is remembered for the others. */
const alertedFor = 30 * 24 * 3600_000;

/** One replica alerts a change; while Valkey is away, each does. */
export function alertClaim(cluster: Cluster | undefined): AlertClaim | undefined {
  const texts = cluster?.fast?.texts;
  if (texts === undefined) return undefined;
  return async ({ kind, subject, state }, url) => {
    const about = createHash('sha256')
      .update(JSON.stringify([url, kind, subject]))
      .digest('base64url');
    // Of what is the case already somebody has sent an alert; so what comes again later is alerted again.
    return (await texts.swap(`alert:${about}`, state, alertedFor)) !== state;
  };
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
      why: state.kind === 'down' ? state.why : (state.degraded ?? null),
    })),
  };
}
