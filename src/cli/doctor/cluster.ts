/** The engines that replicas share: are they there, are they of a version that works, who uses them. Nothing in them is changed. */

import { z } from 'zod';
import type { Postgres } from '../../cluster/postgres/connection.ts';
import type { ClusterConfig } from '../../config/cluster-keys.ts';
import type { Config } from '../../config/schema.ts';
import { systemClock } from '../../ground/clock.ts';
import { counted } from '../../ground/counted.ts';
import { askRunning } from '../running-gateway.ts';
import { loginFindings } from './accounts.ts';
import { type Finding, fail, ok, patience, reasonWithin, type Subject, skip, warn } from './check.ts';

/** The oldest versions that work: PostgreSQL as `server_version_num` has it, Valkey or Redis by its number. */
const oldestPostgres = 140_000;
const oldestValkey = '6.2.0';
/** Milliseconds that a clock may differ: limits and leases go by those of the engines. */
const mostSkew = 5_000;

export const clusterChecks: Subject = async ({ config, isRead }) =>
  isRead && config.cluster !== undefined ? clusterFindings(config, config.cluster) : [];

/** Ends within the timeout of a silent engine. */
export async function clusterFindings(config: Config, cluster: ClusterConfig): Promise<Finding[]> {
  const { postgres, valkey } = cluster;
  const found = await Promise.all([
    postgres === undefined ? [] : postgresFindings(postgres, cluster, config),
    valkey === undefined ? [] : valkeyFindings(valkey, cluster),
    replicaFindings(config),
  ]);
  return found.flat();
}

const serverRow = z.object({ number: z.coerce.number(), name: z.string(), at: z.coerce.number() });
const schemaRow = z.object({ version: z.coerce.number().nullable(), oldest: z.coerce.number().nullable() });
const nameRow = z.object({ name: z.string() });

async function postgresFindings(url: string, cluster: ClusterConfig, config: Config): Promise<Finding[]> {
  const { openPostgres } = await import('../../cluster/postgres/connection.ts');
  const postgres = await openPostgres({
    ...{ url, clock: systemClock },
    ...{ limit: patience, connectLimit: patience, most: 1 },
  });
  const id = 'cluster.postgres';
  try {
    const { state } = postgres;
    if (state.kind === 'down')
      return [
        fail(
          id,
          `Postgres cannot be used: ${state.why}.`,
          /too many|remaining connection slots/.test(state.why)
            ? 'raise max_connections of Postgres, or run fewer replicas: each takes 9 connections'
            : 'start it, or correct cluster.postgres (CLI_PROXY_API_POSTGRES)',
        ),
        skip('accounts.logins', 'The accounts are in Postgres.'),
      ];
    const [server] = await postgres.rows(
      serverRow,
      `SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS name,
        extract(epoch FROM clock_timestamp()) * 1000 AS at`,
    );
    if (server === undefined) return [fail(id, 'Postgres reports no version.', 'look at its log')];
    const version =
      server.number < oldestPostgres
        ? fail(id, `Postgres ${server.name} is older than 14.`, 'update Postgres')
        : ok(id, `Postgres ${server.name} answers.`);
    const tables = await tableFindings(postgres, cluster);
    const isCurrent = tables.every(({ state: how }) => how === 'ok');
    return [
      version,
      clock('Postgres', server.at),
      ...tables,
      // To open them would make the tables ready, which is for a start to do.
      ...(isCurrent
        ? await loginFindings(config)
        : [skip('accounts.logins', 'The accounts are in Postgres, and its tables are not ready.')]),
    ];
  } catch (error) {
    const why = reasonWithin(error);
    return [fail(id, `Postgres rejects statements: ${why}.`, 'look at its log')];
  } finally {
    await postgres.close();
  }
}

