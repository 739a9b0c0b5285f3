/** A command as the rest of the command line sees it: a name, help, and something to run. */
import { helpOption, type Options, parseArguments } from './arguments.ts';
import type { Ending } from './exit-codes.ts';
import { commandHelp } from './help.ts';
import type { Shell } from './shell.ts';

/** The description of a command by its file. */
export interface CommandDefinition<O extends Options> {
  /** One sentence for the list of commands, without a full stop. */
  summary: string;
  /** Further help, after the options. */
  details?: string;
  /** The words it takes besides options, as help shows them, and how many they are at most. */
  words?: { shown: string; limit: number };
  options: O;
  /** Arguments after `--` belong to another program: they are passed to `run` unchanged. */
  passesArguments?: boolean;
  /** Does the work. Gives the name of the exit code; throws a Failure for what a person must mend. */
  run(parsed: ParsedArguments<O>, shell: Shell, rest: readonly string[]): Promise<Ending> | Ending;
}

/** The values by option name, typed by the table, and the words besides them. */
export type ParsedArguments<O extends Options> = ReturnType<typeof parseArguments<O>>;

export interface Command {
  name: string;
  summary: string;
  details?: string | undefined;
  /** What words it takes, as help shows them. */
  words?: { shown: string } | undefined;
  /** All options, that of help too. */
  options: Options;
  help(): string;
  /** Parses, answers `--help`, else runs. */
  start(args: string[], shell: Shell): Promise<Ending>;
}

/** Adds the common option to a command's description. `name` is as typed: `config check`. */
export function defineCommand<const O extends Options>(
  name: string,
  definition: CommandDefinition<O>,
): Command {
  const { summary, details, words, options, passesArguments, run } = definition;
  const all: Options = { ...options, ...helpOption };
  const help = () => commandHelp({ name, summary, details, words: words?.shown, options: all });
  return {
    name,
    summary,
    details,
    words,
    options: all,
    help,
    async start(written, shell) {
      const end = passesArguments === true ? written.indexOf('--') : -1;
      const args = end < 0 ? written : written.slice(0, end);
      // Asked for help, people get help, even where the rest of the line is wrong.
      if (args.some((argument) => ['--help', '-h', '-help'].includes(argument))) {
        shell.out.write(help());
        return 'ok';
      }
      return run(parseArguments(args, options, words?.limit), shell, end < 0 ? [] : written.slice(end + 1));
    },
  };
}
