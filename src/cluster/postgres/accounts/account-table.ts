/** The table of accounts, a function a statement. All throw PostgresFailure. Times are the server's: replicas' clocks may differ. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Statements } from '../connection.ts';

const integer = z.coerce.number().int();

const accountRow = z.object({
  id: z.string(),
  file_name: z.string(),
  /** The text of the account, as an encrypted file has it. */
  sealed: z.string(),
  /** Grows with each change of the text. */
  version: integer,
  /** Grows with each lease, and with each change that ends one. */
  fence: integer,
  /** A reply of a token endpoint that is not in the text yet, encrypted. */
  journal: z.string().nullable(),
});

export type AccountRow = z.infer<typeof accountRow>;

const columns = 'id, file_name, sealed, version, fence, journal';

export async function allRows(on: Statements): Promise<AccountRow[]> {
  return on.rows(accountRow, `SELECT ${columns} FROM cpa_account ORDER BY file_name`);
}

export async function rowOf(on: Statements, fileName: string): Promise<AccountRow | undefined> {
  return (
    await on.rows(accountRow, `SELECT ${columns} FROM cpa_account WHERE file_name = $1`, [fileName])
  )[0];
}

const versionRow = z.object({ file_name: z.string(), id: z.string(), version: integer });

/** What is there, without its content. */
export async function versions(on: Statements): Promise<z.infer<typeof versionRow>[]> {
  return on.rows(versionRow, 'SELECT file_name, id, version FROM cpa_account');
}

/** Names of the accounts with a reply that is not in their text, and without a holder. */
export async function journaled(on: Statements): Promise<string[]> {
  const rows = await on.rows(
    z.object({ file_name: z.string() }),
    'SELECT file_name FROM cpa_account WHERE journal IS NOT NULL AND lease_until < clock_timestamp()',
  );
  return rows.map(({ file_name }) => file_name);
}

export interface LeaseTimes {
  /** Milliseconds that a lease lasts unless it is renewed. */
  lease: number;
  /**
   * Milliseconds after a lease ran out while a refresh token was being spent, in which its holder may still bring the reply: it
   * was stopped, or Postgres was away. Then it counts as dead, and the token is tried once more.
   */
  uncertain: number;
}

/** Takes the lease of an account without a holder; undefined where it has one, or there is no such account. */
export async function takeLease(
  on: Statements,
  fileName: string,
  holder: string,
  { lease, uncertain }: LeaseTimes,
): Promise<AccountRow | undefined> {
  const rows = await on.rows(
    accountRow,
    `UPDATE cpa_account SET holder = $2, lease_until = clock_timestamp() + $3 * interval '1 ms',
       fence = fence + 1, spending = false
     WHERE file_name = $1 AND lease_until < clock_timestamp() AND (NOT spending
       OR greatest(lease_until, pg_postmaster_start_time()) + $4 * interval '1 ms' < clock_timestamp())
     RETURNING ${columns}`,
    [fileName, holder, lease, uncertain],
  );
  return rows[0];
}

/** Makes a lease last anew; false where it is another's, or was ended. */
export async function renewLease(
  on: Statements,
  { id, fence }: Pick<AccountRow, 'id' | 'fence'>,
  { lease }: LeaseTimes,
  spends: boolean,
): Promise<boolean> {
  const changed = await on.run(
    `UPDATE cpa_account SET lease_until = clock_timestamp() + $3 * interval '1 ms', spending = spending OR $4
     WHERE id = $1 AND fence = $2 AND lease_until > clock_timestamp()`,
    [id, fence, lease, spends],
  );
  return changed > 0;
}

export async function releaseLease(
  on: Statements,
  { id, fence }: Pick<AccountRow, 'id' | 'fence'>,
): Promise<void> {
  await on.run(
    `UPDATE cpa_account SET holder = NULL, lease_until = '-infinity', spending = false WHERE id = $1 AND fence = $2`,
    [id, fence],
  );
}

