/** What an owner does to account files from outside a login: reads them, changes his own fields, puts files in their place. */
import { join } from 'node:path';
import {
  type ChangedContent,
  type ContentDeps,
  changeContent,
  fileProblem,
  readContent,
} from './account-content.ts';
import type { AccountProblem } from './account-problem.ts';
import { fileBehind, makePrivateDirectory, writeAtomically } from './atomic-write.ts';
import type { Locked, LockedFile } from './locked-account.ts';
import type { Renewals } from './renewals.ts';
import { removeJournal } from './reply-journal.ts';

export interface OwnerEdits {
  /** The file's text, decrypted. */
  text(file: string): Promise<{ ok: true; text: string } | { ok: false; problem: AccountProblem }>;
  /**
   * Changes the newest text of the file, taking its lock. What `apply` leaves undefined stays; other programs' changes
   * meanwhile are not lost.
   */
  changeText(file: string, apply: (text: string) => string | undefined): Promise<ChangedContent>;
  /** Writes a whole file (0600, atomically, encrypted where files are), in the place of one that has the name. */
  put(file: string, text: string): Promise<AccountProblem | undefined>;
}

interface EditDeps extends ContentDeps {
  directory: string;
  renewals: Pick<Renewals, 'forget'>;
  underLock: <T>(file: string, action: (file: LockedFile) => Promise<T>) => Promise<Locked<T>>;
}

export function ownerEdits(deps: EditDeps): OwnerEdits {
  const { directory, encryption, renewals, underLock } = deps;
  return {
    async text(file) {
      const read = await readContent(join(directory, file), deps);
      return read.ok ? { ok: true, text: read.content.text } : read;
    },
    async changeText(file, apply) {
      const locked = await underLock(file, ({ path }) => changeContent(path, { apply }, deps));
      return locked.ok ? locked.value : locked;
    },
    async put(file, text) {
      const wanted = join(directory, file);
      try {
        await makePrivateDirectory(directory);
      } catch (error) {
        return fileProblem(directory, 'unwritable', error);
      }
      const locked = await underLock(file, async ({ path, target }) => {
        try {
          await writeAtomically(await fileBehind(path), await encryption.seal(text));
        } catch (error) {
          return fileProblem(path, 'unwritable', error);
        }
        // Tokens that were renewed for the file before do not belong to this one.
        renewals.forget(path);
        await removeJournal(target);
        return undefined;
      });
      return locked.ok ? locked.value : { ...locked.problem, file: wanted };
    },
  };
}
