/** What one process has kept, on its way into a cluster. */
import type { Database } from 'bun:sqlite';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { DurableState } from '../../cluster/ports.ts';
import { keyId } from '../../config/hashed-key.ts';
import type { LoadedConfig } from '../../config-file/config-file.ts';
import { isObject, parseJson } from '../../protocols/json.ts';
import { asObjects, asString } from '../../protocols/json-members.ts';
import type { AuthDirLock } from '../../server/auth-dir-lock.ts';
import { createLog } from '../../telemetry/log.ts';
import { clusterSecret, digestsWith, knownSecret } from '../../usage/digest.ts';
import type { UsageRecord } from '../../usage/record.ts';
import { accountPlace, encryptionKey } from '../auth/accounts.ts';
import { Failure } from '../failure.ts';
import type { Shell } from '../shell.ts';

export interface Adopted {
  /** Account files that were taken in or brought nothing new. */
  accounts: number;
  /** Kept responses and requests of usage that are in the cluster now, whether they were before or not. */
  responses: number;
  requests: number;
}

/** Throws a {@link Failure} where there is no cluster, a gateway runs with the `auth-dir`, or the cluster goes away meanwhile; then it can be done again. */
export async function adopted(file: string, own: LoadedConfig, shell: Shell): Promise<Adopted> {
  if (own.config.cluster?.postgres === undefined) throw new Failure('config', `${file} names no cluster`);
  const lock = await directoryAlone(own.config['auth-dir']);
  try {
    return await adoptedAlone(file, own, shell);
  } finally {
    await lock.release();
  }
}

/** The lock of a gateway: one that runs has its files open, and goes on to write them. */
async function directoryAlone(directory: string): Promise<AuthDirLock> {
  const { AuthDirInUse } = await import('../../server/auth-dir-in-use.ts');
  const { lockAuthDir } = await import('../../server/auth-dir-lock.ts');
  try {
    return await lockAuthDir(directory, createLog({ level: 'silent', format: 'json' }));
  } catch (error) {
    if (!(error instanceof AuthDirInUse)) throw error;
    const at = error.url === undefined ? '' : `, at ${error.url},`;
    throw new Failure(
      'already-running',
      `a gateway${at} runs with the auth-dir ${directory}, and goes on to write what would be moved`,
      'Nothing was moved. Stop that gateway first, then run it again.',
    );
  }
}

async function adoptedAlone(file: string, own: LoadedConfig, shell: Shell): Promise<Adopted> {
  const { replicaConfig } = await import('../shared-config.ts');
  const { openCluster } = await import('../auth/accounts.ts');
  // The settings come first: they decide about the rest.
  const { loaded, shared } = await replicaConfig(file, own, shell);
  const durable = await openCluster(own.config, await accountPlace(own.config));
  if (durable === undefined) throw new Failure('config', `${file} names no cluster`);
  try {
    return {
      accounts: await adoptAccounts(own, durable),
      responses: await adoptResponses(own.config['auth-dir'], durable),
      requests: await adoptUsage(own, loaded, durable),
    };
  } finally {
    shared.close();
    await durable.close();
  }
}

async function adoptAccounts({ config }: LoadedConfig, durable: DurableState): Promise<number> {
  const end = await durable.takeAccountFiles(await accountPlace(config));
  await end();
  return readdirSync(config['auth-dir']).filter((name) => /\.json\.imported(-\d+)?$/i.test(name)).length;
}

const answerRow = z.object({
  id: z.string(),
  client: z.string(),
  previous: z.string().nullable(),
  native: z.number(),
  input: z.string(),
  response: z.string(),
});
const ownerRow = z.object({ id: z.string(), client: z.string() });

async function adoptResponses(directory: string, durable: DurableState): Promise<number> {
  const file = join(directory, '.responses.sqlite');
  if (!existsSync(file)) return 0;
  const { openResponseDatabase } = await import('../../server/responses/response-database.ts');
  const { idsOf } = await import('../../server/responses/stored-response.ts');
  const { database } = openResponseDatabase(file);
  let count = 0;
  for (const found of rowsOf(database, 'responses')) {
    const { id, client, previous, native, input, response } = answerRow.parse(found);
    const body = parseJson(response);
    if (!isObject(body)) continue;
    const answer = { id, client, previous: previous ?? undefined, native: native === 1, input, response };
    const items = asObjects(body.output).flatMap((item) => asString(item.id) ?? []);
    await durable.responses.keep({ ...answer, items, owned: idsOf({ ...answer, response: body }) });
    stillThere(durable);
    count += 1;
  }
  for (const found of rowsOf(database, 'owners')) {
    const { id, client } = ownerRow.parse(found);
    await durable.responses.own([id], client);
    stillThere(durable);
  }
  database.close();
  return count;
}

function* rowsOf(database: Database, table: 'responses' | 'owners'): Generator<unknown> {
  yield* database.query<unknown, []>(`SELECT * FROM ${table} ORDER BY rowid`).iterate();
}

async function adoptUsage(
  own: LoadedConfig,
  { config }: LoadedConfig,
  durable: DurableState,
): Promise<number> {
  const { openSoundUsage, usageFile } = await import('../../usage/usage-database.ts');
  const { storedRecords } = await import('../../usage/stored-records.ts');
  const directory = own.config['auth-dir'];
  const file = usageFile(directory);
  if (!existsSync(file)) return 0;
  const key = await encryptionKey(own.config['auth-encryption-key']);
  const secret = await knownSecret(directory);
  const next = digestsWith(clusterSecret(key ?? ''));
  const before = secret && digestsWith(secret);
  const names = new Map(
    config['api-keys'].map((entry) => {
      const id = keyId(entry.key);
      return [before?.key(id), next.key(id)];
    }),
  );
  const renamed = (record: UsageRecord): UsageRecord => {
    const id = names.get(record.key?.id);
    return id === undefined || record.key === undefined ? record : { ...record, key: { ...record.key, id } };
  };
  const database = openSoundUsage(file);
  let count = 0;
  for (const records of storedRecords(database)) {
    if (!(await durable.usage.add(records.map(renamed)))) stillThere(durable);
    count += records.length;
  }
  database.close();
  return count;
}

function stillThere({ engine }: DurableState): void {
  if (engine.state.kind === 'down')
    throw new Failure(
      'unavailable',
      `Postgres went away: ${engine.state.why}`,
      'Run it again: what is there stays.',
    );
}
