/** What a text is as the configuration of `/etc/proxy/config.yaml`, and what is wrong with it. */
import { parseConfig } from '../src/config/load.ts';
import { type ConfigProblem, formatProblem } from '../src/config/problem.ts';
import type { Config } from '../src/config/schema.ts';

export type Env = Record<string, string>;

export function load(text: string, env: Env = {}) {
  return parseConfig(text, { file: '/etc/proxy/config.yaml', env: { HOME: '/home/ann', ...env } });
}

export function configOf(text: string, env?: Env): Config {
  const result = load(text, env);
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.config;
}

export function problemsOf(text: string, env?: Env): ConfigProblem[] {
  const result = load(text, env);
  return result.ok ? [] : result.problems;
}

export function onlyProblem(text: string, env?: Env): ConfigProblem {
  const problems = problemsOf(text, env);
  const [problem] = problems;
  if (!problem || problems.length > 1)
    throw new Error(`expected one problem, found ${problems.map(formatProblem).join('\n')}`);
  return problem;
}
