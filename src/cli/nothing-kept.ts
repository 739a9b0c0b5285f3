import { printable } from '../telemetry/printable.ts';
import { shortened } from './help.ts';

/** What a list was asked for: a word for a time, and options with their values; those that are not set narrow nothing. */
export interface Narrowed {
  period?: string | undefined;
  options: Readonly<Record<string, string | boolean | undefined>>;
}

/** What is said where nothing is to be listed, and what to do next. `all`: the command that lists all that is kept. */
export function nothingKept({ period, options }: Narrowed, all: string): string {
  const words = [
    ...(period === undefined || period === 'all' ? [] : [period]),
    ...Object.entries(options).flatMap(([name, value]) =>
      value === undefined || value === false ? [] : [value === true ? `--${name}` : `--${name} ${value}`],
    ),
  ];
  return words.length === 0
    ? 'No request is kept yet: send one to the gateway, then ask again.\n'
    : `Nothing is kept for ${words.map((word) => shortened(printable(word))).join(' ')}. "${all}" shows all that is kept.\n`;
}
