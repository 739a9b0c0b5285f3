/** The account files of the `auth` commands: the config has their place and their encryption. */

import { basename } from 'node:path';
import type { Account } from '../../accounts/account.ts';
import type { AccountProblem } from '../../accounts/account-problem.ts';
import { type AccountStore, createAccountStore } from '../../accounts/account-store.ts';
import { createEncryption } from '../../accounts/encryption.ts';
import { readEncryptionKey } from '../../accounts/encryption-key.ts';
import type { AccountPlace, DurableState } from '../../cluster/ports.ts';
import { parseConfig } from '../../config/load.ts';
import { configLocation } from '../../config/location.ts';
import type { Config } from '../../config/schema.ts';
import { suggestion } from '../../config/suggestion.ts';
import { systemClock } from '../../ground/clock.ts';
import { printable } from '../../telemetry/printable.ts';
import { problemsFound, readConfigFile } from '../config-file.ts';
import { Failure } from '../failure.ts';
import type { Shell } from '../shell.ts';
import { version } from '../version.ts';

/** The config that the option names or that is found; where there is none yet, the defaults: a login needs no config. */
export async function accountConfig(option: string | undefined, shell: Shell): Promise<Config> {
  const { file, named, exists } = configLocation(option, shell.env);
  if (named || exists) return (await readConfigFile(file, shell)).config;
  const result = parseConfig('', { file, env: shell.env });
  if (!result.ok) throw problemsFound(result.problems);
  return result.config;
}

/** The store of the config's `auth-dir`. Throws a {@link Failure} where its encryption key cannot be had. */
export async function openStore(config: Config): Promise<AccountStore> {
  const place = await accountPlace(config);
  const durable = await openCluster(config, place);
  return durable?.accounts(place) ?? createAccountStore({ ...place, now: systemClock.now });
}

/** Where the config has account files, and how they are encrypted. Throws a {@link Failure} where the key cannot be had. */
export async function accountPlace(config: Config): Promise<AccountPlace> {
  const key = await encryptionKey(config['auth-encryption-key']);
  return { directory: config['auth-dir'], encryption: createEncryption({ key }) };
}

/**
 * What lasts of the cluster that the config names; undefined where it names none. Throws a {@link Failure} where it is away, or the
 * key does not open what is there.
 */
export async function openCluster(
  { cluster }: Pick<Config, 'cluster'>,
  { encryption }: Pick<AccountPlace, 'encryption'>,
): Promise<DurableState | undefined> {
  if (cluster?.postgres === undefined) return undefined;
  const { openForCommand } = await import('../../cluster/postgres/open-for-command.ts');
  const { createLog } = await import('../../telemetry/log.ts');
  const log = createLog({ level: 'silent', format: 'json' });
  const opened = await openForCommand(cluster.postgres, cluster, { version, encryption, log });
  if (opened.ok) return opened.durable;
  throw new Failure(opened.refused ? 'config' : 'unavailable', opened.message);
}

/** The key behind the setting. Throws a {@link Failure} with the reason where there is none. */
export async function encryptionKey(setting: string | undefined): Promise<string | undefined> {
  if (setting === undefined) return undefined;
  const read = await readEncryptionKey(setting);
  if (read.ok) return read.key;
  throw new Failure('config', `auth-encryption-key: ${read.message}`);
}

/**
 * The account that a person means: its id, the name or path of its file, or an e-mail that only one has. Throws a
 * {@link Failure} with the nearest ids.
 */
export function findAccount(accounts: readonly Account[], wanted: string): Account {
  const exact = accounts.find(({ id, file }) => id === wanted || file === wanted || `${id}.json` === wanted);
  if (exact !== undefined) return exact;
  const alike = accounts.filter(
    ({ id, facts }) => facts.email === wanted || facts.accountId === wanted || id.startsWith(wanted),
  );
  const [only] = alike;
  if (alike.length === 1 && only !== undefined) return only;
  const ids = (alike.length > 0 ? alike : accounts).map(({ id }) => id);
  const guess = alike.length > 0 ? undefined : suggestion(wanted, ids);
  throw new Failure(
    'failure',
    alike.length > 0 ? `"${wanted}" fits ${alike.length} accounts` : `there is no account "${wanted}"`,
    guess !== undefined
      ? `Did you mean ${guess}?`
      : ids.length === 0
        ? 'There is no account yet: cli-proxy-api auth lists the providers.'
        : `Write one of: ${ids.join(', ')}.`,
  );
}

/** Whether a person means this file by `wanted`: its path, its name, or its name without `.json`. */
export function isNamed(file: string, wanted: string): boolean {
  return [file, basename(file), basename(file).replace(/\.json$/i, '')].includes(wanted);
}

/** Reports files that are not accounts, beside the answer about the accounts. */
export function warnOf(problems: readonly AccountProblem[], { err }: Shell): void {
  for (const { message } of problems) err.write(`${err.style('yellow', 'warning:')} ${printable(message)}\n`);
}

/** A problem with an account file as a reason to end. */
export function accountFailure({ message, reason }: AccountProblem): Failure {
  return new Failure(
    reason === 'busy' ? 'unavailable' : 'failure',
    message,
    reason === 'encrypted'
      ? 'Set auth-encryption-key in the config to the key that the file was written with.'
      : undefined,
  );
}
