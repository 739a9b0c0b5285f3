/** The text of an account in Postgres: opened, and changed without undoing what somebody else changes. */
import { join } from 'node:path';
import type { ChangedContent } from '../../../accounts/account-content.ts';
import { problemOf } from '../../../accounts/account-content.ts';
import { parseAccount } from '../../../accounts/account-file.ts';
import type { AccountProblem } from '../../../accounts/account-problem.ts';
import type { Encryption } from '../../../accounts/encryption.ts';
import type { FilesDeps, ReadAccount } from '../../../accounts/locked-account.ts';
import { reasonOf } from '../../../ground/reason.ts';
import type { Postgres } from '../connection.ts';
import { isAway } from '../failure.ts';
import { type AccountRow, type Replacing, rowOf, writeText } from './account-table.ts';

export interface RowsDeps extends Pick<FilesDeps, 'now' | 'renewals' | 'unwritten' | 'onWrite'> {
  postgres: Postgres;
  encryption: Encryption;
  /** What the names of accounts are put behind, for the rest of the program; there are no files in it. */
  directory: string;
  /** The directory of this replica's own journals. */
  spool: string;
  /** The last that was read of each account, by its name: what a replica without Postgres goes on with. */
  known: Map<string, AccountRow>;
}

export const pathOf = ({ directory }: Pick<RowsDeps, 'directory'>, name: string): string =>
  join(directory, name);

/** Distinguishes contents, as the digest of a file does. */
export const digestOfRow = ({ id, version }: Pick<AccountRow, 'id' | 'version'>): string =>
  `${id} ${version}`;

/** The problem that an error of Postgres is; throws on what is another. */
export function rowProblem(file: string, error: unknown): AccountProblem {
  if (isAway(error))
    return problemOf(
      file,
      'away',
      'Postgres, which keeps the accounts, cannot be reached; it is tried again',
    );
  const words = reasonOf(error);
  return problemOf(file, 'unwritable', `Postgres refuses: ${words}`);
}

export const goneProblem = (file: string): AccountProblem =>
  problemOf(file, 'gone', 'there is no such account');

export type OpenedRow = { ok: true; text: string; current: boolean } | { ok: false; problem: AccountProblem };

export async function openRow(row: AccountRow, deps: RowsDeps): Promise<OpenedRow> {
  const opened = await deps.encryption.open(row.sealed);
  if (opened.ok) return opened;
  return { ok: false, problem: problemOf(pathOf(deps, row.file_name), 'encrypted', opened.message) };
}

/** The account in a row; `renewed` gives another text for its text. */
export async function readRow(
  row: AccountRow,
  deps: RowsDeps,
  renewed?: (text: string) => string | undefined,
): Promise<ReadAccount> {
  deps.known.set(row.file_name, row);
  const digest = digestOfRow(row);
  const opened = await openRow(row, deps);
  if (!opened.ok) return { ...opened, digest };
  const text = renewed?.(opened.text) ?? opened.text;
  return { ...parseAccount(pathOf(deps, row.file_name), text), digest };
}

/** Looks at the newest text this often before it gives up: each time somebody else was faster. */
const tries = 50;

export interface RowChange {
  /** The new text for the newest; undefined leaves it alone. */
  apply: (text: string) => string | undefined;
  replacing: (row: AccountRow) => Replacing;
  /** Also writes an unchanged text that is not encrypted as it now should be. */
  reseal?: boolean;
  /** A refresh of this process writes it: no news to its own watch. */
  own?: boolean;
}

/** Changes the newest text of an account. Throws PostgresFailure. */
export async function changeRow(name: string, change: RowChange, deps: RowsDeps): Promise<ChangedContent> {
  const { postgres, encryption, known, onWrite } = deps;
  const path = pathOf(deps, name);
  for (let turn = 0; turn < tries; turn++) {
    const row = await rowOf(postgres, name);
    if (row === undefined) return { ok: false, problem: goneProblem(path) };
    const opened = await openRow(row, deps);
    if (!opened.ok) return opened;
    const { text, current } = opened;
    const next = change.apply(text) ?? (change.reseal && !current ? text : undefined);
    if (next === undefined || (next === text && !(change.reseal && !current))) {
      known.set(name, row);
      return { ok: true, text, written: false };
    }
    const sealed = await encryption.seal(next);
    if (change.own) onWrite(path, digestOfRow({ id: row.id, version: row.version + 1 }));
    const written = await writeText(postgres, row, sealed, change.replacing(row));
    if (written === undefined) continue;
    known.set(name, written);
    return { ok: true, text: next, written: true };
  }
  return { ok: false, problem: problemOf(path, 'busy', 'others change the account all the time; try again') };
}
