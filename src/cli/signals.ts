/** How a command that serves ends: in order at the first signal, at once at the second. */
import { type Ending, exitCodes } from './exit-codes.ts';
import { hangUpIgnored } from './hang-up.ts';
import type { Shell } from './shell.ts';

/**
 * What stops a serving process: a service manager's SIGTERM, Ctrl-C at a terminal, and the end of that terminal, unless the
 * process was started to outlive it, as by `nohup`.
 */
const stopSignals: readonly NodeJS.Signals[] = hangUpIgnored()
  ? ['SIGTERM', 'SIGINT']
  : ['SIGTERM', 'SIGINT', 'SIGHUP'];

interface StoppedBy {
  /** Also used for signals. */
  also?: Promise<void>;
  /** What SIGHUP means where it does not stop. */
  hangUp?: (() => void) | undefined;
  /** Logs nothing: the caller does. */
  quiet?: boolean;
}

/**
 * Waits for SIGTERM, SIGINT or SIGHUP, then calls `stop` and waits for it; a second signal does not wait. Until it is called,
 * a signal ends the process as it always does.
 */
export async function serveUntilStopped(
  stop: () => Promise<void>,
  shell: Shell,
  { also, hangUp, quiet = false }: StoppedBy = {},
): Promise<Ending> {
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<Ending>();
  let signals = 0;
  const signalled = () => {
    signals += 1;
    if (signals === 1) first.resolve();
    else second.resolve('interrupted');
  };
  // A terminal that is closed signals it several times: the system to all that run in it, and the shell to what it has started.
  const closed = () => {
    if (signals === 0) signalled();
  };
  for (const signal of stopSignals) process.on(signal, signal === 'SIGHUP' ? (hangUp ?? closed) : signalled);
  void also?.then(signalled);
  await first.promise;
  if (!quiet) shell.err.write('Stopping: running answers may finish. Once more stops at once.\n');
  return Promise.race([stop().then((): Ending => 'ok'), second.promise]);
}

/**
 * Runs `action` with a signal that SIGTERM, SIGHUP or Ctrl-C abort, so that it can put things in order; a second one ends the
 * process at once.
 */
export async function interruptible<T>(action: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted && signal !== 'SIGHUP') process.exit(exitCodes.interrupted.code);
    controller.abort();
  };
  for (const signal of stopSignals) process.on(signal, stop);
  try {
    return await action(controller.signal);
  } finally {
    for (const signal of stopSignals) process.off(signal, stop);
  }
}
