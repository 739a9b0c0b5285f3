/** A list of which only the rows on the screen are there: ten thousand scroll like ten. */
import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useMemo, useReducer, useRef } from 'preact/hooks';
import { cameFrom, decoded, hrefOf, path } from '../address.ts';
import { useDrawn } from '../drawn-rows.ts';
import { reach, startsOf } from '../row-span.ts';

interface Props<Row> {
  rows: readonly Row[];
  /** Pixels of a row, of each its own where it is a function. */
  height: number | ((row: Row) => number);
  label: string;
  /** As long as it is the same function, a row that has not changed is not drawn again. */
  children(row: Row): ComponentChildren;
}

export function VirtualRows<Row extends { id: string }>({ rows, height, label, children }: Props<Row>) {
  const place = useRef<HTMLDivElement>(null);
  const [, draw] = useReducer((count: number) => count + 1, 0);
  /** Pixels that are seen; before the list is measured it has no more than the window. */
  const seen = useRef({ top: 0, height: innerHeight });
  const starts = useMemo(
    () => startsOf(rows, height),
    [typeof height === 'number' ? rows.length : rows, height],
  );
  const { first, end } = reach(starts, seen.current.top, seen.current.height);
  const look = (): void => {
    const next = reach(starts, seen.current.top, seen.current.height);
    if (next.first !== first || next.end !== end) draw(undefined);
  };
  const lookAgain = useRef(look);
  lookAgain.current = look;
  useEffect(() => {
    if (place.current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      seen.current.height = entry.contentRect.height;
      lookAgain.current();
    });
    observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  /** The address of the row whose own page has just been left, until the row has the focus again. */
  const opened = useRef(cameFrom.value.startsWith(`${path.value}/`) ? hrefOf(cameFrom.value) : undefined);
  useLayoutEffect(() => {
    const { current: list } = place;
    const id = decoded(opened.current?.split('/').at(-1) ?? '');
    const at = rows.findIndex((row) => row.id === id);
    if (list === null || at < 0) {
      // It is gone: should it come back, the focus may be somewhere else on purpose.
      opened.current = undefined;
      return;
    }
    list.scrollTop = starts.of(at) - list.clientHeight / 2;
    seen.current.top = list.scrollTop;
    look();
  }, []);
  useEffect(() => {
    const links = opened.current === undefined ? [] : (place.current?.querySelectorAll('a') ?? []);
    const link = [...links].find(({ href }) => href === opened.current);
    if (link === undefined) return;
    opened.current = undefined;
    link.focus({ preventScroll: true });
  });
  const drawRow = useCallback(
    (row: Row) => (
      <div
        key={row.id}
        role="listitem"
        class="row-place"
        style={{ height: `${typeof height === 'number' ? height : height(row)}px` }}
      >
        {children(row)}
      </div>
    ),
    [height, children],
  );
  const nodes = useDrawn(rows.slice(first, end), drawRow);
  return (
    <div
      class="rows"
      ref={place}
      role="list"
      aria-label={label}
      tabIndex={-1}
      onScroll={({ currentTarget }) => {
        seen.current.top = currentTarget.scrollTop;
        look();
      }}
    >
      <div style={{ height: `${starts.total}px` }}>
        <div style={{ transform: `translateY(${starts.of(first)}px)` }}>{nodes}</div>
      </div>
    </div>
  );
}
