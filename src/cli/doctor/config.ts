import { chmod, stat } from 'node:fs/promises';
import { problemInLine } from '../../config/problem.ts';
import type { Config } from '../../config/schema.ts';
import { counted } from '../../ground/counted.ts';
import { type Finding, fail, ok, type Subject, shellWord, skip, warn } from './check.ts';

/** The config file: is it there, does it parse, may others read it. */
export const configChecks: Subject = async ({ file, loaded }) => {
  const word = shellWord(file);
  if (loaded === undefined)
    return [
      warn('config.file', `There is no config at ${file}.`, 'cli-proxy-api serve'),
      skip('config.parses', 'Without a config there is nothing to parse.'),
    ];
  const findings: Finding[] = [ok('config.file', `The config is ${file}.`), await mode(file, word)];
  if (!loaded.ok) {
    const [first] = loaded.problems;
    const place = first === undefined ? '' : problemInLine(first);
    return [
      ...findings,
      fail(
        'config.parses',
        `${counted(loaded.problems.length, 'problem')}; ${place}.`,
        `cli-proxy-api config check --config ${word}`,
      ),
    ];
  }
  findings.push(ok('config.parses', 'The config parses, and its ${NAME}s are set.'));
  const [warning] = loaded.warnings;
  findings.push(
    warning === undefined
      ? ok('config.keys', 'Every key of the config is known and has an effect.')
      : warn(
          'config.keys',
          `${counted(loaded.warnings.length, 'remark')}; ${problemInLine(warning)}.`,
          `cli-proxy-api config check --config ${word}`,
        ),
    await aliases(loaded.config),
  );
  return findings;
};

/** One name for two models of one entry: legal, and seldom meant. */
async function aliases(config: Config): Promise<Finding> {
  const id = 'config.aliases';
  const { credentialsFromConfig } = await import('../../credentials/from-config.ts');
  const lists = [
    ...credentialsFromConfig(config).map(({ label, models, aliases }) => ({
      label,
      models: [...models, ...aliases],
    })),
    ...Object.entries(config['oauth-model-alias']).map(([kind, models]) => ({
      label: `oauth-model-alias.${kind}`,
      models: models.flatMap(({ name, alias }) => (alias === undefined ? [] : [{ name, alias }])),
    })),
  ];
  for (const { label, models } of lists) {
    const named = new Map<string, string>();
    for (const { name, alias } of models) {
      const other = named.get(alias.toLowerCase());
      named.set(alias.toLowerCase(), name);
      if (other !== undefined && other.toLowerCase() !== name.toLowerCase())
        return warn(
          id,
          `${label} has the alias "${alias}" twice: its requests go to ${other} and to ${name} by turns.`,
          'give each an alias of its own, unless that is meant',
        );
    }
  }
  return ok(id, 'No entry has one alias for two models.');
}

async function mode(file: string, word: string): Promise<Finding> {
  const id = 'config.mode';
  if (process.platform === 'win32') return skip(id, 'Windows has no file modes.');
  const { mode: bits } = await stat(file);
  if ((bits & 0o077) === 0) return ok(id, 'Only its owner may read the config.');
  return {
    ...warn(id, `Others on this computer may read ${file}, keys included.`, `chmod 600 ${word}`),
    mend: () => chmod(file, 0o600),
  };
}
