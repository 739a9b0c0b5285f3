import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { errorCode } from '../../ground/error-code.ts';
import { defineCommand } from '../command.ts';
import { Failure } from '../failure.ts';
import { inJson } from './failures.ts';
import { configOption, jsonOption } from './options.ts';

export const command = defineCommand('auth export', {
  summary: 'Write an account into a file, from auth-dir or from the cluster',
  words: { shown: 'ACCOUNT', limit: 1 },
  options: {
    out: { type: 'string', value: 'FILE', meaning: 'The file to write (else the name of the account, here)' },
    remove: {
      type: 'boolean',
      meaning: 'Take the account away here: the file is then the only place it is in',
    },
    config: configOption,
    json: jsonOption,
  },
  details: `ACCOUNT is an id of "auth list", the name of its file, or an e-mail. The file (0600, plain JSON) can sign in as you. Most
providers take a refresh token once: use the account in one place, and write --remove where that is another.`,
  async run({ values, positionals: [wanted] }, shell) {
    if (wanted === undefined)
      throw new Failure('usage', 'which account?', 'Run "cli-proxy-api auth list" for their ids.');
    return inJson(values.json === true, shell.out.write, async () => {
      const { accountConfig, accountFailure, findAccount, openStore } = await import('./accounts.ts');
      const { writeAtomically } = await import('../../accounts/atomic-write.ts');
      const store = await openStore(await accountConfig(values.config, shell));
      const { accounts } = await store.list();
      const account = findAccount(accounts, wanted);
      const name = basename(account.file);
      const out = resolve(values.out ?? name);
      if (existsSync(out))
        throw new Failure('failure', `${out} is there already`, 'Name another with --out FILE.');
      // Under the lock: no refresh takes place between the reading and the removal.
      const locked = await store.withLock(account.file, async () => {
        const read = await store.text(name);
        if (read.ok) await writeAtomically(out, read.text).catch(unwritable(out));
        return read;
      });
      if (!locked.ok) throw accountFailure(locked.problem);
      if (!locked.value.ok) throw accountFailure(locked.value.problem);
      const problem = values.remove === true ? await store.remove(account.file) : undefined;
      if (problem !== undefined) throw accountFailure(problem);
      if (!values.json) {
        shell.out.write(`Wrote ${out}.\n`);
        if (!values.remove)
          shell.err.write(
            'The account is still here, too: used in two places, its refresh token would be spent twice.\n',
          );
      }
      return {
        ending: 'ok' as const,
        object: { ok: true, id: account.id, file: out, removed: values.remove === true },
      };
    });
  },
});

function unwritable(out: string): (error: unknown) => never {
  return (error) => {
    const why = errorCode(error) ?? error;
    throw new Failure(
      'failure',
      `${out} cannot be written (${String(why)})`,
      'Name another with --out FILE.',
    );
  };
}