/** Keeps a reply beside the text; false where the lease is another's by now. */
export async function writeJournal(
  on: Statements,
  { id, fence }: Pick<AccountRow, 'id' | 'fence'>,
  sealed: string,
): Promise<boolean> {
  const changed = await on.run('UPDATE cpa_account SET journal = $3 WHERE id = $1 AND fence = $2', [
    id,
    fence,
    sealed,
  ]);
  return changed > 0;
}

/** What a new text does to a refresh that runs elsewhere, and to a reply that waits. */
export type Replacing =
  /** The text alone: the refresh goes on from it. */
  | 'edit'
  /** Called by the holder of the lease: the reply is in the text. */
  | 'renewal'
  /** Called by a login, or for the reply that is the only valid one: the previous holder loses the lease. */
  | 'takeover';

const also: Record<Replacing, string> = {
  edit: '',
  renewal: ', journal = NULL, spending = false',
  takeover: ", journal = NULL, spending = false, fence = fence + 1, holder = NULL, lease_until = '-infinity'",
};

/** Writes a text in the place of the version that is known; undefined where there is another by now, or another holder. */
export async function writeText(
  on: Statements,
  known: Pick<AccountRow, 'id' | 'version' | 'fence'>,
  sealed: string,
  replacing: Replacing,
): Promise<AccountRow | undefined> {
  const held = replacing === 'renewal' ? ' AND fence = $4' : ' AND $4::bigint IS NOT NULL';
  const rows = await on.rows(
    accountRow,
    `UPDATE cpa_account SET sealed = $3, version = version + 1, updated = clock_timestamp()${also[replacing]}
     WHERE id = $1 AND version = $2${held} RETURNING ${columns}`,
    [known.id, known.version, sealed, known.fence],
  );
  return rows[0];
}

/** Takes a reply away that is no longer wanted: the account has another login. */
export async function dropJournal(
  on: Statements,
  { id }: Pick<AccountRow, 'id'>,
  sealed: string,
): Promise<void> {
  await on.run('UPDATE cpa_account SET journal = NULL WHERE id = $1 AND journal = $2', [id, sealed]);
}

/** Adds an account, or puts one in the place of that which has the name. */
export async function putRow(
  on: Statements,
  row: { kind: string; file_name: string; sealed: string },
): Promise<AccountRow | undefined> {
  const rows = await on.rows(
    accountRow,
    `INSERT INTO cpa_account (id, kind, file_name, sealed) VALUES ($1, $2, $3, $4)
     ON CONFLICT (file_name) DO UPDATE SET kind = excluded.kind, sealed = excluded.sealed,
       version = cpa_account.version + 1, fence = cpa_account.fence + 1, journal = NULL, spending = false,
       holder = NULL, lease_until = '-infinity', updated = clock_timestamp()
     RETURNING ${columns}`,
    [crypto.randomUUID(), row.kind, row.file_name, row.sealed],
  );
  return rows[0];
}

export async function deleteRow(on: Statements, fileName: string): Promise<boolean> {
  return (await on.run('DELETE FROM cpa_account WHERE file_name = $1', [fileName])) > 0;
}

/** Remembers a content that is taken in; false where it was before. */
export async function noteTaken(on: Statements, text: string): Promise<boolean> {
  const sql = 'INSERT INTO cpa_taken (digest) VALUES ($1) ON CONFLICT DO NOTHING';
  return (await on.run(sql, [digestOfText(text)])) > 0;
}

/** This content may be taken in again: the account that has it goes. */
export async function forgetTaken(on: Statements, text: string): Promise<void> {
  await on.run('DELETE FROM cpa_taken WHERE digest = $1', [digestOfText(text)]);
}

const digestOfText = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** Until the transaction ends, no other one adds or signs in to an account, so that two logins of one new account become one. */
export async function lockSignIns(inside: Statements): Promise<void> {
  await inside.run('SELECT pg_advisory_xact_lock($1::int, $2::int)', [0x637061, 2]);
}
