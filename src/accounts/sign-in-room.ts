/** Room for the file of a login, taken before somebody signs in: on a full disk, or one that is read-only, nobody is asked to. */
import { randomBytes } from 'node:crypto';
import { rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from '../ground/error-code.ts';
import { reasonOf } from '../ground/reason.ts';
import type { AccountProblem } from './account-problem.ts';
import { makePrivateDirectory, temporaryFile, writeNewFile } from './atomic-write.ts';

export type SignInRoom =
  /**
   * `release` gives the room back, to be written into at once or because the login has come to nothing. Called again, it does
   * nothing. Never rejects.
   */
  { ok: true; release(): Promise<void> } | { ok: false; problem: AccountProblem };

/** Where a login would be no file, as in a cluster's store. */
export const noRoomNeeded: SignInRoom = { ok: true, release: () => Promise.resolve() };

/** Bytes: the file of a login, its lock, and the directory's own blocks. */
const usualRoom = 64 * 1024;

/** Its file is a temporary one like those of writers: what a crash leaves of it is cleared away as those are. */
export async function takeSignInRoom(directory: string): Promise<SignInRoom> {
  const path = temporaryFile(join(directory, 'sign-in'));
  let made: string | undefined;
  let released: Promise<void> | undefined;
  async function remove(): Promise<void> {
    await rm(path, { force: true }).catch(() => undefined);
    if (made !== undefined) await removeEmpty(directory, made);
  }
  try {
    made = await makePrivateDirectory(directory);
    // Blocks are taken where there is something in them.
    await writeNewFile(path, randomBytes(usualRoom));
    return {
      ok: true,
      release() {
        released ??= remove();
        return released;
      },
    };
  } catch (error) {
    await remove();
    const why =
      errorCode(error) === 'EEXIST'
        ? 'it is a file, or a symbolic link that leads to no directory'
        : reasonOf(error);
    const message = `auth-dir ${directory}: no account can be saved there: ${why}`;
    return { ok: false, problem: { file: directory, reason: 'unwritable', message } };
  }
}

/** Takes directories away again that were made for the room, from the innermost to the `first` of them, unless something is in them. */
async function removeEmpty(directory: string, first: string): Promise<void> {
  try {
    for (let at = directory; at.startsWith(first); at = dirname(at)) await rmdir(at);
  } catch {
    // Somebody uses it by now.
  }
}
