import { counted } from '../../ground/counted.ts';
import { defineCommand } from '../command.ts';
import { configOption } from '../config-file.ts';
import { periodOptions, readPeriod } from './period.ts';
import { usageResponse } from './usage-source.ts';

export const command = defineCommand('usage recompute', {
  summary: 'Recalculate costs after a change of prices',
  words: { shown: '[today|7d|30d|all]', limit: 1 },
  options: { config: configOption, ...periodOptions },
  details: `Uses the current prices: those of the config, then the built-in list; costs reported by a service stay.
Only requests that are still stored one by one (usage.keep-requests) can be recalculated.`,
  async run({ values, positionals: [period] }, shell) {
    const { configInForce } = await import('../config-in-force.ts');
    const config = await configInForce(values.config, shell);
    const response = await usageResponse(config, 'recompute', readPeriod(period, values, 'all'), 'POST');
    const { recomputed, changed }: { recomputed: number; changed: number } = JSON.parse(
      await response.text(),
    );
    shell.out.write(
      `${counted(recomputed, 'request')} looked at: ${changed} ${changed === 1 ? 'costs' : 'cost'} something else now.\n`,
    );
    return 'ok' as const;
  },
});
