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

/** The directories that are tried: the owner's, `$WRITABLE_PATH/logs`, or `./logs` and, where that cannot be written, `logs` in the `auth-dir`. */
export function logDirectories({ directory, writablePath, authDir }: LogPlaces): [string] | [string, string] {
  if (directory !== undefined) return [directory];
  if (writablePath) return [join(writablePath, 'logs')];
  return [resolve('logs'), join(authDir, 'logs')];
}

/** The first of {@link logDirectories} that can be written, made where it is not there (mode 0700). Throws the file system's error for the last. */
export function logDirectory(places: LogPlaces): string {
  const [first, second] = logDirectories(places);
  try {
    return made(first);
  } catch (error) {
    if (second === undefined) throw error;
    return made(second);
  }
}

function made(directory: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  accessSync(directory, constants.W_OK);
  return directory;
}
