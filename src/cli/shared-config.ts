/** The configuration of a cluster, for a process whose file names one. Loaded only there. */
import { hostname } from 'node:os';
import { createEncryption } from '../accounts/encryption.ts';
import type { SharedConfig } from '../cluster/shared-config.ts';
import { ClusterRefused } from '../config/cluster-refused.ts';
import { variablesFor } from '../config/env-file.ts';
import { parseConfigYielding } from '../config/load.ts';
import type { LoadedConfig } from '../config-file/config-file.ts';
import { systemClock } from '../ground/clock.ts';
import { createLog } from '../telemetry/log.ts';
import { encryptionKey } from './auth/accounts.ts';
import { problemsFound } from './config-file.ts';
import { Failure } from './failure.ts';
import type { Shell } from './shell.ts';
import { version } from './version.ts';

export interface ReplicaConfig {
  shared: SharedConfig;
  /** The file's own keys with what all replicas share. */
  loaded: LoadedConfig;
}

/**
 * Opens what the replicas of the file's cluster share, over a connection of its own, and loads it for the file. Throws a
 * {@link Failure} where the file names no Postgres, or what is shared is no configuration.
 */
export async function replicaConfig(
  file: string,
  own: Pick<LoadedConfig, 'config'>,
  { env, err }: Shell,
): Promise<ReplicaConfig> {
  const { cluster, 'auth-dir': directory, 'auth-encryption-key': setting } = own.config;
  if (cluster?.postgres === undefined)
    throw new Failure('config', `${file} names no cluster`, 'Write cluster.postgres and cluster.valkey.');
  const { openDurable } = await import('../cluster/postgres/open-durable.ts');
  const { openSharedConfig } = await import('../cluster/shared-config.ts');
  const encryption = createEncryption({ key: await encryptionKey(setting) });
  const durable = await openDurable(cluster.postgres, {
    cluster,
    replica: { id: `config-${process.pid}`, name: hostname(), version, startedAt: systemClock.now() },
    encryption,
    // The gateway reports by itself when Postgres is down.
    log: createLog({ level: 'silent', format: 'json' }),
    clock: systemClock,
    // A look now and then, and the server's own question whether it is there.
    connections: 2,
  }).catch(refusedAsFailure);
  const shared = await openSharedConfig({
    vault: durable.config(encryption),
    file,
    encryption,
    directory,
    clock: systemClock,
    warn: (sentence) => void err.write(`${err.style('yellow', 'warning:')} ${sentence}\n`),
  }).catch(refusedAsFailure);
  const text = await shared.read();
  const loaded = await parseConfigYielding(text, { file, env, variables: await variablesFor(file, env) });
  if (!loaded.ok) throw problemsFound(loaded.problems);
  return { shared, loaded };
}

function refusedAsFailure(error: unknown): never {
  throw error instanceof ClusterRefused ? new Failure('config', error.message) : error;
}
