/** The program: arguments in, exit code out. */

import { failWhenEndedEarly } from './cli/ended-early.ts';
import { exitCodes } from './cli/exit-codes.ts';
import { run } from './cli/run.ts';
import { applyRuntimeSettings } from './cli/runtime-settings.ts';
import { endedOutput, processShell } from './cli/shell.ts';

// A function, and not the module itself, waits: the bundle that a checkout starts from could not be compiled otherwise.
async function main(): Promise<void> {
  applyRuntimeSettings(import.meta.path);
  failWhenEndedEarly();
  const ending = await run(process.argv.slice(2), processShell());
  // Only then is it over, whatever else still waits.
  const lost = await endedOutput();
  process.exit(exitCodes[ending === 'ok' && lost ? 'failure' : ending].code);
}

void main();
