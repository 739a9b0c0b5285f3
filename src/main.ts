/** The program: arguments in, exit code out. */

import { failWhenEndedEarly } from './cli/ended-early.ts';
import { exitCodes } from './cli/exit-codes.ts';
import { run } from './cli/run.ts';
import { applyRuntimeSettings } from './cli/runtime-settings.ts';
import { processShell } from './cli/shell.ts';

// A function, and not the module itself, waits: the bundle that a checkout starts from could not be compiled otherwise.
async function main(): Promise<void> {
  applyRuntimeSettings(import.meta.path);
  failWhenEndedEarly();
  const ending = await run(process.argv.slice(2), processShell());
  // What is written to a pipe leaves in its own time: only then is it over, whatever else still waits. (The runtime has an
  // empty write over at once.)
  for (const stream of [process.stdout, process.stderr])
    await new Promise<void>((resolve) => stream.end(() => resolve()));
  process.exit(exitCodes[ending].code);
}

void main();
