/** `auth encrypt` and `auth decrypt`: every account file, written the way that is asked for. */

import type { Rewriting } from '../../accounts/account-store.ts';
import type { ConfigVault } from '../../cluster/ports.ts';
import type { Config } from '../../config/schema.ts';
import { systemClock } from '../../ground/clock.ts';
import { counted } from '../../ground/counted.ts';
import { printable } from '../../telemetry/printable.ts';
import { defineCommand } from '../command.ts';
import type { Ending } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { Shell } from '../shell.ts';
import { inJson } from './failures.ts';
import { configOption, jsonOption } from './options.ts';

const keyNeeded = `Set it in the config: \${NAME} for an environment variable, file:PATH, or keychain:NAME. For a new key:
openssl rand -base64 32`;

export const encrypt = defineCommand('auth encrypt', {
  summary: 'Encrypt the account files with auth-encryption-key, or change from an old key to it',
  options: {
    rotate: {
      type: 'boolean',
      meaning: 'Change the key: from --old-key to the auth-encryption-key of the config',
    },
    'old-key': {
      type: 'string',
      value: 'WHERE',
      meaning: 'For --rotate: env:NAME, file:PATH or keychain:NAME',
    },
    config: configOption,
    json: jsonOption,
  },
  details: `AES-256-GCM. Files are replaced atomically, one after the other: the command can be interrupted and run again. A running
gateway reads the changed files with the key in its config; set the new key there first.`,
  async run({ values }, shell) {
    const old = values['old-key'];
    if ((old !== undefined) !== (values.rotate === true))
      throw new Failure('usage', '--rotate and --old-key belong together', 'Write both, or neither.');
    return inJson(values.json === true, shell.out.write, async () => {
      const { accountConfig, encryptionKey } = await import('./accounts.ts');
      const config = await accountConfig(values.config, shell);
      const key = await encryptionKey(config['auth-encryption-key']);
      if (key === undefined) throw new Failure('config', 'auth-encryption-key is not set', keyNeeded);
      const oldKeys = old === undefined ? [] : [await oldKey(old, shell)];
      const rewriting = await rewrite(config, { key, oldKeys });
      return report(rewriting, 'encrypted', values.json === true, shell);
    });
  },
});

export const decrypt = defineCommand('auth decrypt', {
  summary: 'Write the account files as plain JSON again',
  options: { config: configOption, json: jsonOption },
  details: `The key is the auth-encryption-key of the config; take it out of there afterwards, and before the gateway runs
again: what writes a file while it is set encrypts it.`,
  async run({ values }, shell) {
    return inJson(values.json === true, shell.out.write, async () => {
      const { accountConfig, encryptionKey } = await import('./accounts.ts');
      const config = await accountConfig(values.config, shell);
      const key = await encryptionKey(config['auth-encryption-key']);
      if (key === undefined) throw new Failure('config', 'auth-encryption-key is not set', keyNeeded);
      if (config.cluster !== undefined)
        throw new Failure(
          'config',
          'accounts of a cluster are always encrypted',
          'cli-proxy-api auth export ACCOUNT writes one into a plain file.',
        );
      const rewriting = await rewrite(config, { key: undefined, oldKeys: [key] });
      return report(rewriting, 'decrypted', values.json === true, shell);
    });
  },
});

async function rewrite(
  config: Config,
  keys: { key: string | undefined; oldKeys: readonly string[] },
): Promise<Rewriting> {
  const { createAccountStore } = await import('../../accounts/account-store.ts');
  const { createEncryption } = await import('../../accounts/encryption.ts');
  const { openCluster } = await import('./accounts.ts');
  const place = { directory: config['auth-dir'], encryption: createEncryption(keys) };
  const durable = await openCluster(config, place);
  if (durable === undefined) return createAccountStore({ ...place, now: systemClock.now }).rewriteAll();
  const rewriting = await durable.accounts(place).rewriteAll();
  if (keys.oldKeys.length > 0 && rewriting.problems.length === 0)
    await sealAnew(durable.config(place.encryption));
  return rewriting;
}

/** A replica starts only where its key opens the configuration that all share. */
async function sealAnew(vault: ConfigVault): Promise<void> {
  const change = { who: 'auth encrypt', what: 'the key was changed' };
  for (let turn = 0; turn < 5; turn++) {
    const newest = await vault.newest();
    if (newest === undefined || (await vault.put(newest.text, newest.version, change))) return;
  }
  throw new Failure(
    'unavailable',
    'others change the configuration of the cluster all the time',
    'Run it again.',
  );
}

/** The key that the option names; not the key itself, which everybody on this computer could read in the list of processes. */
async function oldKey(where: string, { env }: Shell): Promise<string> {
  const [, kind, name = ''] = /^(env|file|keychain):(.*)$/s.exec(where) ?? [];
  if (kind === undefined)
    throw new Failure('usage', '--old-key must be env:NAME, file:PATH or keychain:NAME');
  const setting = kind === 'env' ? env[name] : where;
  if (!setting) throw new Failure('failure', `--old-key: the environment variable ${name} is not set`);
  const { readEncryptionKey } = await import('../../accounts/encryption-key.ts');
  const read = await readEncryptionKey(setting);
  if (read.ok) return read.key;
  throw new Failure('failure', `--old-key: ${read.message}`);
}

function report(
  { written, unchanged, problems }: Rewriting,
  done: 'encrypted' | 'decrypted',
  json: boolean,
  { out, err }: Shell,
): { ending: Ending; object: object } {
  const ok = problems.length === 0;
  if (!json) {
    for (const name of written) out.write(`${done}  ${name}\n`);
    for (const { message } of problems) err.write(`${err.style('red', 'problem:')} ${printable(message)}\n`);
    const already =
      unchanged.length === 0
        ? ''
        : `, ${unchanged.length} already ${unchanged.length === 1 ? 'was' : 'were'}`;
    err.write(`${counted(written.length, 'file')} ${done}${already}.\n`);
  }
  const object = {
    ok,
    [done]: written,
    unchanged,
    problems: problems.map(({ file, message }) => ({ file, message })),
  };
  return { ending: ok ? 'ok' : 'failure', object };
}
