/**
 * Rows that wait, as numbers in one piece of memory: thousands of objects that live for a second cost the collector more than all
 * that is done with them (`bench -- --only keeping`).
 */

export interface PackedRows {
  length(): number;
  /** One more, at the end. */
  push(row: readonly (number | null)[]): void;
  /** Puts one into `row`. */
  read(index: number, row: (number | null)[]): void;
  /** Without the first ones. */
  drop(count: number): void;
}

/** Rows that there is room for at first. */
const firstRoom = 512;

/** `width`: numbers of a row; null is one that a number never is. */
export function packedRows(width: number): PackedRows {
  let numbers = new Float64Array(firstRoom * width);
  let length = 0;
  return {
    length: () => length,
    push(row) {
      const from = length * width;
      if (from === numbers.length) {
        const more = new Float64Array(2 * numbers.length);
        more.set(numbers);
        numbers = more;
      }
      for (let column = 0; column < width; column += 1) numbers[from + column] = row[column] ?? Number.NaN;
      length += 1;
    },
    read(index, row) {
      const from = index * width;
      for (let column = 0; column < width; column += 1) {
        const number = numbers[from + column] ?? Number.NaN;
        const small = number | 0;
        // Small whole numbers as such: SQLite takes those as they are.
        row[column] = small === number ? small : Number.isNaN(number) ? null : number;
      }
    },
    drop(count) {
      numbers.copyWithin(0, count * width, length * width);
      length -= count;
      if (length === 0 && numbers.length > firstRoom * width) numbers = new Float64Array(firstRoom * width);
    },
  };
}
