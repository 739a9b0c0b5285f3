/** Whether a key opens what a cluster keeps: with another one a process would write what no replica can read. */
import { z } from 'zod';
import type { Encryption } from '../../accounts/encryption.ts';
import type { Postgres } from './connection.ts';

const kept = z.object({ what: z.string(), sealed: z.string() });

/** The newest that everybody reads; where there is no configuration yet, an account. */
const newest = `(SELECT 'configuration' AS what, sealed FROM cpa_config ORDER BY version DESC LIMIT 1)
  UNION ALL (SELECT 'accounts', sealed FROM cpa_account ORDER BY file_name LIMIT 1) LIMIT 1`;

/** What is wrong with the key, in a sentence; undefined where it fits, or nothing is there yet. Throws PostgresFailure. */
export async function keyProblem(
  { transaction }: Pick<Postgres, 'transaction'>,
  encryption: Encryption,
): Promise<string | undefined> {
  const [found] = await transaction((inside) => inside.rows(kept, newest));
  const opened = found && (await encryption.open(found.sealed));
  return opened?.ok === false ? unreadable(found?.what ?? '', opened.message) : undefined;
}

export const unreadable = (what: string, why: string): string =>
  `the ${what} of the cluster cannot be read: ${why}`;
