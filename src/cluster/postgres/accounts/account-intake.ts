/**
 * Account files on their way into the cluster: each content is taken in once, by whose login it is, so that no restart and no second
 * copy brings back a token that was spent since.
 */

import { rename, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Account } from '../../../accounts/account.ts';
import { parseAccount } from '../../../accounts/account-file.ts';
import { placeOf, type TakenIn } from '../../../accounts/account-move.ts';
import { accountFileName, freeFileName } from '../../../accounts/account-name.ts';
import { createAccountStore } from '../../../accounts/account-store.ts';
import { watchAccounts } from '../../../accounts/account-watch.ts';
import type { Encryption } from '../../../accounts/encryption.ts';
import type { Clock } from '../../../ground/clock.ts';
import { accountProviders } from '../../../providers/registry.ts';
import type { Log } from '../../../telemetry/log.ts';
import type { Postgres, Statements } from '../connection.ts';
import { allRows, lockSignIns, noteTaken, putRow, versions } from './account-table.ts';
import { rowProblem } from './row-content.ts';

export interface IntakeDeps {
  postgres: Postgres;
  encryption: Encryption;
}

/** Takes one account in; `text` is the decrypted content of `file`. */
export async function takeAccountIn(
  file: string,
  text: string,
  { postgres, encryption }: IntakeDeps,
): Promise<TakenIn> {
  const parsed = parseAccount(file, text);
  if (!parsed.ok) return parsed;
  const { account } = parsed;
  const sealed = await encryption.seal(text);
  const { identity } = accountProviders[account.kind];

  async function inside(on: Statements): Promise<TakenIn> {
    await lockSignIns(on);
    const isNews = await noteTaken(on, text);
    const place = placeOf(account, await accountsIn(on, encryption));
    if (place.kind === 'kept') return { ok: true, ...place };
    // Its tokens may be spent where the account is there; whose login has no name may be any that is there.
    const mayBeThere = place.kind === 'updated' || identity(account.facts) === undefined;
    if (!isNews && mayBeThere) return { ok: true, kind: 'kept', name: undefined };
    if (place.kind === 'updated') {
      await putRow(on, { kind: account.kind, file_name: place.name, sealed });
      return { ok: true, ...place };
    }
    const taken = new Set((await versions(on)).map(({ file_name }) => file_name));
    const name = freeFileName(wantedName(account), taken);
    await putRow(on, { kind: account.kind, file_name: name, sealed });
    return { ok: true, kind: 'added', name };
  }

  try {
    return await postgres.transaction(inside);
  } catch (error) {
    return { ok: false, problem: rowProblem(file, error) };
  }
}

/** A name that people gave stays. */
function wantedName(account: Account): string {
  const name = basename(account.file);
  if (!name.startsWith('.')) return name;
  const { identity } = accountProviders[account.kind];
  return accountFileName(account.kind, identity(account.facts) ?? account.id);
}

async function accountsIn(on: Statements, encryption: Encryption): Promise<Account[]> {
  const accounts: Account[] = [];
  for (const row of await allRows(on)) {
    const opened = await encryption.open(row.sealed);
    const parsed = opened.ok ? parseAccount(row.file_name, opened.text) : undefined;
    if (parsed?.ok) accounts.push(parsed.account);
  }
  return accounts;
}

export interface IntakeOptions extends IntakeDeps {
  /** The `auth-dir`, where people put files. */
  directory: string;
  now: Clock['now'];
  log: Pick<Log, 'info' | 'warn'>;
}

export interface AccountIntake {
  /** What was there at the start is in the cluster. */
  ready: Promise<void>;
  /** Looks at all files again, as when Postgres is back. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Takes in whatever account file is put into the directory, and renames it to `*.imported`. */
export async function watchIntake(options: IntakeOptions): Promise<AccountIntake> {
  const { directory, encryption, now, log } = options;
  const files = createAccountStore({ directory, encryption, now });
  /** Files that could not be imported, or not renamed, with their errors. */
  const warned = new Map<string, string>();
  /** What waits for Postgres. */
  const waiting = new Set<string>();
  let turn = Promise.resolve();

  function say(file: string, sentence: string): void {
    if (warned.get(file) === sentence) return;
    warned.set(file, sentence);
    log.warn(sentence, { file });
  }

  async function take(file: string): Promise<void> {
    const read = await files.text(basename(file));
    if (!read.ok) return;
    const result = await takeAccountIn(file, read.text, options);
    if (!result.ok) {
      if (result.problem.reason === 'away') waiting.add(file);
      return say(file, `not taken into the cluster: ${result.problem.message}`);
    }
    waiting.delete(file);
    try {
      await rename(file, await importedName(file));
    } catch (error) {
      return say(
        file,
        `${basename(file)} is in the cluster and could not be renamed to *.imported: ${String(error)}. It is not read again.`,
      );
    }
    if (result.kind === 'kept')
      log.info('an account file brought nothing new to the cluster, and was renamed', { file });
    else log.info('an account file was taken into the cluster, and renamed', { file, account: result.name });
  }

  const serially = (file: string): Promise<void> => {
    turn = turn.then(() => take(file));
    return turn;
  };
  // Tokens that a process without a cluster had renewed and not written yet.
  await files.recover();
  const watch = watchAccounts(files, {
    onChange: (change) => {
      if (change.type !== 'removed') void serially(change.account.file);
    },
    onProblem: ({ file, message }) => say(file, message),
  });
  return {
    ready: watch.ready.then(() => turn),
    async check() {
      await watch.check();
      await Promise.all([...waiting].map(serially));
    },
    async close() {
      await watch.close();
      await turn;
    },
  };
}

async function importedName(file: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? `${file}.imported` : `${file}.imported-${number}`;
    if ((await stat(name).catch(() => undefined)) === undefined) return name;
  }
}
