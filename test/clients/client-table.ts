/** What came of asking with clients, as a table: a row for each client and feature, a column for each upstream. */
import { type Protocol, protocols } from '../../src/protocols/model.ts';

/** One feature of one client over one upstream. */
export interface Line {
  client: string;
  feature: string;
  upstream: Protocol;
  /** Why it failed; null where it did not. */
  problem: string | null;
  seconds: number;
}

/** The table, then each failure with its reason, then the totals as `N passed, N failed`. */
export function tableOf(lines: readonly Line[]): string {
  const rows = new Map<string, Line[]>();
  for (const line of lines) {
    const name = `${line.client}\t${line.feature}`;
    rows.set(name, [...(rows.get(name) ?? []), line]);
  }
  const cells = [...rows].map(([name, row]) => [
    ...name.split('\t'),
    ...protocols.map((upstream) => cellOf(row.find((line) => line.upstream === upstream))),
  ]);
  const failed = lines.filter(({ problem }) => problem !== null);
  return [
    aligned([['client', 'feature', ...protocols], ...cells]),
    ...failed.map(
      ({ client, feature, upstream, problem }) => `${client}, ${feature}, over ${upstream}: ${problem}`,
    ),
    `${lines.length - failed.length} passed, ${failed.length} failed`,
  ].join('\n');
}

function cellOf(line: Line | undefined): string {
  if (line === undefined) return '-';
  return line.problem === null ? `ok ${line.seconds.toFixed(1)} s` : 'FAILED';
}

function aligned(lines: readonly string[][]): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
