/** An account file from elsewhere on its way to where accounts are kept: once, by whose login it is. */
import { basename } from 'node:path';
import type { Account } from './account.ts';
import { parseAccount } from './account-file.ts';
import { freeFileName } from './account-name.ts';
import type { AccountProblem } from './account-problem.ts';
import type { AccountStore } from './account-store.ts';
import { oneALogin } from './same-login.ts';

export type TakenIn =
  /** `name` is that of the account's file where it is kept. */
  | { ok: true; kind: 'added' | 'updated'; name: string }
  /** Tokens of this login that are as new are there, or this very content was taken in before. */
  | { ok: true; kind: 'kept'; name: string | undefined }
  | { ok: false; problem: AccountProblem };

/** Where an account goes among those that are there: in the place of older tokens of its login, or nowhere beside newer ones. */
export function placeOf(
  account: Account,
  there: readonly Account[],
): { kind: 'added' } | { kind: 'updated' | 'kept'; name: string } {
  const { copies } = oneALogin([...there, account], (one) => one !== account);
  const newer = copies.find((copy) => copy.account === account)?.of;
  if (newer !== undefined) return { kind: 'kept', name: basename(newer.file) };
  const older = copies.find((copy) => copy.of === account)?.account;
  return older === undefined ? { kind: 'added' } : { kind: 'updated', name: basename(older.file) };
}

/** Takes one file into the directory of the store; `text` is its decrypted content. */
export async function takeFileIn(store: AccountStore, file: string, text: string): Promise<TakenIn> {
  const parsed = parseAccount(file, text);
  if (!parsed.ok) return parsed;
  const names = await store.names();
  if (!names.ok) return names;
  const place = placeOf(parsed.account, (await store.list()).accounts);
  if (place.kind === 'kept') return { ok: true, ...place };
  const name = place.kind === 'updated' ? place.name : freeFileName(basename(file), new Set(names.files));
  const problem = await store.put(name, text);
  return problem === undefined ? { ok: true, kind: place.kind, name } : { ok: false, problem };
}
