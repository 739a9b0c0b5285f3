import { suggestion } from '../config/suggestion.ts';
import type { Command } from './command.ts';
import { Failure } from './failure.ts';
import { groupWords } from './group-overview.ts';

/** What other programs of this kind call a command, or a person guesses: it is no slip of the pen. */
const elsewhere: Readonly<Record<string, string>> = {
  login: 'auth',
  'sign-in': 'auth',
  signin: 'auth',
  logout: 'auth remove',
  accounts: 'auth list',
  status: 'auth list',
  log: 'explain',
  logs: 'explain',
  requests: 'usage requests',
  stats: 'usage',
  cost: 'usage',
  costs: 'usage',
  limits: 'quota',
  start: 'serve',
  server: 'serve',
  check: 'config check',
  setup: 'connect',
  ...Object.fromEntries(
    ['claude', 'codex', 'gemini', 'qwen', 'opencode', 'aider', 'goose', 'cline'].map((client) => [
      client,
      `run ${client}`,
    ]),
  ),
};

/**
 * The command that the leading words name, and the arguments after its name. Throws a {@link Failure} of usage for an
 * unknown name, with the nearest known one, or all that go on from a word such as `config`.
 */
export function findCommand(
  args: string[],
  commands: readonly Command[],
): { command: Command; rest: string[] } {
  for (const length of [2, 1]) {
    const name = args.slice(0, length).join(' ');
    const command = commands.find((candidate) => candidate.name === name);
    const rest = args.slice(length);
    const isOther =
      rest[0]?.startsWith('-') === false &&
      command?.words?.shown === groupWords &&
      commands.some((one) => one.name.startsWith(`${name} `));
    if (command !== undefined && !isOther) return { command, rest };
  }
  throw new Failure('usage', unknown(args), guessFor(args, commands));
}

function unknown(args: string[]): string {
  return `unknown command "${wordsOf(args).join(' ')}"`;
}

/** The one or two words that were meant as a name. */
function wordsOf(args: string[]): string[] {
  const end = args.findIndex((argument) => argument.startsWith('-'));
  return args.slice(0, Math.min(2, end < 0 ? args.length : end));
}

function guessFor(args: string[], commands: readonly Command[]): string {
  const words = wordsOf(args);
  const names = commands.map(({ name }) => name);
  const group = names.filter((name) => name.startsWith(`${words[0]} `));
  const first = words[0] ?? '';
  const meant = Object.hasOwn(elsewhere, first) ? elsewhere[first] : undefined;
  const guess = meant ?? suggestion(words.join(' '), names) ?? suggestion(first, names) ?? group[0];
  return guess === undefined
    ? 'Run "cli-proxy-api help" for all commands.'
    : `Did you mean "cli-proxy-api ${guess}"?`;
}
