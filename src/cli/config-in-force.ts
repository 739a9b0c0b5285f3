/** The config of a gateway that runs, for commands that only ask it: a file that was broken since is no reason not to. */
import type { Config } from '../config/schema.ts';
import { accountConfig } from './auth/accounts.ts';
import { authDirOf, clientKeysIn } from './editable-config.ts';
import { Failure } from './failure.ts';
import { askRunning } from './running-gateway.ts';
import type { Shell } from './shell.ts';

/**
 * Where the accounts are, for commands that need no more of the config: also of one that has problems, with a warning. Throws the
 * {@link Failure} of a file that cannot be read at all.
 */
export async function authDirInForce(option: string | undefined, shell: Shell): Promise<string> {
  try {
    return (await accountConfig(option, shell))['auth-dir'];
  } catch (error) {
    if (!(error instanceof Failure) || error.ending !== 'config') throw error;
    const { existsSync } = await import('node:fs');
    const { configLocation } = await import('../config/location.ts');
    const { file } = configLocation(option, shell.env);
    if (!existsSync(file)) throw error;
    shell.err.write(`${shell.err.style('yellow', 'warning:')} ${error.message}\n`);
    return authDirOf(file, shell.env);
  }
}

/**
 * The config as {@link accountConfig} has it. Where it has problems but a gateway runs with its `auth-dir`, the defaults with
 * that directory and the client keys that can be read, and a warning. Throws the {@link Failure} that names the problems where none runs.
 */
export async function configInForce(option: string | undefined, shell: Shell): Promise<Config> {
  try {
    return await accountConfig(option, shell);
  } catch (error) {
    if (!(error instanceof Failure) || error.ending !== 'config') throw error;
    const { configLocation } = await import('../config/location.ts');
    const { parseConfig } = await import('../config/load.ts');
    const { readConfigText } = await import('../config/config-text.ts');
    const { variablesFor } = await import('../config/env-file.ts');
    const { file } = configLocation(option, shell.env);
    const directory = await authDirOf(file, shell.env);
    const running = await askRunning(directory, 'gateway').catch(() => undefined);
    const usual = parseConfig('', { file, env: shell.env });
    if (running === undefined || !usual.ok) throw error;
    shell.err.write(
      `${shell.err.style('yellow', 'warning:')} ${error.message}\nThe gateway that runs goes on with the config before.\n`,
    );
    const variables = await variablesFor(file, shell.env);
    const text = await readConfigText(file).catch(() => '');
    const keys = clientKeysIn(text, { file, env: shell.env, variables });
    return { ...usual.config, 'auth-dir': directory, 'api-keys': keys };
  }
}
