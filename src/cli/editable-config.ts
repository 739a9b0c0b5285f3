/** The config file with its versions, as the commands use it: also one that does not load. */
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { readConfigText } from '../config/config-text.ts';
import { variablesFor } from '../config/env-file.ts';
import {
  type ConfigProblem,
  formatProblem,
  loadConfig,
  type ParseOptions,
  parseConfig,
} from '../config/load.ts';
import { configLocation } from '../config/location.ts';
import type { Config } from '../config/schema.ts';
import type { Change, ConfigFile, ConfigText } from '../config-file/config-file.ts';
import { systemClock } from '../ground/clock.ts';
import { Failure } from './failure.ts';
import type { Shell } from './shell.ts';

/** The file, and where its versions are: in the `auth-dir` that it names, or the one that is usual. */
export async function editableConfig(option: string | undefined, shell: Shell): Promise<ConfigFile> {
  const { env } = shell;
  const { file } = configLocation(option, env);
  const { createConfigFile } = await import('../config-file/config-file.ts');
  const directory = await authDirOf(file, env);
  return createConfigFile({
    ...{ file, env, authDir: () => directory, now: systemClock.now },
    kept: await sharedText(file, shell),
  });
}

/** What the replicas of the file's cluster share; undefined where it names none. */
async function sharedText(file: string, shell: Shell): Promise<ConfigText | undefined> {
  const loaded = await loadConfig(file, shell);
  if (!loaded.ok || loaded.config.cluster?.postgres === undefined) return undefined;
  const { replicaConfig } = await import('./shared-config.ts');
  return (await replicaConfig(file, loaded, shell)).shared;
}

/** Where the accounts of a config are, also of one that does not load. */
export async function authDirOf(file: string, env: Shell['env']): Promise<string> {
  const text = await readConfigText(file).catch(() => '');
  return authDirIn(text, { file, env, variables: await variablesFor(file, env) });
}

/** The same for the intended text of the file. */
export function authDirIn(text: string, options: ParseOptions): string {
  const { file, env } = options;
  const whole = parseConfig(text, options);
  if (whole.ok) return whole.config['auth-dir'];
  const line = /^\s*auth-dir:\s*(\S+)/m.exec(text)?.[1];
  const parsed = parseConfig(line === undefined ? '' : `auth-dir: ${line}\n`, options);
  if (parsed.ok) return parsed.config['auth-dir'];
  return resolve(dirname(resolve(file)), env.HOME || homedir(), '.cli-proxy-api');
}

/** The client keys in a text that does not load: where their part of it loads by itself, else none. */
export function clientKeysIn(text: string, options: ParseOptions): Config['api-keys'] {
  const part = /^api-keys:.*(?:\n(?:[ \t#-].*)?)*/m.exec(text)?.[0];
  const parsed = parseConfig(part ?? '', options);
  return parsed.ok ? parsed.config['api-keys'] : [];
}

/** Throws a {@link Failure} with the reason why a change was not made. */
export function made(change: Change): Extract<Change, { ok: true }> {
  if (change.ok) return change;
  switch (change.reason) {
    case 'invalid':
      throw new Failure('config', `that version would not load now:\n${listed(change.problems)}`);
    case 'changed':
      throw new Failure('failure', 'the file was changed at the same time', 'Look, and try again.');
    case 'unwritable':
      throw new Failure('unavailable', change.sentence);
    case 'unreadable':
    case 'refused':
    case 'no-version':
      throw new Failure('failure', change.sentence, '"cli-proxy-api config history" lists the versions.');
  }
}

function listed(problems: readonly ConfigProblem[]): string {
  return problems.map(formatProblem).join('\n');
}
