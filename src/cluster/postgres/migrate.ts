/** Brings the tables to the version that this program knows; one replica does it, the others wait for it. */
import { z } from 'zod';
import { reasonOf } from '../../ground/reason.ts';
import type { Postgres, Statements } from './connection.ts';
import { isAway } from './failure.ts';
import { type Migration, migrations } from './schema.ts';

export type Migrated =
  | { ok: true; applied: readonly number[] }
  /** `message` is for people; `away` where another try may help. */
  | { ok: false; away: boolean; message: string };

/** The lock of everybody who changes the tables: two numbers of our own, as advisory locks have no names. */
const lock = [0x637061, 1] as const;

/** Milliseconds for all of it: adding a column waits for readers of the table. */
const limit = 60_000;

const integer = z.coerce.number().int();
const appliedRow = z.object({ version: integer.nullable(), oldest: integer.nullable() });
const clusterRow = z.object({ name: z.string() });

/**
 * Applies what is missing. `cluster` is the name that this cluster has: two clusters in one database would share accounts and keys
 * unknowingly, so the second is refused.
 */
export async function migrate(
  postgres: Pick<Postgres, 'transaction'>,
  cluster: string,
  known: readonly Migration[] = migrations,
): Promise<Migrated> {
  try {
    return await postgres.transaction((inside) => migrateInside(inside, cluster, known), limit);
  } catch (error) {
    const message = reasonOf(error);
    return { ok: false, away: isAway(error), message: `the tables could not be prepared: ${message}` };
  }
}

async function migrateInside(
  inside: Statements,
  cluster: string,
  known: readonly Migration[],
): Promise<Migrated> {
  await inside.run("SET LOCAL lock_timeout = '20s'");
  // Until the end of the transaction; CREATE … IF NOT EXISTS of two at the same time would fail one of them.
  await inside.run(`SELECT pg_advisory_xact_lock(${lock[0]}, ${lock[1]})`);
  await inside.run(`CREATE TABLE IF NOT EXISTS cpa_schema (
    version integer PRIMARY KEY, oldest_reader integer NOT NULL, name text NOT NULL,
    applied timestamptz NOT NULL DEFAULT clock_timestamp())`);
  await inside.run(`CREATE TABLE IF NOT EXISTS cpa_cluster (
    one boolean PRIMARY KEY DEFAULT true CHECK (one), name text NOT NULL)`);
  await inside.run('INSERT INTO cpa_cluster (name) VALUES ($1) ON CONFLICT DO NOTHING', [cluster]);
  const [owner] = await inside.rows(clusterRow, 'SELECT name FROM cpa_cluster');
  if (owner !== undefined && owner.name !== cluster)
    return {
      ok: false,
      away: false,
      message: `the database holds the cluster "${owner.name}", and cluster.name is "${cluster}": give each cluster a database of its own`,
    };
  const [applied] = await inside.rows(
    appliedRow,
    'SELECT max(version) AS version, max(oldest_reader) AS oldest FROM cpa_schema',
  );
  const there = applied?.version ?? 0;
  const newest = known.at(-1)?.version ?? 0;
  const oldest = applied?.oldest ?? 0;
  if (oldest > newest)
    return {
      ok: false,
      away: false,
      message: `the tables are of version ${there}, which needs a program with version ${oldest}, and this one supports ${newest}: update it`,
    };
  const missing = known.filter(({ version }) => version > there);
  for (const { version, oldestReader, name, statements } of missing) {
    for (const statement of statements) await inside.run(statement);
    await inside.run('INSERT INTO cpa_schema (version, oldest_reader, name) VALUES ($1, $2, $3)', [
      version,
      oldestReader,
      name,
    ]);
  }
  return { ok: true, applied: missing.map(({ version }) => version) };
}
