/** What can be typed where on the command line: made of the commands' own tables. */
import { clients } from '../../clients/registry.ts';
import { sources } from '../../import/sources.ts';
import type { Option } from '../arguments.ts';
import type { Command } from '../command.ts';

/** Candidates for a place: files, names that only a running gateway or the directory of accounts knows, one of a few. */
export type Values = 'files' | 'models' | 'accounts' | 'keys' | 'none' | readonly string[];

export interface CompletedOption {
  /** Without the dashes. */
  name: string;
  meaning: string;
  /** Undefined for an option without a value. */
  values: Values | undefined;
}

export interface CompletedCommand {
  name: string;
  summary: string;
  options: CompletedOption[];
  /** What the words besides options are. */
  words: Values;
}

export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type ShellName = (typeof shells)[number];

/** What help shows for a value, and what it is. Everything else cannot be known beforehand. */
const byPlaceholder: Readonly<Record<string, Values>> = { FILE: 'files', DIR: 'files', DIRECTORY: 'files' };
const byOption: Readonly<Record<string, Values>> = {
  model: 'models',
  account: 'accounts',
  key: 'keys',
  for: ['systemd', 'launchd', 'task-scheduler'],
};

/** All commands as they can be completed. */
export function completedCommands(commands: readonly Command[]): CompletedCommand[] {
  const names = commands.map(({ name }) => name);
  return commands.map(({ name, summary, options, words }) => ({
    name,
    summary,
    options: Object.entries(options).map(([option, table]) => ({
      name: option,
      meaning: table.meaning,
      values: valuesOf(option, table),
    })),
    words: wordsOf(name, words?.shown ?? '', names),
  }));
}

function valuesOf(name: string, { type, value = '' }: Option): Values | undefined {
  if (type === 'boolean') return undefined;
  const known = value === 'NAME' || value === 'ACCOUNT' ? byOption[name] : undefined;
  return choicesIn(value) ?? byPlaceholder[value] ?? known ?? 'none';
}

/** `today|7d|30d|all`: one of these. */
function choicesIn(shown: string): readonly string[] | undefined {
  const choices = shown.replace(/^\[|\]$/g, '').split('|');
  return choices.length > 1 && choices.every((choice) => /^[a-z0-9-]+$/.test(choice)) ? choices : undefined;
}

function wordsOf(command: string, shown: string, names: readonly string[]): Values {
  if (command === 'help') return names.filter((name) => !name.includes(' '));
  if (command === 'run') return clients.flatMap(({ name, session }) => (session === undefined ? [] : name));
  if (shown.includes('SHELL')) return shells;
  if (shown.includes('PROGRAM')) return sources.map(({ name }) => name);
  if (shown.includes('CLIENT')) return clients.map(({ name }) => name);
  const choices = choicesIn(shown);
  if (choices !== undefined) return choices;
  if (shown.includes('FILE')) return 'files';
  if (/ACCOUNT|CREDENTIAL/i.test(shown)) return 'accounts';
  return /MODEL/i.test(shown) ? 'models' : 'none';
}

/** Names of two words by their first: `auth` has `list`. */
export function groups(commands: readonly CompletedCommand[]): Map<string, CompletedCommand[]> {
  const found = new Map<string, CompletedCommand[]>();
  for (const command of commands) {
    const [first = '', second] = command.name.split(' ');
    if (second !== undefined) found.set(first, [...(found.get(first) ?? []), command]);
  }
  return found;
}

/** First words with their summary; a group without a command of its own has that of its members. */
export function firstWords(commands: readonly CompletedCommand[]): { word: string; summary: string }[] {
  const words = new Map<string, string>();
  for (const { name, summary } of commands) {
    const [first = '', second] = name.split(' ');
    if (second === undefined || !words.has(first)) words.set(first, summary);
  }
  return [...words].map(([word, summary]) => ({ word, summary }));
}
