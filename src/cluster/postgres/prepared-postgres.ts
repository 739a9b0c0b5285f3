/** The connection to a cluster's Postgres, whose tables are what this program knows before a statement is sent. */
import type { Encryption } from '../../accounts/encryption.ts';
import { ClusterRefused } from '../../config/cluster-refused.ts';
import type { Clock } from '../../ground/clock.ts';
import type { OnOperation } from '../ports.ts';
import { openPostgres, type Postgres } from './connection.ts';
import { keyProblem } from './key-check.ts';
import { migrate } from './migrate.ts';

export interface PreparedOptions {
  url: string;
  /** The name of the cluster. */
  cluster: string;
  /** The key that must open what is there. */
  encryption: Encryption;
  /** Postgres runs, but this process cannot use it: the reason. Reported once per reason. */
  onRefused: (sentence: string) => void;
  /** Connections for statements, where the usual number is too many. */
  most?: number | undefined;
  clock: Clock;
  onOperation?: OnOperation | undefined;
}

/**
 * Throws {@link ClusterRefused} where the tables cannot be used by this program, or with this key. Where Postgres is away they are
 * made ready, and the key is tried, when it is there: before that no statement is sent.
 */
export async function openPreparedPostgres({
  cluster,
  encryption,
  onRefused,
  most,
  ...options
}: PreparedOptions): Promise<Postgres> {
  let refusal: string | undefined;
  const postgres = await openPostgres({
    ...options,
    ...(most !== undefined && { most }),
    async prepare(unprepared) {
      const before = refusal;
      const migrated = await migrate(unprepared, cluster);
      if (!migrated.ok && migrated.away) return migrated.message;
      refusal = migrated.ok
        ? await keyProblem(unprepared, encryption)
        : `cluster.postgres: ${migrated.message}`;
      if (refusal !== undefined && refusal !== before) onRefused(refusal);
      return refusal;
    },
  });
  if (refusal === undefined) return postgres;
  await postgres.close();
  throw new ClusterRefused(refusal);
}
