/** How this program is started, by what starts it again: a service manager, the parent of workers. */
import { join } from 'node:path';

/** The executable itself, or the script that starts it from a checkout. */
export function ownProgram(): string {
  const inside = import.meta.path.startsWith('/$bunfs/') || import.meta.path.includes('~BUN');
  if (inside) return process.execPath;
  const at = import.meta.dir.lastIndexOf(join('src', 'cli'));
  const bundled = import.meta.dir.lastIndexOf('node_modules');
  const root = at >= 0 ? import.meta.dir.slice(0, at) : import.meta.dir.slice(0, bundled);
  return join(root, 'bin/cli-proxy-api');
}
