/** The figures as a table for people, and its place in docs/internals/performance.md. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import type { Case } from './cases.ts';
import type { Run } from './measure.ts';
import { median } from './process.ts';
import { type SelectionCost, selectionTable } from './selection.ts';
import { type StreamCost, streamTable } from './streams.ts';
import { type TranslationCost, translationTable } from './translation.ts';

export interface Figures {
  rounds: number;
  cases: { test: Case; runs: Record<string, Run[]> }[];
  /** Microseconds at one connection. */
  latency: { name: string; p50: Record<string, number>; p99: Record<string, number> }[];
  /** Kilobytes of each idle open stream. */
  held: Record<string, number> | undefined;
  /** Kilobytes at the highest. */
  peak: Record<string, number>;
  /** Milliseconds from start to the first answer. */
  firstAnswer: number | undefined;
  /** What choosing a credential costs. */
  selection: SelectionCost[] | undefined;
  /** How fast long requests are translated. */
  translation: TranslationCost[] | undefined;
  /** What translated streams cost. */
  streams: StreamCost[] | undefined;
}

function middle(runs: Run[] | undefined, field: 'cpu' | 'requestsPerSecond' | 'rss'): number | undefined {
  const values = (runs ?? []).map((run) => run[field]).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : median(values);
}

function whole(value: number | undefined): string {
  return value === undefined ? '–' : Math.round(value).toLocaleString('en-US');
}

function megabytes(kilobytes: number | undefined): string {
  return kilobytes === undefined ? '–' : String(Math.round(kilobytes / 1024));
}

function verdict(met: boolean, target: string): string {
  return `${target} ${met ? '✓' : '✗'}`;
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join(
    '\n',
  );
}

function caseRows(figures: Figures): string[][] {
  const nginxCpu = new Map(
    figures.cases.map(({ test, runs }) => [test.name, middle(runs.nginx, 'cpu')] as const),
  );
  return figures.cases.map(({ test, runs }) => {
    const gateway = middle(runs.gateway, 'cpu');
    const nginx = nginxCpu.get(test.against);
    const ratio = gateway === undefined || nginx === undefined ? undefined : gateway / nginx;
    const { target } = test;
    let goal = '';
    if (target?.kind === 'ratio' && ratio !== undefined)
      goal = verdict(ratio <= target.most, `≤ ${target.most}×`);
    if (target?.kind === 'microseconds' && gateway !== undefined)
      goal = verdict(gateway <= target.most, `≤ ${target.most / 1000} ms`);
    return [
      test.name,
      whole(middle(runs.nginx, 'cpu')),
      whole(gateway),
      ratio === undefined ? '–' : `${ratio.toFixed(2)}×`,
      goal,
      whole(middle(runs.direct, 'requestsPerSecond')),
      whole(middle(runs.nginx, 'requestsPerSecond')),
      whole(middle(runs.gateway, 'requestsPerSecond')),
      megabytes(middle(runs.gateway, 'rss')),
    ];
  });
}

/** The figures as Markdown. */
export function markdown(figures: Figures): string {
  const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Linux`;
  const parts = [
    `Measured ${new Date().toISOString().slice(0, 10)} on ${machine}; Bun ${Bun.version}; medians of ${figures.rounds} rounds.`,
    table(
      [
        'Case',
        'nginx µs',
        'gateway µs',
        'ratio to nginx',
        'target',
        'direct req/s',
        'nginx req/s',
        'gateway req/s',
        'gateway RSS MB',
      ],
      caseRows(figures),
    ),
  ];
  if (figures.latency.length > 0) {
    parts.push(
      'Added to a direct connection, one request at a time, in microseconds:',
      table(
        ['Case', 'direct p50', 'direct p99', 'nginx p50', 'nginx p99', 'gateway p50', 'gateway p99'],
        figures.latency.map(({ name, p50, p99 }) => {
          const added = (of: Record<string, number>, contender: string): string => {
            const [value, base] = [of[contender], of.direct];
            return value === undefined || base === undefined ? '–' : `+${Math.round(value - base)}`;
          };
          return [
            name,
            whole(p50.direct),
            whole(p99.direct),
            added(p50, 'nginx'),
            added(p99, 'nginx'),
            added(p50, 'gateway'),
            added(p99, 'gateway'),
          ];
        }),
      ),
    );
  }
  const rest: string[][] = [];
  if (figures.held !== undefined) {
    const { nginx, gateway } = figures.held;
    rest.push(['Memory of an open, silent stream (of 1,000), KB', whole(nginx), whole(gateway), '']);
  }
  const { nginx, gateway } = figures.peak;
  if (gateway !== undefined) {
    rest.push(['Highest resident memory of the whole run, MB', megabytes(nginx), megabytes(gateway), '']);
    const loaded = figures.cases
      .filter(({ test }) => test.size < 1_000_000)
      .map(({ runs }) => middle(runs.gateway, 'rss') ?? 0);
    if (loaded.length > 0) {
      const highest = Math.max(...loaded);
      rest.push([
        'Resident memory under load (32 connections), MB',
        '',
        megabytes(highest),
        verdict(highest < 120 * 1024, '< 120'),
      ]);
    }
  }
  if (figures.firstAnswer !== undefined) {
    rest.push([
      'Start to first answer, ms',
      '',
      whole(figures.firstAnswer),
      verdict(figures.firstAnswer < 250, '< 250'),
    ]);
  }
  if (rest.length > 0) parts.push(table(['', 'nginx', 'gateway', 'target'], rest));
  if (figures.selection !== undefined) parts.push(selectionTable(figures.selection));
  if (figures.translation !== undefined) parts.push(translationTable(figures.translation));
  if (figures.streams !== undefined) parts.push(streamTable(figures.streams));
  return parts.join('\n\n');
}

const begin = '<!-- figures: written by npm run bench -->';
const end = '<!-- end of figures -->';

/** Puts the figures between the markers of the file. Throws when the file has none. */
export function writeFigures(file: string, text: string): void {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const from = before.indexOf(begin);
  const to = before.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${file} has no place for the figures: "${begin}" … "${end}"`);
  writeFileSync(file, `${before.slice(0, from + begin.length)}\n${text}\n${before.slice(to)}`);
}
