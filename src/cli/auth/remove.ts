import { basename } from 'node:path';
import { defineCommand } from '../command.ts';
import { Failure } from '../failure.ts';
import { inJson } from './failures.ts';
import { configOption, jsonOption } from './options.ts';

export const command = defineCommand('auth remove', {
  summary: 'Delete the file of an account; a running gateway stops using it at once',
  words: { shown: 'ACCOUNT', limit: 1 },
  options: {
    yes: { type: 'boolean', short: 'y', meaning: 'Do not ask' },
    config: configOption,
    json: jsonOption,
  },
  details: `ACCOUNT is an id of "auth list", the name of its file, or an e-mail. The tokens are deleted here; the provider is not
notified: revoke the access there, too, if others may have a copy.`,
  async run({ values, positionals: [wanted] }, shell) {
    if (wanted === undefined)
      throw new Failure('usage', 'which account?', 'Run "cli-proxy-api auth list" for their ids.');
    return inJson(values.json === true, shell.out.write, async () => {
      const { accountConfig, accountFailure, findAccount, isNamed, openStore } = await import(
        './accounts.ts'
      );
      const { confirmed } = await import('./choice.ts');
      const store = await openStore(await accountConfig(values.config, shell));
      const { accounts, problems } = await store.list();
      // A file that is broken can be named, too: nothing else would take it away.
      const broken = problems.find(({ file }) => isNamed(file, wanted));
      const { file } = broken ?? findAccount(accounts, wanted);
      const id = basename(file).replace(/\.json$/i, '');
      if (!values.yes) {
        if (!shell.in.terminal)
          throw new Failure('usage', `there is no terminal to confirm the removal of ${id}`, 'Add --yes.');
        const question = `Delete ${file}, and with it this login?`;
        if (!(await confirmed(question, shell.in.lines(), shell.err)))
          throw new Failure('failure', `${id} was not removed`);
      }
      const problem = await store.remove(file);
      if (problem !== undefined) throw accountFailure(problem);
      if (!values.json) shell.out.write(`Removed ${file}.\n`);
      return { ending: 'ok' as const, object: { ok: true, id, file } };
    });
  },
});
