/** How much of a directory log files may take: the oldest go first. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Removes the oldest log files until those that are left come to no more; the one that is being written stays. */
export function keepWithin(directory: string, mostBytes: number, kept?: string): void {
  const files = readdirSync(directory)
    .filter((name) => name.endsWith('.log') && name !== kept)
    .flatMap((name) => {
      const path = join(directory, name);
      try {
        const { size, mtimeMs } = statSync(path);
        return [{ path, size, mtimeMs }];
      } catch {
        return []; // Another has removed it.
      }
    })
    .sort((a, b) => b.mtimeMs - a.mtimeMs);
  let bytes = 0;
  for (const { path, size } of files) {
    bytes += size;
    if (bytes > mostBytes) rmSync(path, { force: true });
  }
}
