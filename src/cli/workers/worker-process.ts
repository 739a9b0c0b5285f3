/** A worker as a process. */
import { ownProgram } from '../own-program.ts';
import type { Worker, WorkerEnd } from './supervision.ts';
import type { WorkerReady } from './worker-link.ts';
import { workerVariable } from './worker-place.ts';

/** Starts `serve` with these arguments as the worker `number`; `onReady` gets its report when it serves. */
export function startWorker(
  number: number,
  args: readonly string[],
  onReady: (said: WorkerReady) => void,
): Worker {
  const ready = Promise.withResolvers<boolean>();
  const child = Bun.spawn([ownProgram(), 'serve', ...args], {
    env: { ...process.env, [workerVariable]: String(number) },
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
    // Ctrl-C at a terminal goes to the parent alone, which stops its workers once.
    detached: true,
    ipc(said: WorkerReady) {
      onReady(said);
      ready.resolve(true);
    },
  });
  const ended = child.exited.then((code): WorkerEnd => {
    ready.resolve(false);
    return { code, how: child.signalCode === null ? `exit code ${code}` : String(child.signalCode) };
  });
  return { ready: ready.promise, ended, stop: () => child.kill('SIGTERM') };
}
