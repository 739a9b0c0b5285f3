/** A socket in the `auth-dir` by which the owner's own commands reach a running gateway: no key, since only its owner can open it. */
import { chmod, rm, stat } from 'node:fs/promises';
import { makePrivateDirectory } from '../accounts/atomic-write.ts';
import { controlSocketPath } from '../accounts/control-path.ts';
import type { Log } from '../telemetry/log.ts';

export interface ControlSocket {
  /**
   * Listens in this directory from now on, once it is there. A socket that another gateway left or holds there is taken
   * over.
   */
  configure(directory: string): Promise<void>;
  /** There is something to ask about: makes the directory if need be. */
  wanted(): void;
  close(): Promise<void>;
}

export function controlSocket(handle: (request: Request) => Response, log: Log): ControlSocket {
  let open: { path: string; inode: number; server: Bun.Server<undefined> } | undefined;
  let opening: Promise<void> | undefined;
  let directory: string | undefined;

  async function close(): Promise<void> {
    const closing = open;
    open = undefined;
    if (closing === undefined) return;
    // A gateway that came later has a socket of its own in this place.
    const ours = (await inodeOf(closing.path)) === closing.inode;
    await closing.server.stop(true);
    if (ours) await rm(closing.path, { force: true });
  }

  async function listen(path: string, wanted: string): Promise<void> {
    try {
      await makePrivateDirectory(wanted);
      await rm(path, { force: true });
      const server = Bun.serve({ unix: path, fetch: handle });
      await chmod(path, 0o600);
      open = { path, inode: (await inodeOf(path)) ?? 0, server };
    } catch (error) {
      log.debug('no control socket', { path, error: String(error) });
    }
  }

  return {
    async close() {
      directory = undefined;
      await opening;
      await close();
    },
    async configure(next) {
      if (next === directory) return;
      await opening;
      await close();
      directory = next;
      opening = undefined;
      if ((await inodeOf(next)) !== undefined) this.wanted();
      await opening;
    },
    wanted() {
      if (opening !== undefined || directory === undefined) return;
      const path = controlSocketPath(directory);
      opening = path === undefined ? Promise.resolve() : listen(path, directory);
    },
  };
}

async function inodeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.ino;
}
