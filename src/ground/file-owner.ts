/** Whose a file is, where that keeps this program from it: volumes of containers are often root's. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';

/**
 * What to do about a file or directory of another user's that may not be read or written here; undefined where it is ours, or may be
 * used all the same. A sentence without a full stop.
 */
export async function foreignOwner(path: string): Promise<string | undefined> {
  const own = process.getuid?.();
  const group = process.getgid?.();
  const found = await stat(path).catch(() => undefined);
  if (own === undefined || group === undefined || found === undefined || found.uid === own) return undefined;
  const wanted = constants.R_OK | (found.isDirectory() ? constants.W_OK | constants.X_OK : constants.R_OK);
  const usable = await access(path, wanted).then(
    () => true,
    () => false,
  );
  return usable
    ? undefined
    : `it belongs to user ${found.uid}, and this program runs as user ${own}: chown -R ${own}:${group} gives it away (a volume of a container: on its host), or run the program as user ${found.uid}`;
}
