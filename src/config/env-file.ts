/** The `.env` file beside the config: what `${NAME}` in the config may mean besides the environment, and nothing else. */
import { dirname, join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { readBoundedFile } from '../ground/bounded-file.ts';
import type { Environment } from './environment.ts';

/** Far above what such files hold. */
const mostBytes = 1024 * 1024;

/**
 * The variables of the `.env` file in the directory of the config; none where there is no such file, or one that cannot be
 * read or is no file of text up to 1 MiB. The environment's own win: `variablesFor` puts the two together. They do not become
 * part of this process's environment, so that no file of a working directory can change how the program or its runtime works.
 */
async function readEnvFile(configFile: string): Promise<Environment> {
  const path = envFileOf(configFile);
  try {
    const read = await readBoundedFile(path, mostBytes);
    return read.kind === 'read' ? envIn(read.bytes.toString()) : {};
  } catch {
    return {};
  }
}

/** The variables of a text in the form of such a file. */
export function envIn(text: string): Environment {
  return parseEnv(text);
}

/** The `.env` file of a config, absolute, whether it is there or not. */
export function envFileOf(configFile: string): string {
  return join(dirname(resolve(configFile)), '.env');
}

/** What `${NAME}` means in the config `configFile`: the environment, and the `.env` file beside it for what that lacks. */
export async function variablesFor(configFile: string, env: Environment): Promise<Environment> {
  return { ...(await readEnvFile(configFile)), ...env };
}