async function tableFindings(postgres: Postgres, cluster: ClusterConfig): Promise<Finding[]> {
  const { migrations } = await import('../../cluster/postgres/schema.ts');
  const id = 'cluster.tables';
  const known = migrations.at(-1)?.version ?? 0;
  const [there] = await postgres.rows(
    nameRow,
    `SELECT 'there' AS name WHERE to_regclass('cpa_schema') IS NOT NULL`,
  );
  if (there === undefined)
    return [skip(id, 'The database has no tables yet: the first replica that starts creates them.')];
  const [owner] = await postgres.rows(nameRow, 'SELECT name FROM cpa_cluster');
  if (owner !== undefined && owner.name !== cluster.name)
    return [
      fail(
        id,
        `The database holds the cluster "${owner.name}", and cluster.name is "${cluster.name}".`,
        'give each cluster a database of its own',
      ),
    ];
  const [applied] = await postgres.rows(
    schemaRow,
    'SELECT max(version) AS version, max(oldest_reader) AS oldest FROM cpa_schema',
  );
  const version = applied?.version ?? 0;
  if ((applied?.oldest ?? 0) > known)
    return [
      fail(
        id,
        `The tables have version ${version}, and this program supports ${known}.`,
        'update this program',
      ),
    ];
  if (version > known)
    return [ok(id, `The tables are of version ${version}, which this program (${known}) may use, too.`)];
  return version < known
    ? [skip(id, `The tables are of version ${version}: the next start brings them to ${known}.`)]
    : [ok(id, `The tables are of version ${version}.`)];
}

async function valkeyFindings(url: string, cluster: ClusterConfig): Promise<Finding[]> {
  const { connectValkey } = await import('../../cluster/valkey/connection.ts');
  const valkey = await connectValkey({ url, name: cluster.name, clock: systemClock });
  const id = 'cluster.valkey';
  try {
    await valkey.ready(patience);
    const { state } = valkey.engine;
    if (state.kind === 'down')
      return [
        fail(
          id,
          `Valkey cannot be used: ${state.why}.`,
          'start it, or correct cluster.valkey (CLI_PROXY_API_VALKEY)',
        ),
      ];
    const said = String(await valkey.send('INFO', 'server'));
    const version = /^(?:valkey_version|redis_version):(\d+\.\d+\.\d+)/m.exec(said)?.[1];
    const now = systemClock.now();
    return [
      version !== undefined && Bun.semver.order(version, oldestValkey) < 0
        ? fail(id, `Valkey or Redis ${version} is older than ${oldestValkey}.`, 'update it')
        : ok(id, `Valkey answers (${version ?? 'of unknown version'}).`),
      clock('Valkey', valkey.offset.shared(now), now),
    ];
  } catch (error) {
    const why = reasonWithin(error);
    return [fail(id, `Valkey rejects commands: ${why}.`, 'look at its log')];
  } finally {
    valkey.close();
  }
}

function clock(engine: string, at: number, now = systemClock.now()): Finding {
  const skew = Math.abs(at - now);
  const id = 'cluster.clock';
  return skew > mostSkew
    ? warn(
        id,
        `The clock of ${engine} differs by ${Math.round(skew / 1000)} s from that of this computer.`,
        'timedatectl set-ntp true, on both',
      )
    : ok(id, `The clock of ${engine} is that of this computer.`);
}

async function replicaFindings(config: Config): Promise<Finding[]> {
  const id = 'cluster.replicas';
  const answer = await askRunning(config['auth-dir'], 'cluster', 'GET', patience).catch(() => undefined);
  if (answer === undefined || !('cluster' in answer)) return [skip(id, 'No replica runs with this config.')];
  if (answer.cluster === null)
    return [
      warn(id, 'The gateway that runs is no replica: the config was changed since.', 'restart the gateway'),
    ];
  const { replicas, engines } = answer.cluster;
  const away = engines.find(({ state }) => state === 'down');
  if (away !== undefined)
    return [
      fail(
        id,
        `The replica that runs here does not reach ${away.name}: ${away.why ?? ''}.`,
        `start ${away.name}`,
      ),
    ];
  const versions = new Set(replicas.map(({ version }) => version));
  return [
    versions.size > 1
      ? warn(
          id,
          `${counted(replicas.length, 'replica')} of different versions: ${[...versions].join(', ')}.`,
          'update all of them',
        )
      : ok(id, `Seen: ${counted(replicas.length, 'replica')}.`),
  ];
}
