/** The `auth-dir` that is this gateway's alone, from its start to its end. */
import { directoryProblem } from '../accounts/atomic-write.ts';
import type { Log } from '../telemetry/log.ts';
import { AuthDirInUse } from './auth-dir-in-use.ts';
import { type AuthDirLock, lockAuthDir, sameDirectory } from './auth-dir-lock.ts';

export interface AuthDirHold {
  /** Why the directory cannot be had: it is another gateway's. Waits for one that is stopping. */
  refusal(directory: string): Promise<string | undefined>;
  /** Takes the directory, has it used, and then lets go of the one before. Throws AuthDirInUse. */
  take(directory: string, use: () => Promise<void>): Promise<void>;
  release(): Promise<void>;
}

export function authDirHold(log: Log): AuthDirHold {
  let held: { directory: string; lock: AuthDirLock } | undefined;
  const holds = (directory: string) => held !== undefined && sameDirectory(held.directory, directory);
  return {
    async refusal(directory) {
      if (holds(directory)) return undefined;
      try {
        await (await lockAuthDir(directory, log)).release();
        return undefined;
      } catch (error) {
        if (error instanceof AuthDirInUse) return `auth-dir: ${error.message}`;
        throw error;
      }
    },
    async take(directory, use) {
      if (holds(directory)) return use();
      const before = held;
      held = { directory, lock: await lockAuthDir(directory, log) };
      const problem = await directoryProblem(directory);
      if (problem !== undefined) log.warn(problem);
      await use();
      await before?.lock.release();
    },
    release: async () => held?.lock.release(),
  };
}
