/** Notices edits of the files that links among the account files point to: the directory of the links sees none of them. */
import { type FSWatcher, watch } from 'node:fs';
import { readlink, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { concerns, type Place, placesOnTheWay } from '../config/file-way.ts';

export interface LinkWatch {
  /** To be called before the file is read: what changes behind it from then on is noticed. Costs a file that is no link nothing. */
  follow(file: string): Promise<void>;
  close(): void;
}

interface Watched {
  watcher: FSWatcher;
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
    watched.watcher.close();
    directories.delete(identity);
  }

  function open(identity: string, directory: string): Watched | undefined {
    const files = new Map<string, Place>();
    try {
      const watcher = watch(directory, { persistent: false }, (_, name) => {
        for (const [file, place] of files) if (concerns(place, name)) onEvent(file);
      });
      const watched = { watcher, files };
      watcher.on('error', () => {
        watcher.close();
        if (directories.get(identity) === watched) directories.delete(identity);
      });
      directories.set(identity, watched);
      return watched;
    } catch {
      // It is gone, or one watch too many for the system: the regular look sees what changes.
      return undefined;
    }
  }

  return {
    async follow(file) {
      const isLink = (await readlink(file).catch(() => undefined)) !== undefined;
      const places = isLink ? await placesOnTheWay(file) : new Map<string, Place>();
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
      for (const { watcher } of directories.values()) watcher.close();
      directories.clear();
    },
  };
}
