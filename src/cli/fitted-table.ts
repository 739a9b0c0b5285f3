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
 * Columns a table may take: `COLUMNS` where it is set, else what the terminal has; undefined where nobody looks (a pipe, a file)
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

/** The table of `columns`, in `width` characters where that can be done: the last column gives way first, then the widest. */
export function fittedColumns(texts: string[][], width: number | undefined): string {
  const rows = texts.map((row) => row.map(printable));
  const [heading] = rows;
  if (width === undefined || heading === undefined) return columns(rows);
  const widths = heading.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const least = heading.map(({ length }, column) =>
    Math.min(widths[column] ?? 0, Math.max(length, narrowest)),
  );
  let over = widths.reduce((sum, one) => sum + one + gap, 0) - width;
  const last = widths.length - 1;
  while (over > 0) {
    const spare = widths.map((one, column) => (one > (least[column] ?? 0) ? one : 0));
    const column = (spare[last] ?? 0) > 0 ? last : spare.indexOf(Math.max(...spare));
    if ((spare[column] ?? 0) === 0) break;
    widths[column] = (widths[column] ?? 0) - 1;
    over -= 1;
  }
  return columns(rows.map((row) => row.map((cell, column) => cut(cell, widths[column] ?? cell.length))));
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).toWellFormed()}…`;
}
