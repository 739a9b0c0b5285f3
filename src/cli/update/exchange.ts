/** One executable in the place of another: at every moment there is a whole one. */
import { copyFileSync, existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { chmod, open } from 'node:fs/promises';
import { Failure } from '../failure.ts';

/** Where the one before is kept. */
export const previousOf = (program: string): string => `${program}.previous`;

/**
 * Puts the content in the program's place; the one before stays beside it. `starts` is asked about the whole new file
 * before: where it throws, nothing has changed. Throws a {@link Failure} where the directory cannot be written.
 */
export async function exchange(
  program: string,
  content: Uint8Array,
  starts: (next: string) => void = () => {},
): Promise<void> {
  const next = `${program}.next${process.platform === 'win32' ? '.exe' : ''}`;
  try {
    rmSync(next, { force: true });
    await writeProgram(next, content);
    starts(next);
    keepPrevious(program);
    renameSync(next, program);
  } catch (error) {
    rmSync(next, { force: true });
    if (error instanceof Failure) throw error;
    throw new Failure('failure', `${program} cannot be replaced: ${String(error)}`, 'Run it as its owner.');
  }
}

async function writeProgram(path: string, content: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o755);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(path, 0o755);
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
