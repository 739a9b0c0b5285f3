/** How much of a directory log files may take: the oldest go first. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Removes the oldest log files until those that are left come to no more; the one that is being written stays. */
export function keepWithin(directory: string, mostBytes: number, kept?: string): void {
  let bytes = 0;
  for (const { path, size } of newestFirst(directory, (name) => name !== kept)) {
    bytes += size;
    if (bytes > mostBytes) rmSync(path, { force: true });
  }
}

/** Removes the oldest of the log files whose names begin so, until no more than `most` are left. */
export function keepNewest(directory: string, prefix: string, most: number): void {
  const files = newestFirst(directory, (name) => name.startsWith(prefix));
  for (const { path } of files.slice(most)) rmSync(path, { force: true });
}

function newestFirst(directory: string, counts: (name: string) => boolean) {
  return (
    readdirSync(directory)
      .filter((name) => name.endsWith('.log') && counts(name))
      .flatMap((name) => {
        const path = join(directory, name);
        try {
          const { size, mtimeMs } = statSync(path);
          return [{ path, size, mtimeMs }];
        } catch {
          return []; // Another has removed it.
        }
      })
      // File systems count in milliseconds, some in four: of the same one the names have the order, which begin alike and have the request's time.
      .sort((a, b) => b.mtimeMs - a.mtimeMs || (a.path < b.path ? 1 : -1))
  );
}
