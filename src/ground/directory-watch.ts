/** The one way in which files are watched: by their directory, since a rename leaves a watched file behind unseen. */
import { watch } from 'node:fs';

/**
 * Calls `onEvent` with the name of each entry that comes, changes or goes; null where the system does not report it. `onLost` is called when the
 * directory is no longer watched. Returns what ends it; undefined where the directory is gone, or it would be one watch too many for the
 * system: callers also poll. Keeps no process alive.
 */
export function watchDirectory(
  directory: string,
  onEvent: (name: string | null) => void,
  onLost: () => void,
): (() => void) | undefined {
  try {
    const watcher = watch(directory, { persistent: false }, (_, name) => onEvent(name));
    watcher.on('error', () => {
      watcher.close();
      onLost();
    });
    return () => watcher.close();
  } catch {
    return undefined;
  }
}
