import { defineCommand } from '../command.ts';
import { configOption } from '../config-file.ts';
import { periodOptions, readPeriod, whereOptions } from './period.ts';
import { usageResponse } from './usage-source.ts';

export const command = defineCommand('usage export', {
  summary: 'Write all requests that are kept, a line each',
  words: { shown: '[today|7d|30d|all]', limit: 1 },
  options: {
    config: configOption,
    format: { type: 'string', value: 'NAME', meaning: 'jsonl or csv (jsonl)' },
    ...periodOptions,
    ...whereOptions,
    csv: { type: 'boolean', meaning: 'The same as --format csv' },
    json: { type: 'boolean', meaning: 'The same as --format jsonl' },
  },
  async run({ values, positionals: [period] }, shell) {
    const { configInForce } = await import('../config-in-force.ts');
    const config = await configInForce(values.config, shell);
    const { key, account, provider, model, format, csv } = values;
    const response = await usageResponse(config, 'export', {
      ...readPeriod(period, values, 'all'),
      ...{ key, credential: account, provider, model },
      format: format ?? (csv ? 'csv' : 'jsonl'),
    });
    const decoder = new TextDecoder();
    for await (const piece of response.body ?? [])
      if (!(await shell.out.sent(decoder.decode(piece, { stream: true })))) break;
    return 'ok' as const;
  },
});
