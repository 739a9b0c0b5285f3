import { suggestion } from '../../config/suggestion.ts';
import type { UsageTable } from '../../usage/usage-reader.ts';
import type { UsageRow } from '../../usage/usage-row.ts';
import { defineCommand } from '../command.ts';
import { configOption } from '../config-file.ts';
import { Failure } from '../failure.ts';
import { fittedColumns, tableWidth, wideOption } from '../fitted-table.ts';
import { nothingKept } from '../nothing-kept.ts';
import { timeText } from '../shown-time.ts';
import { periodOptions, readPeriod, whereOptions } from './period.ts';
import { usageResponse } from './usage-source.ts';

const byWords = ['key', 'account', 'credential', 'provider', 'model', 'session', 'hour', 'day'];

export const command = defineCommand('usage', {
  summary: 'Show what was used and what it cost, by model, key, account, provider, hour or day',
  words: { shown: '[today|7d|30d|all]', limit: 1 },
  options: {
    config: configOption,
    by: {
      type: 'string',
      value: 'WORDS',
      meaning: 'key, account, provider, model, session, hour or day; several with commas (model)',
    },
    ...periodOptions,
    ...whereOptions,
    wide: wideOption,
    json: { type: 'boolean', meaning: 'Print JSON' },
    csv: { type: 'boolean', meaning: 'Print a table for spreadsheets' },
  },
  details: `Without a time it is today. A time is a date (2026-11-29), a moment (2026-11-29T12:00:00Z) or how long ago (36h).
PAID is what is billed by the token; WORTH is what the use of subscriptions would have cost. What has no known price is in
neither and counted under NO PRICE: give it one under "prices" in the config, then run "usage recompute".
Hours and days are those of usage.timezone, or of this computer.`,
  async run({ values, positionals: [period] }, shell) {
    const { configInForce } = await import('../config-in-force.ts');
    const config = await configInForce(values.config, shell);
    if (values.json && values.csv)
      throw new Failure('usage', '--json and --csv are two ways of writing it: take one');
    const words = [...new Set((values.by ?? 'model').split(',').map((word) => word.trim()))];
    for (const word of words)
      if (!byWords.includes(word)) {
        const meant = suggestion(word, byWords);
        throw new Failure(
          'usage',
          `--by takes ${byWords.join(', ')}, not "${word}"`,
          meant === undefined ? undefined : `Did you mean --by ${meant}?`,
        );
      }
    const steps = words.filter((word) => word === 'hour' || word === 'day');
    if (steps.length > 1) throw new Failure('usage', '--by takes hour or day, not both');
    const by = words.filter((word) => word !== 'hour' && word !== 'day');
    const [step] = steps;
    const { key, account, provider, model } = values;
    const response = await usageResponse(config, step === undefined ? 'summary' : 'series', {
      ...readPeriod(period, values),
      ...{ key, credential: account, provider, model },
      by: by.join(','),
      step,
    });
    const table: UsageTable = JSON.parse(await response.text());
    if (values.json) shell.out.write(`${JSON.stringify(table)}\n`);
    else if (values.csv) shell.out.write(await csv(table, by, step, config.usage.timezone));
    else if (table.total.requests === 0)
      shell.out.write(
        nothingKept(
          {
            period:
              period ?? (values.since === undefined && values.until === undefined ? 'today' : undefined),
            options: { since: values.since, until: values.until, key, account, provider, model },
          },
          'cli-proxy-api usage all',
        ),
      );
    else shell.out.write(text(table, by, step, config.usage.timezone, tableWidth(shell, values.wide)));
    return 'ok' as const;
  },
});

function text(
  { rows, total }: UsageTable,
  by: readonly string[],
  step: Step | undefined,
  timezone: string | undefined,
  width: number | undefined,
): string {
  const heads = [
    ...(step === undefined ? [] : [step.toUpperCase()]),
    ...by.map((word) => word.toUpperCase()),
  ];
  const bySession = by.includes('session') && step === undefined;
  const head = [
    ...heads,
    ...(bySession ? ['PAID AGAIN'] : []),
    ...['REQUESTS', 'FAILED', 'INPUT', 'CACHED', 'WRITTEN', 'OUTPUT', 'PAID', 'WORTH'],
    ...(total.unpriced === 0 ? [] : ['NO PRICE']),
    ...['TTFT P50', 'P95'],
  ];
  const figures = (row: UsageRow): string[] => figuresOf(row, total.unpriced > 0);
  const again = (row: UsageRow): string[] => (bySession ? [againText(row)] : []);
  const lines = rows.map((row) => [
    ...begins(row, step, timezone),
    ...names(row, by),
    ...again(row),
    ...figures(row),
  ]);
  const last =
    heads.length === 0
      ? []
      : [[...heads.map((_, index) => (index === 0 ? 'total' : '')), ...again(total), ...figures(total)]];
  return `${fittedColumns([head, ...(heads.length === 0 ? [figures(total)] : lines), ...last], width, { whole: ['HOUR', 'DAY'], spare: ['P95', 'TTFT P50', 'WRITTEN', 'CACHED', 'FAILED', 'INPUT', 'OUTPUT'] })}\n${unpricedText(total)}`;
}

