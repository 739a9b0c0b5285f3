/** The connection to a cluster's Postgres, whose tables are what this program knows before a statement is sent. */

import { ClusterRefused } from '../../config/cluster-refused.ts';
import type { Timers } from '../../ground/timers.ts';
import { openPostgres, type Postgres } from './connection.ts';
import { migrate } from './migrate.ts';

export interface PreparedOptions {
  url: string;
  /** The name of the cluster. */
  cluster: string;
  now: () => number;
  timers: Timers;
}

/**
 * Throws {@link ClusterRefused} where the tables cannot be used by this program. Where Postgres is away they are made ready when it
 * is there.
 */
export async function openPreparedPostgres({ cluster, ...options }: PreparedOptions): Promise<Postgres> {
  let refusal: string | undefined;
  const postgres = await openPostgres({
    ...options,
    async prepare(unprepared) {
      const migrated = await migrate(unprepared, cluster);
      refusal = migrated.ok || migrated.away ? undefined : migrated.message;
      return migrated.ok ? undefined : migrated.message;
    },
  });
  if (refusal === undefined) return postgres;
  await postgres.close();
  throw new ClusterRefused(`cluster.postgres: ${refusal}`);
}
