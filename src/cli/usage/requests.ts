import type { ListedRequest } from '../../usage/listed-request.ts';
import type { Counted } from '../../usage/record.ts';
import { defineCommand } from '../command.ts';
import { configOption } from '../config-file.ts';
import { fittedColumns, tableWidth, wideOption } from '../fitted-table.ts';
import { shortened } from '../help.ts';
import { nothingKept } from '../nothing-kept.ts';
import { timeText } from '../shown-time.ts';
import { periodOptions, readPeriod, whereOptions } from './period.ts';
import { usageResponse } from './usage-source.ts';

export const command = defineCommand('usage requests', {
  summary: 'List single requests, the newest first',
  words: { shown: '[today|7d|30d|all]', limit: 1 },
  options: {
    config: configOption,
    failed: { type: 'boolean', meaning: 'Only those that did not end well' },
    status: { type: 'string', value: 'CODE', meaning: 'Only with this status: 429, or 4xx' },
    ...whereOptions,
    ...periodOptions,
    before: { type: 'string', value: 'ID', meaning: 'Only those before this request' },
    limit: { type: 'string', value: 'N', meaning: 'At most so many (50, up to 1000)' },
    wide: wideOption,
    json: { type: 'boolean', meaning: 'Print JSON' },
  },
  details: `"cli-proxy-api explain ID" shows the details of one. Times are in usage.timezone, or the time zone of this computer.`,
  async run({ values, positionals: [period] }, shell) {
    const { configInForce } = await import('../config-in-force.ts');
    const config = await configInForce(values.config, shell);
    const { key, account, provider, model, before, limit, status } = values;
    const response = await usageResponse(config, 'requests', {
      ...readPeriod(period, values, 'all'),
      ...{ key, credential: account, provider, model, before, limit },
      status: status ?? (values.failed ? 'failed' : undefined),
    });
    const answer: { requests: ListedRequest[] } = JSON.parse(await response.text());
    if (values.json) shell.out.write(`${JSON.stringify(answer)}\n`);
    else if (answer.requests.length === 0)
      shell.out.write(
        nothingKept(
          {
            period,
            options: {
              ...{ failed: values.failed, status, key, account, provider, model },
              ...{ since: values.since, until: values.until, before },
            },
          },
          'cli-proxy-api usage requests',
        ),
      );
    else
      shell.out.write(
        `${fittedColumns(
          [heading, ...answer.requests.map((request) => line(request, config.usage.timezone))],
          tableWidth(shell, values.wide),
          {
            whole: ['REQUEST', 'TIME'],
            spare: ['TIME TAKEN', 'INPUT', 'OUTPUT', 'KEY', 'CREDENTIAL', 'COST'],
          },
        )}\n`,
      );
    return 'ok' as const;
  },
});

const heading = [
  ...['REQUEST', 'TIME', 'STATUS', 'KEY', 'MODEL', 'CREDENTIAL', 'INPUT', 'OUTPUT', 'COST'],
  'TIME TAKEN',
];

/** What stands for a cost that there is none of, by who has counted. */
const withoutCost: Readonly<Record<Counted, string>> = {
  none: '-',
  unknown: 'unknown',
  provider: 'no price',
  estimate: 'no price',
  odd: 'no price',
};

function line(request: ListedRequest, timezone: string | undefined): string[] {
  const { id, at, status, error, key, model, asked, credential, tokens, counted, cost, billing, duration } =
    request;
  // An estimate is marked.
  const count = (tokens: number | null): string =>
    tokens === null ? '-' : `${counted === 'estimate' ? '~' : ''}${tokens}`;
  return [
    id,
    timeText(at, timezone),
    error === null ? String(status) : `${status} ${error}`,
    key?.name ?? '-',
    shortened(model ?? asked),
    credential?.name ?? '-',
    count(tokens.input),
    count(tokens.output),
    cost === null ? withoutCost[counted] : `$${cost}${billing === 'subscription' ? ' worth' : ''}`,
    `${duration} ms`,
  ];
}
