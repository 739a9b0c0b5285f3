/** Which rows of a long list are on the screen. Pure. */

/** Where rows begin, in pixels. */
export interface Starts {
  count: number;
  total: number;
  of(row: number): number;
  /** The row at this place; of one beyond the end the last. */
  at(place: number): number;
}

/** Rows from `first` to before `end`. */
export interface Span {
  first: number;
  end: number;
}

/** Rows that are there before and after those that are seen, and in what steps: not each row that is scrolled changes it. */
const margin = 12;
const step = 4;

export function startsOf<Row>(rows: readonly Row[], height: number | ((row: Row) => number)): Starts {
  const count = rows.length;
  const within = (row: number): number => Math.max(0, Math.min(count - 1, row));
  if (typeof height === 'number')
    return {
      count,
      total: count * height,
      of: (row) => row * height,
      at: (place) => within(Math.floor(place / height)),
    };
  const starts = new Float64Array(count + 1);
  for (const [at, row] of rows.entries()) starts[at + 1] = (starts[at] ?? 0) + height(row);
  return {
    count,
    total: starts[count] ?? 0,
    of: (row) => starts[row] ?? 0,
    at(place) {
      let [low, high] = [0, count];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((starts[middle + 1] ?? 0) <= place) low = middle + 1;
        else high = middle;
      }
      return within(low);
    },
  };
}

/** The rows that are to be there while `height` pixels from `top` on are seen. */
export function reach({ count, at }: Starts, top: number, height: number): Span {
  if (count === 0) return { first: 0, end: 0 };
  const first = Math.max(0, at(top) - margin);
  const end = at(top + height) + 1 + margin;
  return { first: first - (first % step), end: Math.min(count, Math.ceil(end / step) * step) };
}
