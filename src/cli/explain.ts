import type { Config } from '../config/schema.ts';
import { systemClock } from '../ground/clock.ts';
import type { ManagementAnswer } from '../management/own-answers.ts';
import type { UsageAnswer } from '../management/usage-answers.ts';
import { printable } from '../telemetry/printable.ts';
import { defineCommand } from './command.ts';
import { configOption } from './config-file.ts';
import type { WantedRequests } from './explained-requests.ts';
import { Failure } from './failure.ts';
import { fittedColumns, tableWidth, wideOption } from './fitted-table.ts';
import type { Shell } from './shell.ts';

export const command = defineCommand('explain', {
  summary:
    'Explain how a request was routed: the candidates, which were skipped, what was tried, the results',
  words: { shown: '[REQUEST-ID]', limit: 1 },
  options: {
    config: configOption,
    model: {
      type: 'string',
      value: 'NAME',
      meaning:
        'Show how a request for this model would be routed now; with the options below, only requests for it',
    },
    key: {
      type: 'string',
      value: 'NAME',
      meaning:
        'Only requests of this client key; with --model: what that key may use, and what is left of its limits',
    },
    failed: { type: 'boolean', meaning: 'Only failed requests' },
    since: {
      type: 'string',
      value: 'TIME',
      meaning: 'Only requests from this time on: 2026-11-29, 24h, 30m',
    },
    limit: { type: 'string', value: 'N', meaning: 'Maximum number of requests (20)' },
    wide: wideOption,
    json: { type: 'boolean', meaning: 'Print JSON' },
  },
  details: `REQUEST-ID is the x-request-id of a response, and the id in the log. Without it requests are listed, newest first: the
latest 2,000 of the gateway that runs with the same auth-dir, and those in its usage history, also from before a restart
or if none is running. The history does not have the texts of providers' errors: those are in the log.
  explain --failed --since 1h                failures of the last hour
  explain --failed --key ann --model gpt-5   the same of one client key, for one model`,
  async run({ values, positionals: [id] }, shell) {
    const { configInForce } = await import('./config-in-force.ts');
    const { askRunning, notRunning, segmentOf } = await import('./running-gateway.ts');
    const config = await configInForce(values.config, shell);
    const directory = config['auth-dir'];
    const isFiltered = values.failed === true || values.since !== undefined || values.limit !== undefined;
    if (id === undefined && (values.model === undefined || isFiltered))
      return list(config, { ...values, limit: limitOf(values.limit) }, values, shell);
    const path =
      id !== undefined
        ? `requests/${segmentOf(id, 'request')}`
        : `routing?${new URLSearchParams({ model: values.model ?? '', ...(values.key && { key: values.key }) })}`;
    const answer = await askRunning(directory, path);
    if (answer === undefined) {
      const kept = id === undefined ? undefined : await keptRequest(config, id);
      if (kept === undefined) throw notRunning(directory, hintWithout(id));
      shell.out.write(values.json ? `${JSON.stringify(kept)}\n` : await explained(printed(kept)));
      return 'ok' as const;
    }
    if (values.json) shell.out.write(`${JSON.stringify(answer)}\n`);
    else shell.out.write(await explained(printed(answer)));
    return 'ok' as const;
  },
});

const usualLimit = 20;

function limitOf(written: string | undefined): number {
  if (written === undefined) return usualLimit;
  const limit = Number(written);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw new Failure('usage', `--limit takes a whole number from 1 to 1000, not "${written}"`);
  return limit;
}

async function list(
  config: Config,
  wanted: WantedRequests,
  { json, wide }: { json?: boolean | undefined; wide?: boolean | undefined },
  shell: Shell,
): Promise<'ok'> {
  const { explainedRequests, requestRows } = await import('./explained-requests.ts');
  const requests = await explainedRequests(config, wanted);
  if (json) shell.out.write(`${JSON.stringify({ requests })}\n`);
  else if (requests.length === 0) {
    const { nothingKept } = await import('./nothing-kept.ts');
    const { failed, since, key, model } = wanted;
    shell.out.write(nothingKept({ options: { failed, since, key, model } }, 'cli-proxy-api explain'));
  } else
    shell.out.write(
      `${fittedColumns(requestRows(requests, config.usage.timezone), tableWidth(shell, wide), { whole: ['REQUEST', 'TIME'], spare: ['ATTEMPTS', 'KEY', 'CREDENTIAL'] })}\n`,
    );
  return 'ok';
}

/** What can be done where no gateway runs. */
function hintWithout(id: string | undefined): string {
  return id !== undefined
    ? '"cli-proxy-api explain" lists those that one has left.'
    : 'Only a running gateway can show how a request would be routed.';
}

/** A request from the file of usage, where no gateway runs; undefined where there is no such file. */
async function keptRequest(config: Config, id: string): Promise<ManagementAnswer | undefined> {
  const { existsSync } = await import('node:fs');
  const { usageFile } = await import('../usage/usage-database.ts');
  if (!existsSync(usageFile(config['auth-dir']))) return undefined;
  const { usageResponse } = await import('./usage/usage-source.ts');
  const { traceOf } = await import('../management/stored-trace.ts');
  const { segmentOf } = await import('./running-gateway.ts');
  const response = await usageResponse(config, `requests/${segmentOf(id, 'request')}`, {});
  const { request }: Extract<UsageAnswer, { request: unknown }> = JSON.parse(await response.text());
  return { request: traceOf(request, request.attempts, request.promptCache ?? undefined) };
}

/** The answer with each text in it on one line: clients and providers have chosen some of them. */
function printed(answer: ManagementAnswer): ManagementAnswer {
  return JSON.parse(JSON.stringify(answer), (_, value: unknown) =>
    typeof value === 'string' ? printable(value) : value,
  );
}

async function explained(answer: ManagementAnswer): Promise<string> {
  const { explainChoice, explainTrace } = await import('../gateway/trace/explain-text.ts');
  if ('request' in answer) return explainTrace(answer.request, systemClock.now());
  if ('choice' in answer) return explainChoice(answer.model, answer.choice, answer.key, systemClock.now());
  return '';
}
