/** Where log files go: where CLIProxyAPI puts them, so that what reads them there finds them. */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface LogPlaces {
  /** `log.directory`; undefined for the usual place. */
  directory: string | undefined;
  /** The peer's variable for installations whose working directory cannot be written. */
  writablePath: string | undefined;
  authDir: string;
}

/**
 * The directory, made where it is not there (mode 0700): the owner's, `$WRITABLE_PATH/logs`, `./logs`, or `logs` in the `auth-dir`
 * where that cannot be written. Throws what the file system says where none can be.
 */
export function logDirectory({ directory, writablePath, authDir }: LogPlaces): string {
  if (directory !== undefined) return made(directory);
  if (writablePath) return made(join(writablePath, 'logs'));
  try {
    return made(resolve('logs'));
  } catch {
    return made(join(authDir, 'logs'));
  }
}

function made(directory: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  accessSync(directory, constants.W_OK);
  return directory;
}