function unpricedText({ unpriced }: UsageRow): string {
  if (unpriced === 0) return '';
  const of =
    unpriced === 1
      ? '1 of these requests has no known price and is in neither sum: give its model'
      : `${unpriced} of these requests have no known price and are in neither sum: give their models`;
  return `${of} one under "prices".\nImages and sound that come without token counts have none.\n`;
}

type Step = 'hour' | 'day';

/** When the row's hour or day begins: a day is a date, in the zone whose midnight ends it. */
function begins({ at }: UsageRow, step: Step | undefined, timezone: string | undefined): string[] {
  if (step === undefined) return [];
  return [at === undefined ? '' : timeText(at, timezone).slice(0, step === 'day' ? 10 : 16)];
}

function names(row: UsageRow, by: readonly string[]): string[] {
  return by.map((word) => {
    switch (word) {
      case 'key':
        return row.key?.name ?? '';
      case 'account':
      case 'credential':
        return row.credential?.name ?? '';
      case 'provider':
        return row.provider ?? '';
      case 'session':
        return row.session ?? '';
      default:
        return row.model ?? '';
    }
  });
}

/** `hasUnpriced`: a column for requests of unknown cost. */
function figuresOf(
  { requests, failed, unpriced, tokens, cost, ttftP50, ttftP95 }: UsageRow,
  hasUnpriced: boolean,
): string[] {
  return [
    String(requests),
    String(failed),
    amount(tokens.input),
    amount(tokens.cacheRead),
    amount(tokens.cacheWrite + tokens.cacheWrite1h),
    amount(tokens.output),
    money(cost.paid),
    money(cost.worth),
    ...(hasUnpriced ? [unpriced === 0 ? '-' : String(unpriced)] : []),
    ttftP50 === null ? '-' : `${ttftP50} ms`,
    ttftP95 === null ? '-' : `${ttftP95} ms`,
  ];
}

/** Tokens that were in a prompt cache and were paid again, and how often; nothing for the total of all conversations. */
function againText({ promptCache: cache }: UsageRow): string {
  if (cache === undefined) return '';
  const turns = cache.switches + cache.changes;
  return turns === 0 ? '-' : `${amount(cache.switchTokens + cache.changeTokens)} (${turns}×)`;
}

/** `1234`, `56.7k`, `8.90M`. */
function amount(count: number): string {
  if (count < 10_000) return String(count);
  return count < 1_000_000 ? `${(count / 1000).toFixed(1)}k` : `${(count / 1_000_000).toFixed(2)}M`;
}

/** Cents, and more where it is less than one. */
function money(dollars: string): string {
  const number = Number(dollars);
  if (number === 0) return '-';
  return number < 0.01 ? `$${number.toPrecision(2)}` : `$${number.toFixed(2)}`;
}

async function csv(
  { rows }: UsageTable,
  by: readonly string[],
  step: Step | undefined,
  timezone: string | undefined,
): Promise<string> {
  const { csvLine } = await import('../../usage/export.ts');
  const head = [
    ...(step === undefined ? [] : [step]),
    ...by,
    ...[
      'requests',
      'failed',
      'unpriced',
      'input',
      'cache_read',
      'cache_write',
      'cache_write_1h',
      'reasoning',
      'output',
    ],
    ...['paid_usd', 'worth_usd', 'ttft_p50_ms', 'ttft_p95_ms'],
  ];
  const lines = rows.map((row) => {
    const { requests, failed, unpriced, tokens, cost, ttftP50, ttftP95 } = row;
    const { input, cacheRead, cacheWrite, cacheWrite1h, reasoning, output } = tokens;
    // An hour may come twice where clocks go back: it is distinguished from the other in UTC.
    const time = step === 'hour' ? [row.at ?? ''] : begins(row, step, timezone);
    return [
      ...time,
      ...names(row, by),
      ...[requests, failed, unpriced, input, cacheRead, cacheWrite, cacheWrite1h, reasoning, output],
      ...[cost.paid, cost.worth, ttftP50, ttftP95],
    ];
  });
  return [head, ...lines].map((line) => `${csvLine(line)}\r\n`).join('');
}
