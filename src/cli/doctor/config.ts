import { chmod, stat } from 'node:fs/promises';
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
    const place = first === undefined ? '' : `line ${first.line}: ${first.key} ${first.message}`;
    return [
      ...findings,
      fail(
        'config.parses',
        `${loaded.problems.length} problems; ${place}.`,
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
          `${loaded.warnings.length} remarks; line ${warning.line}: ${warning.key} ${warning.message}.`,
          `cli-proxy-api config check --config ${word}`,
        ),
  );
  return findings;
};

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
