import type { Config } from '../config/schema.ts';
import type { RequestTrace } from '../gateway/trace/request-trace.ts';
import type { ManagementAnswer } from '../management/own-answers.ts';
import type { UsageAnswer } from '../management/usage-answers.ts';
import { printable } from '../telemetry/printable.ts';
import { defineCommand } from './command.ts';
import { configOption } from './config-file.ts';
import { columns, shortened } from './help.ts';
import { timeText } from './shown-time.ts';

export const command = defineCommand({
  name: 'explain',
  summary:
    'Say why a request went as it went: who was there, who was passed over, what was tried, what came back',
  words: { shown: '[REQUEST-ID]', limit: 1 },
  options: {
    config: configOption,
    model: {
      type: 'string',
      value: 'NAME',
      meaning: 'Say what would happen to a request for this model now',
    },
    key: {
      type: 'string',
      value: 'NAME',
      meaning: 'With --model: for the client key of this name, and what is left of its limits',
    },
    json: { type: 'boolean', meaning: 'Print JSON' },
  },
  details: `REQUEST-ID is the x-request-id of an answer, and the id in the log. Without it the latest requests are listed.
The gateway that runs with the same auth-dir is asked; it remembers its latest 2,000 requests. Older ones, and those of
a gateway that has stopped, come from what usage keeps: without what providers said in words, which is in the log.`,
  async run({ values, positionals: [id] }, shell) {
    const { accountConfig } = await import('./auth/accounts.ts');
    const { askRunning, notRunning } = await import('./running-gateway.ts');
    const config = await accountConfig(values.config, shell);
    const directory = config['auth-dir'];
    const path =
      values.model !== undefined
        ? `routing?${new URLSearchParams({ model: values.model, ...(values.key && { key: values.key }) })}`
        : id === undefined
          ? 'requests'
          : `requests/${encodeURIComponent(id)}`;
    const answer = await askRunning(directory, path);
    if (answer === undefined) {
      const kept = id === undefined ? undefined : await keptRequest(config, id);
      if (kept === undefined) throw notRunning(directory, hintWithout(values.model));
      shell.out.write(values.json ? `${JSON.stringify(kept)}\n` : await told(printed(kept)));
      return 'ok' as const;
    }
    if (values.json) shell.out.write(`${JSON.stringify(answer)}\n`);
    else shell.out.write(await told(printed(answer)));
    return 'ok' as const;
  },
});

/** What can be done where no gateway runs. */
function hintWithout(model: string | undefined): string {
  return model === undefined
    ? '"cli-proxy-api usage requests" lists those that one has left.'
    : 'Only a gateway that runs can say where a request would go.';
}

/** A request from the file of usage, where no gateway runs; undefined where there is no such file. */
async function keptRequest(config: Config, id: string): Promise<ManagementAnswer | undefined> {
  const { existsSync } = await import('node:fs');
  const { usageFile } = await import('../usage/usage-database.ts');
  if (!existsSync(usageFile(config['auth-dir']))) return undefined;
  const { usageResponse } = await import('./usage/usage-source.ts');
  const { traceOf } = await import('../management/kept-trace.ts');
  const response = await usageResponse(config, `requests/${encodeURIComponent(id)}`, {});
  const { request }: Extract<UsageAnswer, { request: unknown }> = JSON.parse(await response.text());
  return { request: traceOf(request, request.attempts, request.promptCache ?? undefined) };
}

/** The answer with each text in it on one line: clients and providers have chosen some of them. */
function printed(answer: ManagementAnswer): ManagementAnswer {
  return JSON.parse(JSON.stringify(answer), (_, value: unknown) =>
    typeof value === 'string' ? printable(value) : value,
  );
}

async function told(answer: ManagementAnswer): Promise<string> {
  const { explainChoice, explainTrace } = await import('../gateway/trace/explain-text.ts');
  if ('request' in answer) return explainTrace(answer.request, Date.now());
  if ('choice' in answer) return explainChoice(answer.model, answer.choice, answer.key, Date.now());
  if ('requests' in answer) return list(answer.requests);
  return '';
}

function list(requests: readonly RequestTrace[]): string {
  if (requests.length === 0) return 'No request has come since the gateway started.\n';
  const rows = requests.map(({ id, at, model, steps, outcome }) => {
    const attempts = steps.filter((step) => step.kind === 'attempt');
    return [
      id,
      timeText(at).slice(11),
      outcome === undefined ? 'running' : String(outcome.status),
      shortened(model),
      attempts.at(-1)?.credential ?? '-',
      String(attempts.length),
    ];
  });
  return `${columns([['REQUEST', 'TIME', 'STATUS', 'MODEL', 'CREDENTIAL', 'ATTEMPTS'], ...rows])}\n`;
}
