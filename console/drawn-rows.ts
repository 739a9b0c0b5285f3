/** Rows of a list as nodes. */
import type { VNode } from 'preact';
import { useRef } from 'preact/hooks';

/**
 * A node for each row. A row that has been drawn before gets the very same node again, as long as `draw` is the same function:
 * nothing below it is looked at, whatever else the list does.
 */
export function useDrawn<Row>(rows: readonly Row[], draw: (row: Row) => VNode): VNode[] {
  const before = useRef<{ draw: (row: Row) => VNode; nodes: Map<Row, VNode> } | undefined>(undefined);
  const known = before.current?.draw === draw ? before.current.nodes : undefined;
  const nodes = new Map<Row, VNode>();
  for (const row of rows) nodes.set(row, known?.get(row) ?? draw(row));
  before.current = { draw, nodes };
  return [...nodes.values()];
}
