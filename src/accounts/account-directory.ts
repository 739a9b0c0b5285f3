/** Which files of a directory are accounts. */
import { readdir } from 'node:fs/promises';
import { fileProblem } from './account-content.ts';
import type { AccountProblem } from './account-problem.ts';

/** Whether a name in the directory is that of an account file: hidden files are locks, journals and half-written ones. */
export function isAccountFile(name: string): boolean {
  return name.endsWith('.json') && !name.startsWith('.');
}

/** Their names, in order; none where there is no directory. */
export async function accountFilesIn(
  directory: string,
): Promise<{ ok: true; files: string[] } | { ok: false; problem: AccountProblem }> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    const files = entries.filter(
      (entry) => isAccountFile(entry.name) && (entry.isFile() || entry.isSymbolicLink()),
    );
    return { ok: true, files: files.map(({ name }) => name).sort() };
  } catch (error) {
    const problem = fileProblem(directory, 'unreadable', error);
    return problem.reason === 'gone' ? { ok: true, files: [] } : { ok: false, problem };
  }
}
