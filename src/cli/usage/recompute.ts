import { defineCommand } from '../command.ts';
import { configOption } from '../config-file.ts';
import { periodOptions, readPeriod } from './period.ts';
import { usageResponse } from './usage-source.ts';

export const command = defineCommand('usage recompute', {
  summary: 'Work out costs anew, after prices have changed',
  words: { shown: '[today|7d|30d|all]', limit: 1 },
  options: { config: configOption, ...periodOptions },
  details: `Takes the prices that are in force: those of the config, then the list; what a service itself has reported stays.
Only requests that are still kept one by one (usage.keep-requests) can be worked out anew.`,
  async run({ values, positionals: [period] }, shell) {
    const { configInForce } = await import('../config-in-force.ts');
    const config = await configInForce(values.config, shell);
    const response = await usageResponse(config, 'recompute', readPeriod(period, values, 'all'), 'POST');
    const { recomputed, changed }: { recomputed: number; changed: number } = JSON.parse(
      await response.text(),
    );
    shell.out.write(`${recomputed} requests were looked at; ${changed} of them cost something else now.\n`);
    return 'ok' as const;
  },
});
