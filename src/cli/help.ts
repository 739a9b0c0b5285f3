/** Help texts, made from the same tables that parse. */
import { printable } from '../telemetry/printable.ts';
import type { Options } from './arguments.ts';

/** What the help of one command shows. */
export interface HelpSubject {
  name: string;
  summary: string;
  details?: string;
  words?: string;
  options: Options;
}

/** The help of one command: usage, options, details. */
export function commandHelp({ name, summary, details, words, options }: HelpSubject): string {
  const usage = ['cli-proxy-api', name, words, '[OPTIONS]'].filter(Boolean).join(' ');
  const rows = Object.entries(options).map(([long, option]): [string, string] => {
    const short = option.short === undefined ? '    ' : `-${option.short}, `;
    const value = option.type === 'string' ? ` ${option.value ?? 'VALUE'}` : '';
    return [`${short}--${long}${value}`, option.meaning];
  });
  const sections = [`${summary}.`, `Usage: ${usage}`, `Options:\n${columns(rows)}`];
  if (details !== undefined) sections.push(details.trim());
  return `${sections.join('\n\n')}\n`;
}

/** The overview of all commands, `rows` being their names and summaries. */
export function overview(version: string, rows: [string, string][]): string {
  return `cli-proxy-api ${version}: every AI credential you own behind one endpoint.

Usage: cli-proxy-api [COMMAND] [OPTIONS]

Commands:
${columns(rows)}

Without a command it serves. "cli-proxy-api COMMAND --help" explains one; docs/cli.md explains all.
`;
}

/** Characters of a name in a table: a name that a client has made up may be longer than the screen is wide. */
const longestName = 64;

/** A name for a table, cut to a bound: not for copying. */
export function shortened(name: string): string {
  return name.length <= longestName ? name : `${name.slice(0, longestName - 1).toWellFormed()}…`;
}

/** A table of left-aligned columns, two spaces apart and indented by two. */
export function columns(texts: string[][]): string {
  // Cells may contain text from servers and files: each row stays one line.
  const rows = texts.map((row) => row.map(printable));
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .join('\n');
}
