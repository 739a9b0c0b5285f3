import { exposureProblem } from '../config/exposure.ts';
import { type ConfigProblem, type ConfigResult, formatProblem, loadConfig } from '../config/load.ts';
import { defineCommand } from './command.ts';
import { configOption, defaultConfigFile } from './config-file.ts';
import type { Output } from './shell.ts';

export const command = defineCommand({
  name: 'config check',
  summary: 'Check a config file without starting: every problem with its line, and what to write instead',
  options: {
    config: configOption,
    json: { type: 'boolean', meaning: 'Print JSON: ok, file, problems, warnings' },
  },
  async run({ values }, { out, env }) {
    const file = values.config ?? defaultConfigFile;
    const result = await loadConfig(file, { env });
    const problems = problemsOf(result);
    const warnings = result.ok ? result.warnings : [];
    const ok = problems.length === 0;
    if (values.json) {
      out.write(`${JSON.stringify({ ok, file, problems, warnings })}\n`);
    } else {
      for (const problem of problems)
        out.write(`${out.style('red', 'problem:')} ${formatProblem(problem)}\n`);
      for (const warning of warnings)
        out.write(`${out.style('yellow', 'warning:')} ${formatProblem(warning)}\n`);
      out.write(verdict(file, problems.length, warnings.length, out));
    }
    return ok ? 'ok' : 'config';
  },
});

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
