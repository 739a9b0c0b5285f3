/** The config file as the commands use it. What is wrong with it becomes sentences with line numbers. */

import { exposureProblem } from '../config/exposure.ts';
import { type ConfigProblem, type ConfigResult, formatProblem, loadConfig } from '../config/load.ts';
import { configLocation } from '../config/location.ts';
import { Failure } from './failure.ts';
import { problemText } from './problem-text.ts';
import type { Shell } from './shell.ts';

/** The option that commands with a config share. */
export const configOption = {
  type: 'string',
  value: 'FILE',
  meaning: 'The config file (else CLI_PROXY_API_CONFIG, ./config.yaml, ~/.cli-proxy-api/config.yaml)',
} as const;

/** Loads the config that the option names, or the one that is found without it. */
export async function readConfig(option: string | undefined, shell: Shell) {
  return readConfigFile(configLocation(option, shell.env).file, shell);
}

/** Loads the file and prints its warnings. Throws a {@link Failure} that names every problem. */
export async function readConfigFile(
  file: string,
  { err, env }: Shell,
): Promise<Extract<ConfigResult, { ok: true }>> {
  const result = await loadConfig(file, { env });
  if (!result.ok) throw problemsFound(result.problems);
  for (const warning of result.warnings)
    err.write(`${err.style('yellow', 'warning:')} ${problemText(warning)}\n`);
  return result;
}

/** The problems of a config as a reason not to go on. */
export function problemsFound(problems: readonly ConfigProblem[]): Failure {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new Failure('config', `the config has ${count}:\n${problems.map(formatProblem).join('\n')}`);
}

/** Throws a {@link Failure} where the config must not be served because anybody could use it. */
export function refuseExposure(config: Parameters<typeof exposureProblem>[0]): void {
  const problem = exposureProblem(config);
  if (problem !== undefined) throw problemsFound([problem]);
}
