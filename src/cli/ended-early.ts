/** A command that waits for what never comes has nothing left to do, and the runtime would end it with 0 and without a word. */
import { exitCodes } from './exit-codes.ts';

/** From now on such an end is a reported failure. A process that calls `process.exit` ends with its code. */
export function failWhenEndedEarly(): void {
  process.once('beforeExit', () => {
    process.exitCode = exitCodes.failure.code;
    process.stderr.write('cli-proxy-api: it ended before it was done: what it waited for cannot come.\n');
  });
}
