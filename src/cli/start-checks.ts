/** Problems of a start with a config that its text does not show: files, directories, missing credentials. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { mkdtemp, readdir, rmdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import type { Environment } from '../config/environment.ts';
import type { Config } from '../config/schema.ts';
import { errorCode } from '../ground/error-code.ts';
import { Failure } from './failure.ts';
import { checkTlsFiles } from './tls-files.ts';

/** Something that is wrong, with the setting that it is about. */
export interface StartFault {
  /** The key in the config. */
  key: readonly string[];
  message: string;
  hint: string;
}

/** Why the server would not start with the files that `tls` names. */
export function tlsFault(tls: Config['tls']): StartFault | undefined {
  try {
    checkTlsFiles(tls);
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const [, key = 'tls', message = error.message] = /^(tls\.\w+): (.*)$/s.exec(error.message) ?? [];
    return {
      key: key.split('.'),
      message,
      hint: error.hint ?? 'correct the path, or switch HTTPS off: tls.enable: false',
    };
  }
}

/** Whether an attempt to listen failed for its address: one of no interface of this computer, or an unknown name. */
export function isForeignAddress(code: string | undefined): boolean {
  return code === 'EADDRNOTAVAIL' || code === 'EINVAL' || code === 'ENOTFOUND';
}

/** The reason why this address cannot be listened on; undefined where it can. Port 0: any free one. */
export function listenError(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    // The runtime gives no code where a name is not found.
    server.once('error', ({ code = 'ENOTFOUND' }: NodeJS.ErrnoException) => resolve(code));
    server.listen(port, host || '0.0.0.0', () => server.close(() => resolve(undefined)));
  });
}

/** Whether the server could not listen at `host` here, whatever the port. */
export async function hostFault(host: string): Promise<StartFault | undefined> {
  if (!isForeignAddress(await listenError(host, 0))) return undefined;
  return {
    key: ['host'],
    message: `${host} is not an address of this computer: the server does not start here`,
    hint: 'write 127.0.0.1 for this computer alone, or 0.0.0.0 for all its network interfaces',
  };
}

/** Why nothing can be kept in a directory. */
interface DirectoryFault {
  /** The end of a sentence that begins with the directory. */
  why: string;
  /** It is no place at all, or what lies there cannot be read; else it can be read, and not written to. */
  isUnusable: boolean;
}

/** Looks at a directory, be it there or still to be made. What is made to find out is gone again. */
async function directoryFault(directory: string): Promise<DirectoryFault | undefined> {
  let place = directory;
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  const isThere = place === directory;
  try {
    if (!statSync(place).isDirectory())
      return {
        why: isThere ? 'is no directory' : `cannot be made, as ${place} is no directory`,
        isUnusable: true,
      };
  } catch (error) {
    return { why: `cannot be looked at (${codeOf(error)})`, isUnusable: true };
  }
  if (isThere) {
    const error = await readdir(place).then(() => undefined, codeOf);
    if (error !== undefined) return { why: `cannot be read (${error})`, isUnusable: true };
  }
  const error = await mkdtemp(join(place, '.cli-proxy-api-')).then(rmdir).catch(codeOf);
  return error === undefined
    ? undefined
    : { why: `cannot be ${isThere ? 'written to' : 'made'} (${error} at ${place})`, isUnusable: false };
}

function codeOf(error: unknown): string {
  return errorCode(error) ?? String(error);
}

/** Why nothing could be kept in `auth-dir`. `isUnusable`: not even what is there already. */
export async function authDirFault(
  directory: string,
): Promise<(StartFault & { isUnusable: boolean }) | undefined> {
  const fault = await directoryFault(directory);
  return (
    fault && {
      key: ['auth-dir'],
      message: `${directory} ${fault.why}: accounts, usage and the control socket would have no place`,
      hint: 'name a directory that you may write to: auth-dir: ~/.cli-proxy-api',
      isUnusable: fault.isUnusable,
    }
  );
}

/** Why the server would not start with `logging-to-file`. */
export async function logFault(
  config: Pick<Config, 'logging-to-file' | 'log' | 'auth-dir'>,
  env: Environment,
): Promise<StartFault | undefined> {
  if (!config['logging-to-file']) return undefined;
  const { directory } = config.log;
  const { logDirectories } = await import('../telemetry/log-directory.ts');
  const places = { directory, writablePath: env.WRITABLE_PATH, authDir: config['auth-dir'] };
  const [first, second] = logDirectories(places);
  let fault = await directoryFault(first);
  if (fault !== undefined && second !== undefined) fault = await directoryFault(second);
  return (
    fault && {
      key: directory === undefined ? ['logging-to-file'] : ['log', 'directory'],
      message: `${second ?? first} ${fault.why}: the log cannot be written`,
      hint: 'name a directory that you may write to in log.directory, or set logging-to-file: false',
    }
  );
}

/** Files of `providers.<name>.tls` that are not there or no files: connections to that provider would fail. */
export function providerTlsFaults(providers: Config['providers']): StartFault[] {
  return Object.entries(providers).flatMap(([name, { tls }]) =>
    (['ca-file', 'client-certificate', 'client-key'] as const).flatMap((key) => {
      const file = tls[key];
      const why = file === undefined ? undefined : fileFault(file);
      return why === undefined
        ? []
        : [
            {
              key: ['providers', name, 'tls', key],
              message: `${file} ${why}: connections to the provider would fail`,
              hint: 'correct the path, or take the setting out',
            },
          ];
    }),
  );
}

/** Why a file cannot be read. Opening a pipe would block until it has a writer. */
function fileFault(file: string): string | undefined {
  try {
    if (!statSync(file).isFile()) return 'is no regular file';
    accessSync(file, constants.R_OK);
    return undefined;
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? 'is not there' : `cannot be read (${codeOf(error)})`;
  }
}

/** Whether no request could be answered: no key, no account, and no sandbox. */
export async function credentialFault(config: Config): Promise<StartFault | undefined> {
  if (config.sandbox) return undefined;
  const { credentialsFromConfig } = await import('../credentials/from-config.ts');
  if (credentialsFromConfig(config).length > 0 || (await hasAccounts(config))) return undefined;
  return {
    key: [],
    message:
      'no credential: there is neither an API key nor an account, so every request is answered with 503',
    hint: 'sign in with "cli-proxy-api auth", add an API key to the config, or write "sandbox: true" to try it out',
  };
}

const isSystemError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && 'syscall' in error;

/** Whether there are files of accounts; also those that cannot be read, which are reported elsewhere. */
async function hasAccounts(config: Config): Promise<boolean> {
  // To look into Postgres makes its tables, which is for a start to do.
  if (config.cluster !== undefined) return true;
  const { openStore } = await import('./auth/accounts.ts');
  try {
    const { accounts, problems } = await (await openStore(config)).list();
    return accounts.length + problems.length > 0;
  } catch (error) {
    // A directory that cannot be read is reported elsewhere too.
    if (error instanceof Failure || isSystemError(error)) return true;
    throw error;
  }
}
