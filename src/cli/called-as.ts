/** How this program was called, so that the commands in its hints can be pasted. */
import { realpathSync } from 'node:fs';
import { basename, isAbsolute, relative } from 'node:path';

/** The name that sources and docs write. */
const name = 'cli-proxy-api';

/**
 * The first words of all commands, and the placeholder for one in help. Only in front of these is the name part of a line to paste.
 * A test holds it against the table of commands, which the start of a gateway does not load.
 */
export const commandWords = [
  ...[
    'serve',
    'auth',
    'config',
    'cluster',
    'models',
    'run',
    'connect',
    'explain',
    'quota',
    'usage',
    'translate',
    'console',
  ],
  ...['sandbox', 'version', 'help', 'service', 'health', 'doctor', 'test', 'import', 'record', 'replay'],
  ...['backup', 'restore', 'update', 'uninstall', 'completion', 'COMMAND', '[COMMAND]'],
];

/** What was typed in front of the arguments; each part that cannot be known falls back on the bare name. */
export interface Call {
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  /** The program of that name in PATH; null without one. */
  which(name: string): string | null;
}

/**
 * The words in front of a command: `cli-proxy-api` where PATH finds the program, `npx cli-proxy-api`, or its path from here, quoted
 * for a shell. CLI_PROXY_API_CALLED_AS, which `bin/cli-proxy-api` and built executables set at their start, is how it was typed.
 */
export function calledAs({ env, cwd, which }: Call): string {
  if (env.npm_lifecycle_event === 'npx' || env.npm_command === 'exec') return `npx ${name}`;
  const typed = env.CLI_PROXY_API_CALLED_AS;
  if (!typed) return name;
  const word = basename(typed);
  const inPath = which(word);
  if (!/[/\\]/.test(typed) || (inPath !== null && realPath(inPath) === realPath(typed)))
    return shellWord(word);
  const near = isAbsolute(typed) ? relative(cwd, typed) : typed;
  return shellWord(near.startsWith('..') || isAbsolute(near) ? typed : near);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

const hint = new RegExp(
  `(?<!Usage: |[\\w./-])(?:npx )?${name}(?= (?:${commandWords.map((word) => word.replace(/[[\]]/g, '\\$&')).join('|')})(?![\\w-]))`,
  'g',
);

/** The text with the commands in it as they can be pasted. JSON and the usage lines of help keep the program's name. */
export function withCalledName(text: string, called: () => string): string {
  return text.includes(`${name} `) && !/^\s*[[{]/.test(text) ? text.replace(hint, () => called()) : text;
}
