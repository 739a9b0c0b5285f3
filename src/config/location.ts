/** Where the config file and the program's own directory are: one rule for every command. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './environment.ts';

/** The name of the file wherever it is looked for. */
const configFileName = 'config.yaml';

/** The program's own directory: accounts unless `auth-dir` names another place, the config, backups, state of updates. */
export function homeDirectory(env: Environment): string {
  return env.CLI_PROXY_API_HOME || join(env.HOME || homedir(), '.cli-proxy-api');
}

export interface ConfigLocation {
  file: string;
  /** Named by a person (option or environment): then it must be there. */
  named: boolean;
  exists: boolean;
}

/**
 * The config file that a command uses: `option` (`--config`), else `CLI_PROXY_API_CONFIG`, else `./config.yaml` where there is
 * one, else `config.yaml` in the program's home. Where none exists the result is where a first start writes it: a checkout of
 * this program keeps its own, everything else shares the one in the home.
 */
export function configLocation(
  option: string | undefined,
  env: Environment,
  exists: (path: string) => boolean = existsSync,
): ConfigLocation {
  const named = option ?? (env.CLI_PROXY_API_CONFIG || undefined);
  if (named !== undefined) return { file: named, named: true, exists: exists(named) };
  if (exists(configFileName)) return { file: configFileName, named: false, exists: true };
  const file = join(homeDirectory(env), configFileName);
  if (exists(file)) return { file, named: false, exists: true };
  return { file: isCheckout(exists) ? configFileName : file, named: false, exists: false };
}

/** Whether the working directory is a checkout of this program, where `npm start` has always kept its config. */
function isCheckout(exists: (path: string) => boolean): boolean {
  return exists('bin/cli-proxy-api') && exists('src/main.ts');
}
