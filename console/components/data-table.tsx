import type { ComponentChildren } from 'preact';
import { useDrawnPart } from '../drawn-part.ts';

interface Props {
  label: string;
  /** The first names the line. */
  columns: readonly { title: string; number?: boolean }[];
  rows: readonly { key: string; cells(): readonly ComponentChildren[] }[];
  total?: readonly ComponentChildren[];
}

/** Lines that are drawn at first, and each time that the end of them comes into sight. */
const step = 200;

/** A table; where there is no room for its columns each line is a card, with the titles beside the values. */
export function DataTable({ label, columns, rows, total }: Props) {
  const { drawn, end } = useDrawnPart(rows.length, step);
  const line = (cells: readonly ComponentChildren[], key?: string) => (
    <tr key={key}>
      {cells.map((cell, at) => {
        const { title, number } = columns[at] ?? { title: '' };
        return at === 0 ? (
          <th key={title} scope="row">
            {cell}
          </th>
        ) : (
          <td key={title} class={number ? 'number' : ''} data-title={title}>
            {cell}
          </td>
        );
      })}
    </tr>
  );
  return (
    <section class="table" tabIndex={0} aria-label={label}>
      <table>
        <thead>
          <tr>
            {columns.map(({ title, number }) => (
              <th key={title} scope="col" class={number ? 'number' : ''}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{rows.slice(0, drawn).map(({ key, cells }) => line(cells(), key))}</tbody>
        {total !== undefined && <tfoot>{line(total)}</tfoot>}
      </table>
      <div ref={end} />
    </section>
  );
}
