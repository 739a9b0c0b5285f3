import { exposureProblem } from '../config/exposure.ts';
import { type ConfigProblem, type ConfigResult, type ConfigWarning, loadConfig } from '../config/load.ts';
import { configLocation } from '../config/location.ts';
import type { Config } from '../config/schema.ts';
import { defineCommand } from './command.ts';
import { configOption } from './config-file.ts';
import { keyTable, listedKey } from './config-keys.ts';
import { Failure } from './failure.ts';
import type { AskedServices } from './found-models.ts';
import { problemText } from './problem-text.ts';
import type { Output } from './shell.ts';

export const command = defineCommand({
  name: 'config check',
  summary: 'Check a config file without starting: every problem with its line, and what to write instead',
  options: {
    config: configOption,
    json: { type: 'boolean', meaning: 'Print JSON: ok, file, problems, warnings, keys' },
  },
  async run({ values }, { out, env }) {
    const file = configLocation(values.config, env).file;
    const result = await loadConfig(file, { env });
    const problems = problemsOf(result);
    const services = result.ok ? await askedServices(result.config) : [];
    const warnings = result.ok
      ? [...result.warnings, ...(await accountWarnings(result.config)), ...serviceWarnings(file, services)]
      : [];
    const keys = result.ok ? result.keys : [];
    const ok = problems.length === 0;
    if (values.json) {
      out.write(`${JSON.stringify({ ok, file, problems, warnings, keys: keys.map(listedKey) })}\n`);
    } else {
      for (const problem of problems) out.write(`${out.style('red', 'problem:')} ${problemText(problem)}\n`);
      out.write(keyTable(keys, out));
      // What the table has is not said twice.
      const ignored = new Set(keys.flatMap(({ state, key }) => (state === 'ignored' ? [key] : [])));
      for (const warning of warnings.filter(({ key, hint }) => hint !== undefined || !ignored.has(key)))
        out.write(`${out.style('yellow', 'warning:')} ${problemText(warning)}\n`);
      for (const { models, sentence } of services) if (models > 0) out.write(`${sentence}.\n`);
      out.write(verdict(file, problems.length, warnings.length, out));
    }
    return ok ? 'ok' : 'config';
  },
});

/** Files in `auth-dir` that are no accounts, and accounts that need a new login: the server starts, without them. */
async function accountWarnings(config: Config): Promise<ConfigWarning[]> {
  const { openStore } = await import('./auth/accounts.ts');
  const { signInCommand } = await import('../accounts/sign-in-command.ts');
  const nowhere = { line: 0, column: 0 };
  try {
    const { accounts, problems } = await (await openStore(config)).list();
    return [
      ...problems.map(({ file, key, message }) => ({ file, ...nowhere, key: key ?? '', message })),
      ...accounts.flatMap(({ file, kind, facts, standing }) =>
        standing.kind === 'good'
          ? []
          : [
              {
                file,
                ...nowhere,
                key: '',
                message: standing.reason,
                hint: `sign in again: ${signInCommand({ kind, facts })}`,
              },
            ],
      ),
    ];
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return [{ file: config['auth-dir'], ...nowhere, key: '', message: error.message }];
  }
}

async function askedServices(config: Config): Promise<AskedServices['outcomes']> {
  const { credentialsFromConfig } = await import('../credentials/from-config.ts');
  const { askServices } = await import('./found-models.ts');
  return (await askServices(credentialsFromConfig(config), config)).outcomes;
}

/** Services that name no models and list none: the server starts, without them. */
function serviceWarnings(file: string, services: AskedServices['outcomes']): ConfigWarning[] {
  return services
    .filter(({ models }) => models === 0)
    .map(({ sentence }) => ({
      file,
      line: 0,
      column: 0,
      key: 'openai-compatibility',
      message: `${sentence}.`,
      hint: 'name its models under "models", or start the service and check again',
    }));
}

/** What keeps the server from starting with this file. */
function problemsOf(result: ConfigResult): ConfigProblem[] {
  if (!result.ok) return result.problems;
  const exposure = exposureProblem(result.config);
  return exposure === undefined ? [] : [exposure];
}

function verdict(file: string, problems: number, warnings: number, { style }: Output): string {
  const warned = warnings === 0 ? '' : `, ${counted(warnings, 'warning')}`;
  return problems === 0
    ? `${style('green', '✓')} ${file} is fine${warned}.\n`
    : `${style('red', '✗')} ${file}: ${counted(problems, 'problem')}${warned}. The server does not start on it.\n`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
