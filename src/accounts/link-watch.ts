/** Notices edits of the files that links among the account files point to: the directory of the links sees none of them. */
import { readlink, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { concerns, type Place, symlinkChain } from '../config/symlink-chain.ts';
import { watchDirectory } from '../ground/directory-watch.ts';

export interface LinkWatch {
  /** To be called before the file is read: what changes behind it from then on is noticed. Costs a file that is no link nothing. */
  follow(file: string): Promise<void>;
  close(): void;
}

interface Watched {
  stop: () => void;
  /** What is of interest in the directory, by the account file. */
  files: Map<string, Place>;
}

/** `onEvent`: the content behind this account file may be another one. */
export function watchLinks(onEvent: (file: string) => void): LinkWatch {
  /** By identity of the directory. */
  const directories = new Map<string, Watched>();
  let closed = false;

  function leave(identity: string, watched: Watched, file: string): void {
    watched.files.delete(file);
    if (watched.files.size > 0) return;
    watched.stop();
    directories.delete(identity);
  }

  function open(identity: string, directory: string): Watched | undefined {
    const files = new Map<string, Place>();
    const stop = watchDirectory(
      directory,
      (name) => {
        for (const [file, place] of files) if (concerns(place, name)) onEvent(file);
      },
      () => {
        if (directories.get(identity)?.files === files) directories.delete(identity);
      },
    );
    // The regular look sees what changes.
    if (stop === undefined) return undefined;
    const watched = { stop, files };
    directories.set(identity, watched);
    return watched;
  }

  return {
    async follow(file) {
      const isLink = (await readlink(file).catch(() => undefined)) !== undefined;
      const places = isLink ? await symlinkChain(file) : new Map<string, Place>();
      const own = isLink ? await realpath(dirname(file)).catch(() => undefined) : undefined;
      if (closed) return;
      for (const [identity, watched] of directories)
        if (!places.has(identity)) leave(identity, watched, file);
      for (const [identity, place] of places) {
        if (place.directory === own) continue;
        const watched = directories.get(identity) ?? open(identity, place.directory);
        watched?.files.set(file, place);
      }
    },
    close() {
      closed = true;
      for (const { stop } of directories.values()) stop();
      directories.clear();
    },
  };
}
