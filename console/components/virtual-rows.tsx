/** A list of which only the rows on the screen are there: ten thousand scroll like ten. */
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useReducer, useRef } from 'preact/hooks';

interface Props<Row> {
  rows: readonly Row[];
  /** Pixels of a row, of each its own where it is a function. */
  height: number | ((row: Row) => number);
  label: string;
  keyOf(row: Row): string;
  children(row: Row): ComponentChildren;
}

export function VirtualRows<Row>({ rows, height, label, keyOf, children }: Props<Row>) {
  const place = useRef<HTMLDivElement>(null);
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const heightOf = (at: number): number => {
    const row = rows[at];
    return typeof height === 'number' ? height : row === undefined ? 0 : height(row);
  };
  const heights = typeof height === 'number' ? String(height) : rows.map(height).join();
  const options = {
    count: rows.length,
    estimateSize: heightOf,
    overscan: 8,
    getScrollElement: () => place.current,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => draw(undefined),
  };
  const virtual = useMemo(() => new Virtualizer<HTMLDivElement, HTMLDivElement>(options), []);
  virtual.setOptions(options);
  useEffect(() => virtual._didMount(), [virtual]);
  // It remembers where each row begins.
  useEffect(() => virtual.measure(), [virtual, heights]);
  useEffect(() => virtual._willUpdate());
  return (
    <div class="rows" ref={place} role="list" aria-label={label} tabIndex={-1}>
      <div style={{ height: `${virtual.getTotalSize()}px`, position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          return row === undefined ? null : (
            <div
              key={keyOf(row)}
              role="listitem"
              class="row-place"
              style={{ transform: `translateY(${start}px)`, height: `${heightOf(index)}px` }}
            >
              {children(row)}
            </div>
          );
        })}
      </div>
    </div>
  );
}
