import { systemClock } from '../../ground/clock.ts';
import { printable } from '../../telemetry/printable.ts';
import { defineCommand } from '../command.ts';
import { fittedColumns, tableWidth, wideOption } from '../fitted-table.ts';
import type { Output } from '../shell.ts';
import type { AccountState, AccountView } from './account-view.ts';
import { inJson } from './failures.ts';
import { configOption, jsonOption } from './options.ts';

export const command = defineCommand('auth list', {
  summary: 'List the accounts: state, plan, expiry, and what to do where one needs a new login',
  options: { config: configOption, wide: wideOption, json: jsonOption },
  async run({ values }, shell) {
    return inJson(values.json === true, shell.out.write, async () => {
      const { accountConfig, openStore, warnOf } = await import('./accounts.ts');
      const { cooldownsOf, distance, viewOf } = await import('./account-view.ts');
      const { directoryProblem } = await import('../../accounts/atomic-write.ts');
      const { createCooldownFile } = await import('../../credentials/cooldown-file.ts');
      const { accountProvider } = await import('../../accounts/provider-overrides.ts');
      const config = await accountConfig(values.config, shell);
      const store = await openStore(config);
      const { accounts, problems } = await store.list();
      const now = systemClock.now();
      const { directory } = store;
      const onProblem = (sentence: string) => shell.err.write(`${sentence}\n`);
      const records = (await createCooldownFile({ directory, records: () => [], onProblem }).load()) ?? [];
      const views = accounts.map((account) => {
        const view = viewOf(account, accountProvider(account.kind, config), now);
        const cooldowns = cooldownsOf(account.id, records, now);
        return cooldowns.length === 0 ? view : { ...view, cooldowns };
      });
      if (!values.json) {
        const { out, err } = shell;
        const until = ({ expires }: AccountView) =>
          expires === undefined ? '-' : distance(Date.parse(expires), now);
        if (views.length > 0) out.write(table(views, until, out, tableWidth(shell, values.wide)));
        for (const view of views)
          if (view.state === 'sign-in-again')
            err.write(`${view.id} needs a new login: ${view.command}\n  ${view.reason}\n`);
        for (const view of views)
          for (const { kind, model = 'every model', until, reason } of view.cooldowns ?? [])
            err.write(
              `${printable(`${view.id} is cooling down for ${model} until ${until} (${kind}: ${reason})`)}\n`,
            );
        warnOf(problems, shell);
        const problem = await directoryProblem(directory);
        if (problem !== undefined) err.write(`${err.style('yellow', 'warning:')} ${printable(problem)}\n`);
        err.write(
          views.length === 0
            ? `No account in ${directory} yet: cli-proxy-api auth lists the providers to sign in to.\n`
            : `The files are in ${directory}.\n`,
        );
      }
      return {
        ending: 'ok' as const,
        object: { directory, accounts: views, problems: problems.map(listedProblem) },
      };
    });
  },
});

function listedProblem({
  file,
  reason,
  key,
  message,
}: {
  file: string;
  reason: string;
  key?: string | undefined;
  message: string;
}) {
  return { file, reason, key, message };
}

const colours = {
  ready: 'green',
  expired: 'yellow',
  'sign-in-again': 'red',
  disabled: 'dim',
} as const satisfies Record<AccountState, string>;

function table(
  views: readonly AccountView[],
  until: (view: AccountView) => string,
  { style }: Output,
  width: number | undefined,
): string {
  // Columns without values are left out.
  const described = views.some(({ description }) => description !== undefined);
  const ordered = views.some(({ priority }) => priority !== 0);
  const line = (
    cells: { label: string; priority: string } & Record<
      'name' | 'provider' | 'state' | 'plan' | 'expires' | 'id',
      string
    >,
  ): string[] => [
    ...(described ? [cells.label] : []),
    ...[cells.name, cells.provider, cells.state, cells.plan, cells.expires],
    ...(ordered ? [cells.priority] : []),
    cells.id,
  ];
  const rows = views.map((view) =>
    line({
      label: view.description ?? '-',
      name: view.email ?? view.identity ?? '-',
      provider: view.provider,
      state: view.state,
      plan: view.plan ?? '-',
      expires: until(view),
      priority: String(view.priority),
      id: view.id,
    }),
  );
  const heading = line({
    ...{ label: 'LABEL', name: 'IDENTITY', provider: 'PROVIDER', state: 'STATE', plan: 'PLAN' },
    ...{ expires: 'EXPIRES', priority: 'PRIORITY', id: 'ACCOUNT' },
  });
  let text = `${fittedColumns([heading, ...rows], width)}\n`;
  const providers = [...new Set(views.map(({ provider }) => provider))].join('|');
  // Colours after the widths are known: they are characters, too.
  for (const [state, colour] of Object.entries(colours))
    text = text.replace(
      new RegExp(`(?<=^ {2}.+ {2}(?:${providers}) +)${state}(?= )`, 'gm'),
      style(colour, state),
    );
  return text;
}
