/** A binary heap whose items know their place in it, so that one in the middle can move or leave in O(log n). */

export interface HeapItem {
  /** The heap's own: the item's place in it. An item is in at most one heap. */
  heapAt: number;
}

export interface Heap<Item> {
  add(item: Item): void;
  remove(item: Item): void;
  /** Puts an item right whose order has changed. */
  moved(item: Item): void;
  first(): Item | undefined;
  /** In the heap's own order: the first is the first, the others are roughly sorted. */
  readonly items: readonly Item[];
}

export function createHeap<Item extends HeapItem>(before: (a: Item, b: Item) => boolean): Heap<Item> {
  const items: Item[] = [];

  function put(item: Item, at: number): void {
    items[at] = item;
    item.heapAt = at;
  }

  function rise(item: Item, from: number): void {
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = items[above];
      if (parent === undefined || !before(item, parent)) break;
      put(parent, at);
      at = above;
    }
    put(item, at);
  }

  function sink(item: Item, from: number): void {
    let at = from;
    for (;;) {
      let below = 2 * at + 1;
      let child = items[below];
      if (child === undefined) break;
      const right = items[below + 1];
      if (right !== undefined && before(right, child)) {
        child = right;
        below += 1;
      }
      if (!before(child, item)) break;
      put(child, at);
      at = below;
    }
    put(item, at);
  }

  function moved(item: Item): void {
    const at = item.heapAt;
    rise(item, at);
    if (item.heapAt === at) sink(item, at);
  }

  return {
    items,
    moved,
    first: () => items[0],
    add(item) {
      items.push(item);
      rise(item, items.length - 1);
    },
    remove(item) {
      const at = item.heapAt;
      const last = items.pop();
      item.heapAt = -1;
      if (last === undefined || last === item) return;
      put(last, at);
      moved(last);
    },
  };
}
