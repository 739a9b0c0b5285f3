/** Replicas of a test: connections to one Postgres, each with its own directory and its own vault of accounts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccountStore } from '../../../src/accounts/account-store.ts';
import { createEncryption } from '../../../src/accounts/encryption.ts';
import type { LeaseTimes } from '../../../src/cluster/postgres/accounts/account-table.ts';
import { createAccountVault } from '../../../src/cluster/postgres/accounts/account-vault.ts';
import { openPostgres, type Postgres } from '../../../src/cluster/postgres/connection.ts';
import { migrate } from '../../../src/cluster/postgres/migrate.ts';
import { systemClock } from '../../../src/ground/clock.ts';

export interface TestReplica extends AsyncDisposable {
  postgres: Postgres;
  vault: AccountStore;
  /** Its `auth-dir`. */
  directory: string;
}

export interface ReplicaOptions {
  now?: () => number;
  times?: Partial<LeaseTimes>;
  refreshAlone?: boolean;
  directory?: string;
  /** What its statements go through. */
  around?: (postgres: Postgres) => Postgres;
}

/** Short enough for a test, long enough for a computer that has more to do. */
export const leaseTimes: LeaseTimes = { lease: 900, uncertain: 2500 };

const clusterKey = 'the key of the cluster, long enough';

export async function openReplica(url: string, options: ReplicaOptions = {}): Promise<TestReplica> {
  const { now = Date.now, times, refreshAlone, around = (postgres) => postgres } = options;
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'replica-'));
  const connection = await openPostgres({
    url,
    clock: systemClock,
    limit: 1500,
    connectLimit: 1000,
    probeEvery: 50,
  });
  const migrated = await migrate(connection, 'test');
  if (!migrated.ok) throw new Error(migrated.message);
  const postgres = around(connection);
  const vault = createAccountVault({
    postgres,
    encryption: createEncryption({ key: clusterKey }),
    directory,
    instance: crypto.randomUUID(),
    clock: { ...systemClock, now },
    ...(times && { times }),
    ...(refreshAlone !== undefined && { refreshAlone }),
  });
  return {
    postgres,
    vault,
    directory,
    async [Symbol.asyncDispose]() {
      await connection.close();
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}
