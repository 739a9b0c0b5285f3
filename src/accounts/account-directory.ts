/** Which files of a directory are accounts. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileProblem } from './account-content.ts';
import type { AccountProblem } from './account-problem.ts';

/** Where Claude Code keeps its login: hidden, and put here by people who mean it to be used. */
const claudeCodeFile = '.credentials.json';

/** Whether a name in the directory is that of an account file: other hidden files are locks, journals and half-written ones. */
export function isAccountFile(name: string): boolean {
  return /\.json$/i.test(name) && (!name.startsWith('.') || name === claudeCodeFile);
}

export type FileNames = { ok: true; files: string[] } | { ok: false; problem: AccountProblem };

/** Their names, in order; none where there is no directory. */
export async function accountFilesIn(directory: string): Promise<FileNames> {
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

/** A problem for each directory below in which there are account files: they are not read there. */
export async function unreadDirectories(directory: string): Promise<AccountProblem[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const problems: AccountProblem[] = [];
  for (const entry of entries) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
    const file = join(directory, entry.name);
    const inside = await readdir(file).catch(() => []);
    const count = inside.filter(isAccountFile).length;
    if (count > 0)
      problems.push({
        file,
        reason: 'invalid',
        message: `${entry.name}: ${count === 1 ? 'a .json file' : `${count} .json files`} in a directory below are not read; move them up into ${directory}`,
      });
  }
  return problems;
}
