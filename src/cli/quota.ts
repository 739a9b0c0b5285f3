import { systemClock } from '../ground/clock.ts';
import { defineCommand } from './command.ts';
import { configOption } from './config-file.ts';
import { tableWidth, wideOption } from './fitted-table.ts';

export const command = defineCommand('quota', {
  summary: 'Show what accounts and keys have left of their quotas, how fast it goes, and until when it lasts',
  options: {
    config: configOption,
    history: { type: 'boolean', meaning: 'With --json: the history, too' },
    wide: wideOption,
    json: { type: 'boolean', meaning: 'Print JSON' },
  },
  details: `Shows the quotas that providers have reported to the gateway that runs with the same auth-dir; docs/quotas.md explains the
columns. Times are in usage.timezone, or the time zone of this computer.`,
  async run({ values }, shell) {
    const { configInForce } = await import('./config-in-force.ts');
    const { askRunning, notRunning } = await import('./running-gateway.ts');
    const { 'auth-dir': directory, usage } = await configInForce(values.config, shell);
    const answer = await askRunning(directory, values.history ? 'quotas?history=true' : 'quotas');
    if (answer === undefined) throw notRunning(directory, 'Only a running gateway has quotas.');
    if (values.json) shell.out.write(`${JSON.stringify(answer)}\n`);
    else if ('quotas' in answer) {
      const { quotaText } = await import('./quota-text.ts');
      const { timezone } = usage;
      const width = tableWidth(shell, values.wide);
      shell.out.write(
        quotaText(answer, systemClock.now(), { width, ...(timezone !== undefined && { timezone }) }),
      );
    }
    return 'ok' as const;
  },
});
