import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Applied, ImportReport } from '../import/apply.ts';
import type { ImportSource } from '../import/plan.ts';
import { defineCommand } from './command.ts';
import { configOption } from './config-file.ts';
import { Failure } from './failure.ts';
import type { Shell } from './shell.ts';
import { placesOf } from './user-places.ts';

export const command = defineCommand('import', {
  summary: 'Take over keys, models and logins from another gateway or client',
  words: { shown: '[PROGRAM] [PATH]', limit: 2 },
  options: {
    config: configOption,
    'dry-run': { type: 'boolean', meaning: 'Show what would be imported; write nothing' },
    'take-over': {
      type: 'boolean',
      meaning:
        'Copy logins whose refresh token works once, too: the other program is signed out when it is used here',
    },
    secrets: {
      type: 'string',
      value: 'file|env',
      meaning: 'Where keys go: into the config (usual), or into .env beside it, as ${NAME} in the config',
    },
    json: {
      type: 'boolean',
      meaning: 'Print JSON: carried (title, to, state), left (title, reason), unset, changed',
    },
  },
  details: `Without PROGRAM the programs are listed. The other program's files are not changed, the network is not used, no keychain
is read, and no key is printed. Comments and existing settings of the config stay, and a second run changes nothing.
docs/import.md has the mapping.`,
  async run({ values, positionals: [name, path] }, shell) {
    const { sources } = await import('../import/sources.ts');
    if (name === undefined) {
      shell.out.write(await listed(sources, shell));
      return 'ok' as const;
    }
    const source = sources.find((one) => one.name === name) ?? (await unknown(name, sources, shell));
    const secrets = values.secrets ?? 'file';
    if (secrets !== 'file' && secrets !== 'env')
      throw new Failure('usage', `--secrets is "file" or "env", not "${secrets}"`);
    const usual = source.usualPath(placesOf(shell));
    const from = path === undefined ? usual : fileIn(path, source.fileName ?? (usual && basename(usual)));
    if (from === undefined)
      throw new Failure(
        'usage',
        `${source.title} has no usual place`,
        `Name its file: cli-proxy-api import ${name} PATH`,
      );
    const read = await source.read(resolve(from), placesOf(shell));
    if (!read.ok) throw new Failure('failure', read.sentence);

    const { apply } = await import('../import/apply.ts');
    const { configLocation } = await import('../config/location.ts');
    const { file, exists } = configLocation(values.config, shell.env);
    const dryRun = values['dry-run'] === true;
    const applied = await apply(read.plan, {
      file,
      exists,
      env: shell.env,
      secrets,
      dryRun,
      takeOver: values['take-over'] === true,
      configFile: async () => (await import('./editable-config.ts')).editableConfig(values.config, shell),
      async store() {
        const { accountConfig, openStore } = await import('./auth/accounts.ts');
        return openStore(await accountConfig(values.config, shell));
      },
    });
    if (!applied.ok) throw await notApplied(applied);
    const { report } = applied;
    const isEmpty = report.carried.length + report.left.length === 0;
    if (values.json)
      shell.out.write(
        `${JSON.stringify({ program: name, from: resolve(from), config: resolve(file), dryRun, ...report })}\n`,
      );
    else if (!isEmpty) await say(report, { file, dryRun, shell });
    if (!isEmpty) return 'ok' as const;
    throw new Failure(
      'failure',
      `nothing was found in ${from}: it holds nothing that could be carried over`,
      `Look whether it is the file of ${source.title} that was meant.`,
    );
  },
});

/** The program's own file of a directory that was named: `~/.codex`. */
function fileIn(path: string, name: string | undefined): string {
  const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  return isDirectory && name !== undefined ? join(path, name) : path;
}

async function listed(sources: readonly ImportSource[], shell: Shell): Promise<string> {
  const { columns } = await import('./help.ts');
  const rows = sources.map(({ name, title, usualPath }) => [
    name,
    title,
    usualPath(placesOf(shell)) ?? 'name its file',
  ]);
  return `${columns([['PROGRAM', '', 'READ FROM'], ...rows])}\n`;
}

/** Names of programs have neither slashes nor dots, and are no files. */
function isPath(word: string): boolean {
  return /[/\\.~]/.test(word) || existsSync(word);
}

/** Whether the path ends as that under which a program keeps its file: `.codex`, `.codex/auth.json`. */
function endsAsOf(source: ImportSource, path: string, shell: Shell): boolean {
  const usual = source.usualPath(placesOf(shell));
  if (usual === undefined) return false;
  const folder = basename(dirname(usual));
  const given = resolve(path);
  return (
    basename(given) === folder || (basename(given) === basename(usual) && basename(dirname(given)) === folder)
  );
}

async function unknown(name: string, sources: readonly ImportSource[], shell: Shell): Promise<never> {
  const { suggestion } = await import('../config/suggestion.ts');
  if (isPath(name)) {
    const owner = sources.find((source) => endsAsOf(source, name, shell));
    const one =
      owner === undefined ? `, PROGRAM being one of ${sources.map((source) => source.name).join(', ')}` : '';
    throw new Failure(
      'usage',
      `"${name}" is a path; the name of the program whose file it is comes first`,
      `Write cli-proxy-api import ${owner?.name ?? 'PROGRAM'} ${name}${one}.`,
    );
  }
  const names = sources.map((one) => one.name);
  const guess = suggestion(name, names);
  throw new Failure(
    'usage',
    `"${name}" is none of the programs that can be imported`,
    guess === undefined ? `They are: ${names.join(', ')}.` : `Did you mean ${guess}?`,
  );
}

async function notApplied({ sentence, problems = [] }: Extract<Applied, { ok: false }>): Promise<Failure> {
  const { formatProblem } = await import('../config/load.ts');
  return new Failure(
    problems.length > 0 ? 'config' : 'failure',
    [sentence, ...problems.map(formatProblem)].join('\n'),
  );
}

interface Said {
  file: string;
  dryRun: boolean;
  shell: Shell;
}

async function say(report: ImportReport, { file, dryRun, shell: { out, err } }: Said): Promise<void> {
  const { columns } = await import('./help.ts');
  const { carried, left, unset, envFile, changed } = report;
  const state = { new: dryRun ? 'would be new' : 'new', there: 'there already' };
  if (carried.length > 0) {
    const rows = carried.map((one) => [one.title, one.to, state[one.state]]);
    out.write(`${columns([['CARRIED OVER', 'TO', ''], ...rows])}\n`);
  }
  if (left.length > 0) {
    if (carried.length > 0) out.write('\n');
    out.write(
      `${columns([['NOT CARRIED OVER', 'BECAUSE'], ...left.map(({ title, reason }) => [title, reason])])}\n`,
    );
  }
  if (unset.length > 0)
    err.write(
      `Set ${unset.join(', ')} in the environment of the gateway, or in .env beside ${file}: the config names them.\n`,
    );
  if (dryRun) err.write('Nothing was written: this was a dry run.\n');
  else if (!changed) err.write('Nothing was changed.\n');
  else
    err.write(
      `${file} is written${envFile === undefined ? '' : `, with the keys in ${envFile}`}; "cli-proxy-api config restore" takes the change back.\n`,
    );
}
