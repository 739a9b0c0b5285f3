/** Tables that are no wider than the screen: long cells end with an ellipsis instead of being broken in mid-word. */
import { printable } from '../telemetry/printable.ts';
import { columns } from './help.ts';
import type { Shell } from './shell.ts';

/** The option of commands that print such a table. */
export const wideOption = {
  type: 'boolean',
  meaning: 'Print every cell whole, however wide the terminal is',
} as const;

/** Characters that a column keeps, and its heading at least. */
const narrowest = 8;
/** Between columns, and before the first. */
const gap = 2;

/**
 * Columns a table may take: `COLUMNS` where it is set, else what the terminal has; undefined without one (a pipe, a file)
 * or everything is wanted (`--wide`).
 */
export function tableWidth(
  { env, out }: Pick<Shell, 'env' | 'out'>,
  wide: boolean | undefined,
): number | undefined {
  if (wide === true) return undefined;
  const said = Number(env.COLUMNS);
  return Number.isInteger(said) && said > 0 ? said : out.columns;
}

/** What gives way where a table is too wide, by headings. */
export interface GivingWay {
  /** Columns that are never cut: ids that people copy. */
  whole?: readonly string[];
  /** Columns that are left out where cutting does not do, the first first. */
  spare?: readonly string[];
}

/** The table of `columns`, in `width` characters where that can be done: the last column gives way first, then the widest. */
export function fittedColumns(
  texts: string[][],
  width: number | undefined,
  { whole = [], spare = [] }: GivingWay = {},
): string {
  let rows = texts.map((row) => row.map(printable));
  if (width === undefined || rows.length === 0) return columns(rows);
  let { heading, widths, least } = measured(rows, whole);
  for (const name of spare) {
    if (sumOf(least) <= width) break;
    const left = heading.indexOf(name);
    if (left < 0) continue;
    rows = rows.map((row) => row.toSpliced(left, 1));
    ({ heading, widths, least } = measured(rows, whole));
  }
  let over = sumOf(widths) - width;
  const last = widths.length - 1;
  while (over > 0) {
    const room = widths.map((one, column) => (one > (least[column] ?? 0) ? one : 0));
    const column = (room[last] ?? 0) > 0 ? last : room.indexOf(Math.max(...room));
    if ((room[column] ?? 0) === 0) break;
    widths[column] = (widths[column] ?? 0) - 1;
    over -= 1;
  }
  return columns(rows.map((row) => row.map((cell, column) => cut(cell, widths[column] ?? cell.length))));
}

/** Of each column the characters that it has, and those that it keeps. */
function measured(
  rows: readonly string[][],
  whole: readonly string[],
): { heading: readonly string[]; widths: number[]; least: number[] } {
  const heading = rows[0] ?? [];
  const widths = heading.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const least = heading.map((name, column) => {
    const all = widths[column] ?? 0;
    return whole.includes(name) ? all : Math.min(all, Math.max(name.length, narrowest));
  });
  return { heading, widths, least };
}

function sumOf(widths: readonly number[]): number {
  return widths.reduce((sum, one) => sum + one + gap, 0);
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).toWellFormed()}…`;
}
