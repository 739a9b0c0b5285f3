/** One executable in the place of another: at every moment there is a whole one. */
import { copyFileSync, existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { chmod, open } from 'node:fs/promises';
import { Failure } from '../failure.ts';

/** Where the one before is kept. */
export const previousOf = (program: string): string => `${program}.previous`;

/** Puts the content in the program's place; the one before stays beside it. Throws what the file system throws. */
export async function exchange(program: string, content: Uint8Array): Promise<void> {
  const next = `${program}.next`;
  rmSync(next, { force: true });
  const file = await open(next, 'wx', 0o755);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(next, 0o755);
  keepPrevious(program);
  renameSync(next, program);
}

/** Puts the one before back; what is there now becomes the one before. */
export function rollBack(program: string): void {
  const previous = previousOf(program);
  if (!existsSync(previous))
    throw new Failure('failure', `there is no version before this one beside ${program}`);
  const aside = `${program}.next`;
  rmSync(aside, { force: true });
  copyFileSync(program, aside);
  renameSync(previous, program);
  renameSync(aside, previous);
}

/** A second name for the same file costs nothing; Windows lets a running program be renamed, but not replaced. */
function keepPrevious(program: string): void {
  const previous = previousOf(program);
  rmSync(previous, { force: true });
  if (process.platform === 'win32') renameSync(program, previous);
  else linkSync(program, previous);
}
