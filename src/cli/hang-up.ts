/** Whether this process was started to outlive its terminal. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** SIGHUP is signal 1 everywhere: the lowest bit of a mask of signals. */
const hangUpBit = 1n;

/**
 * True when SIGHUP was ignored at the start, as `nohup` has it: a handler of ours would undo that. False where the system does
 * not report it.
 */
export function hangUpIgnored(): boolean {
  try {
    const mask =
      process.platform === 'linux'
        ? /^SigIgn:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]
        : /[0-9a-f]+/.exec(ignoredByPs())?.[0];
    return mask !== undefined && (BigInt(`0x${mask}`) & hangUpBit) !== 0n;
  } catch {
    return false;
  }
}

/** The mask as `ps` of macOS and the BSDs has it: keyword `sigignore`, ps(1). */
function ignoredByPs(): string {
  if (process.platform === 'win32') return '';
  return spawnSync('ps', ['-o', 'sigignore=', '-p', String(process.pid)], { encoding: 'utf8', timeout: 2000 })
    .stdout;
}
