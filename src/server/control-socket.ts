/** A socket in the `auth-dir` by which the owner's own commands reach a running gateway: no key, since only its owner can open it. */
import { chmod, rm, stat } from 'node:fs/promises';
import { makePrivateDirectory } from '../accounts/atomic-write.ts';
import { controlSocketPath } from '../accounts/control-path.ts';
import type { Log } from '../telemetry/log.ts';

export interface ControlSocket {
  /**
   * Listens in this directory from now on, and makes it where it is not there. The directory is this gateway's: a socket that
   * another one left there gives way.
   */
  configure(directory: string): Promise<void>;
  close(): Promise<void>;
}

export function controlSocket(handle: (request: Request) => Promise<Response>, log: Log): ControlSocket {
  let open: { path: string; inode: number; server: Bun.Server<undefined> } | undefined;
  let directory: string | undefined;

  async function close(): Promise<void> {
    const closing = open;
    open = undefined;
    if (closing === undefined) return;
    // Where the directory could not be locked, a gateway that came later has a socket of its own in this place.
    const ours = (await inodeOf(closing.path)) === closing.inode;
    await closing.server.stop(true);
    if (ours) await rm(closing.path, { force: true });
  }

  async function listen(path: string, inside: string): Promise<void> {
    try {
      await makePrivateDirectory(inside);
      await rm(path, { force: true });
      const server = privately(() => Bun.serve({ unix: path, fetch: handle }));
      await chmod(path, 0o600);
      open = { path, inode: (await inodeOf(path)) ?? 0, server };
    } catch (error) {
      log.debug('no control socket', { path, error: String(error) });
    }
  }

  return {
    close,
    async configure(next) {
      if (next === directory) return;
      await close();
      directory = next;
      const path = controlSocketPath(next);
      if (path !== undefined) await listen(path, next);
    },
  };
}

/** What is made meanwhile is its owner's alone from the first moment on. */
function privately<T>(make: () => T): T {
  const before = process.umask(0o177);
  try {
    return make();
  } finally {
    process.umask(before);
  }
}

async function inodeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.ino;
}
