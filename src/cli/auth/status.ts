import { systemClock } from '../../ground/clock.ts';
import { printable } from '../../telemetry/printable.ts';
import { defineCommand } from '../command.ts';
import { Failure } from '../failure.ts';
import { columns } from '../help.ts';
import type { AccountView } from './account-view.ts';
import { inJson } from './failures.ts';
import { configOption, jsonOption } from './options.ts';

export const command = defineCommand('auth status', {
  summary: 'Show one account in detail, or whether all are well',
  words: { shown: '[ACCOUNT]', limit: 1 },
  options: { config: configOption, json: jsonOption },
  details: `ACCOUNT is an id of "auth list", the name of its file, or an e-mail. It ends with 14 where an account needs a
new login: of all of them without ACCOUNT.`,
  async run({ values, positionals: [wanted] }, shell) {
    return inJson(values.json === true, shell.out.write, async () => {
      const { accountConfig, accountFailure, findAccount, isNamed, openStore, warnOf } = await import(
        './accounts.ts'
      );
      const { distance, viewOf } = await import('./account-view.ts');
      const { accountProvider } = await import('../../accounts/provider-overrides.ts');
      const config = await accountConfig(values.config, shell);
      const { accounts, problems } = await (await openStore(config)).list();
      const broken = problems.find(({ file }) => wanted !== undefined && isNamed(file, wanted));
      if (broken !== undefined) throw accountFailure(broken);
      const meant = wanted === undefined ? accounts : [findAccount(accounts, wanted)];
      const now = systemClock.now();
      const views = meant.map((account) => viewOf(account, accountProvider(account.kind, config), now));
      if (views.length === 0)
        throw new Failure(
          'failure',
          `there is no account in ${config['auth-dir']}`,
          'cli-proxy-api auth lists the providers to sign in to.',
        );
      if (!values.json) {
        warnOf(wanted === undefined ? problems : [], shell);
        const when = (moment: string) => `${moment} (${distance(Date.parse(moment), now)})`;
        shell.out.write(views.map((view) => details(view, when)).join('\n'));
      }
      const well = views.every(({ state }) => state !== 'sign-in-again');
      return {
        ending: well ? ('ok' as const) : ('sign-in-again' as const),
        object: wanted === undefined ? { ok: well, accounts: views } : { ok: well, ...views[0] },
      };
    });
  },
});

function details(view: AccountView, when: (moment: string) => string): string {
  const rows: [string, string | undefined][] = [
    ['state', view.reason === undefined ? view.state : `${view.state}: ${view.reason}`],
    ['what to do', view.command],
    ['provider', view.title],
    ['identity', view.identity],
    ['e-mail', view.email],
    ['plan', view.plan],
    ['organization', view.organization],
    ['projects', view.projects?.join(', ')],
    ['location', view.location],
    ['expires', view.expires && when(view.expires)],
    ['refreshed', view.refreshed && when(view.refreshed)],
    ['priority', String(view.priority)],
    ['weight', String(view.weight)],
    ['prefix', view.prefix],
    ['websockets', view.websockets ? 'yes' : undefined],
    ['proxy', view.proxy ? 'its own' : undefined],
    ['excluded models', view.excludedModels.join(', ') || undefined],
    [
      'other names',
      view.modelAliases.map(({ name, alias }) => `${alias} for ${name}`).join(', ') || undefined,
    ],
    ['description', view.description],
    ['file', view.file],
  ];
  const known = rows.filter((row): row is [string, string] => row[1] !== undefined);
  return `${printable(view.id)}\n${columns(known)}\n`;
}
