import { rename } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { systemClock } from '../../ground/clock.ts';
import { defineCommand } from '../command.ts';
import { Failure } from '../failure.ts';
import { inJson } from './failures.ts';
import { configOption, jsonOption } from './options.ts';

export const command = defineCommand('auth import', {
  summary: 'Import the login in an account file into auth-dir, or into the cluster',
  words: { shown: 'FILE', limit: 1 },
  options: { config: configOption, json: jsonOption },
  details: `FILE is an account file of this program or of CLIProxyAPI; an encrypted one is read with auth-encryption-key. It is
imported once per login: newer tokens of that login are kept. Then FILE is renamed to FILE.imported, since a refresh
token works only once. A file put into the auth-dir of a replica is imported in the same way.`,
  async run({ values, positionals: [wanted] }, shell) {
    if (wanted === undefined) throw new Failure('usage', 'which file?', 'cli-proxy-api auth import FILE');
    return inJson(values.json === true, shell.out.write, async () => {
      const { accountConfig, accountFailure, accountPlace, openCluster } = await import('./accounts.ts');
      const { createAccountStore } = await import('../../accounts/account-store.ts');
      const { readContent } = await import('../../accounts/account-content.ts');
      const { takeFileIn } = await import('../../accounts/account-move.ts');
      const config = await accountConfig(values.config, shell);
      const place = await accountPlace(config);
      const file = resolve(wanted);
      const read = await readContent(file, { ...place, wait: systemClock.wait });
      if (!read.ok) throw accountFailure(read.problem);
      const { text } = read.content;
      const durable = await openCluster(config, place);
      const taken =
        durable === undefined
          ? await takeFileIn(createAccountStore({ ...place, now: systemClock.now }), file, text)
          : await durable.takeAccountIn(file, text, place.encryption);
      if (!taken.ok) throw accountFailure(taken.problem);
      const renamed = await rename(file, `${file}.imported`).then(
        () => true,
        () => false,
      );
      if (!values.json) {
        const where = durable === undefined ? `in ${place.directory}` : 'in the cluster';
        const said =
          taken.kind === 'kept'
            ? `Nothing new: ${where} are tokens of this login that are as new.`
            : `${taken.kind === 'added' ? 'Added' : 'Updated'} ${taken.name} ${where}.`;
        shell.out.write(`${said}\n`);
        if (!renamed) shell.err.write(`${basename(file)} could not be renamed; do not use it any more.\n`);
      }
      return { ending: 'ok' as const, object: { ok: true, result: taken.kind, name: taken.name, renamed } };
    });
  },
});
