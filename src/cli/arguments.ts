/** Command-line options as data: one table a command serves parsing, types, and help. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { suggestion } from '../config/suggestion.ts';
import { Failure } from './failure.ts';

/** One option of a command. */
export interface Option {
  /** A `string` takes a value, a `boolean` none. */
  type: 'string' | 'boolean';
  /** The name of the value in help: `FILE`; only for strings. */
  value?: string;
  short?: string;
  /** One line of help. */
  meaning: string;
}
/** The options of a command by their long name, in the order of help. */
export type Options = Record<string, Option>;

/** Every command has it. */
export const helpOption = {
  help: { type: 'boolean', short: 'h', meaning: 'Show this help' },
} as const satisfies Options;

/**
 * Reads `args` by the table `options`; `positionals` is how many words besides options the command takes at most.
 * `-name` counts as `--name`, as in programs written in Go, so that lines written for the peer keep working.
 * Throws a {@link Failure} of usage that names the argument and the nearest known option.
 */
export function parseArguments<const O extends Options>(args: string[], options: O, positionals = 0) {
  const normal = args.map(withTwoDashes);
  check(normal, options, positionals);
  return parseArgs({ args: normal, options, allowPositionals: true });
}

/** `-config` and `-config=x` as `--config` and `--config=x`; everything else as it is. */
function withTwoDashes(argument: string): string {
  return /^-[a-z][a-z-]+(=|$)/.test(argument) ? `-${argument}` : argument;
}

function check(args: string[], options: Options, positionals: number): void {
  const ends = args.indexOf('--');
  const dashed = (ends < 0 ? args : args.slice(0, ends)).find((argument) => /^--?\d/.test(argument));
  // No option begins with a digit: `usage -5d` means the last five days.
  if (dashed !== undefined)
    throw new Failure(
      'usage',
      `"${dashed}" begins with a dash, as options do`,
      `Numbers and times are written without it: ${dashed.replace(/^-+/, '')}`,
    );
  const { tokens } = parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true });
  let words = 0;
  for (const token of tokens) {
    if (token.kind === 'positional') {
      words += 1;
      if (words > positionals) throw new Failure('usage', `unexpected argument "${token.value}"`);
      if (token.value.trim() === '')
        throw new Failure(
          'usage',
          `argument ${words} is empty`,
          'If it is a variable of the shell, that one is not set: write the value itself, or leave it out.',
        );
    } else if (token.kind === 'option') {
      checkOption(token.name, token.rawName, token.value, token.inlineValue === true, options);
    }
  }
}

function checkOption(
  name: string,
  written: string,
  value: string | undefined,
  inline: boolean,
  options: Options,
): void {
  const option = options[name];
  if (option === undefined) {
    const guess = suggestion(name, Object.keys(options));
    throw new Failure('usage', `unknown option ${written}`, guess && `Did you mean --${guess}?`);
  }
  if (option.type === 'boolean' && value !== undefined)
    throw new Failure('usage', `${written} takes no value`);
  // `--config --port 80` forgot the file: the next option is not a file name.
  if (option.type === 'string' && (value === undefined || value === '' || (!inline && value.startsWith('-'))))
    throw new Failure('usage', `${written} needs a value: ${written} ${option.value ?? 'VALUE'}`);
}

/** The text of `--port` as a number. Throws a {@link Failure} of usage unless it is a whole number from 0 to 65535. */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new Failure('usage', `--port must be a number from 0 (any free port) to 65535, found "${text}"`);
}

/** Each is a whole gateway: more than this is a slip of the pen. */
const mostWorkers = 256;

/** The text of `--workers` as a number. Throws a {@link Failure} of usage. */
export function parseWorkers(text: string): number {
  if (text === 'auto') return availableParallelism();
  const count = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= mostWorkers) return count;
  throw new Failure(
    'usage',
    `--workers must be a number from 1 to ${mostWorkers}, or "auto" for one a core, found "${text}"`,
  );
}
