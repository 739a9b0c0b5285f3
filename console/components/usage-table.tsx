import { useEffect, useRef, useState } from 'preact/hooks';
import type { UsageRow } from '../../src/usage/usage-row.ts';
import { paid, unpriced } from '../cost.ts';
import { count, dollars, milliseconds, percent } from '../format.ts';
import { words } from '../language.ts';

interface Props {
  rows: readonly UsageRow[];
  total: UsageRow;
  nameOf(row: UsageRow): string;
  label: string;
}

/** Lines that are drawn at first, and each time that the end of them comes into sight: there may be thousands. */
const step = 200;

/** Sums of requests, one line a group, the total below. */
export function UsageTable({ rows, total, nameOf, label }: Props) {
  const w = words.value.usage;
  const end = useRef<HTMLTableSectionElement>(null);
  const [drawn, setDrawn] = useState(step);
  useEffect(() => {
    if (end.current === null || drawn >= rows.length) return undefined;
    const observer = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting) setDrawn(drawn + step);
    });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [drawn, rows.length]);
  return (
    <section class="table" tabIndex={0} aria-label={label}>
      <table>
        <caption class="hidden">{label}</caption>
        <thead>
          <tr>
            <th scope="col">{label}</th>
            {[w.requests, w.failed, w.input, w.cached, w.output, w.paid, w.worth, w.firstToken].map(
              (title) => (
                <th key={title} scope="col" class="number">
                  {title}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, drawn).map((row) => (
            <Line key={nameOf(row)} row={row} name={nameOf(row)} />
          ))}
        </tbody>
        <tfoot ref={end}>
          <Line row={total} name={w.total} />
        </tfoot>
      </table>
    </section>
  );
}

function Line({ row, name }: { row: UsageRow; name: string }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class="number">{count(row.requests)}</td>
      <td class="number">{count(row.failed)}</td>
      <td class="number">{count(row.tokens.input)}</td>
      <td class="number">
        {row.tokens.input === 0 ? '–' : percent(row.tokens.cacheRead / row.tokens.input)}
      </td>
      <td class="number">{count(row.tokens.output)}</td>
      <td class="number" title={unpriced(row) ?? undefined}>
        {paid(row)}
        {row.unpriced > 0 && Number(row.cost.paid) > 0 ? ' +' : ''}
      </td>
      <td class="number">{Number(row.cost.worth) === 0 ? '–' : dollars(row.cost.worth)}</td>
      <td class="number">{milliseconds(row.ttftP50)}</td>
    </tr>
  );
}
