import type { ComponentChildren } from 'preact';
import type { UsageRow } from '../../src/usage/usage-row.ts';
import { alsoUnpriced, paid, unpriced } from '../cost.ts';
import { count, dollars, milliseconds, percent } from '../format.ts';
import { words } from '../language.ts';
import { DataTable } from './data-table.tsx';

interface Props {
  rows: readonly UsageRow[];
  total: UsageRow;
  nameOf(row: UsageRow): string;
  label: string;
}

/** Sums of requests, one line a group, the total below. On a phone each line is a card: a table would be cut. */
export function UsageTable({ rows, total, nameOf, label }: Props) {
  return (
    <DataTable
      label={label}
      columns={[{ title: label }, ...columns.map(({ title }) => ({ title: title(), number: true }))]}
      rows={rows.map((row) => ({ key: nameOf(row), cells: () => [nameOf(row), ...cellsOf(row)] }))}
      total={[words.value.usage.total, ...cellsOf(total)]}
    />
  );
}

const cellsOf = (row: UsageRow): ComponentChildren[] => columns.map(({ cell }) => cell(row));

const columns: readonly { title(): string; cell(row: UsageRow): ComponentChildren }[] = [
  { title: () => words.value.usage.requests, cell: (row) => count(row.requests) },
  { title: () => words.value.usage.failed, cell: (row) => count(row.failed) },
  { title: () => words.value.usage.input, cell: (row) => count(row.tokens.input) },
  {
    title: () => words.value.usage.cached,
    cell: (row) => (row.tokens.input === 0 ? '–' : percent(row.tokens.cacheRead / row.tokens.input)),
  },
  { title: () => words.value.usage.output, cell: (row) => count(row.tokens.output) },
  {
    title: () => words.value.usage.paid,
    cell: (row) => (
      <span title={unpriced(row) ?? undefined}>
        {paid(row)} <small>{alsoUnpriced(row)}</small>
      </span>
    ),
  },
  {
    title: () => words.value.usage.worth,
    cell: (row) => (Number(row.cost.worth) === 0 ? '–' : dollars(row.cost.worth)),
  },
  { title: () => words.value.usage.firstToken, cell: (row) => milliseconds(row.ttftP50) },
];
