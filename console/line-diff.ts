/** What differs between two texts, line by line. */

export interface DiffLine {
  kind: 'same' | 'gone' | 'new';
  text: string;
  /** Its number in the text that it is of, from 1; of `same` in the newer one. */
  line: number;
}

/** Lines that are compared with each other; of more, all are gone and all are new. */
const mostCompared = 3000;

/** Every line of both, those that are in both once. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const old = before.split('\n');
  const now = after.split('\n');
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  let tail = 0;
  while (
    tail < old.length - head &&
    tail < now.length - head &&
    old[old.length - 1 - tail] === now[now.length - 1 - tail]
  )
    tail += 1;
  const same = (from: number, to: number): DiffLine[] =>
    now.slice(from, to).map((text, at) => ({ kind: 'same', text, line: from + at + 1 }));
  return [
    ...same(0, head),
    ...middle(old.slice(head, old.length - tail), now.slice(head, now.length - tail), head),
    ...same(now.length - tail, now.length),
  ];
}

/** By the longest common run of lines. `head`: lines before these. */
function middle(old: readonly string[], now: readonly string[], head: number): DiffLine[] {
  const gone = (at: number): DiffLine => ({ kind: 'gone', text: old[at] ?? '', line: head + at + 1 });
  const made = (at: number): DiffLine => ({ kind: 'new', text: now[at] ?? '', line: head + at + 1 });
  if (old.length > mostCompared || now.length > mostCompared)
    return [...old.map((_, at) => gone(at)), ...now.map((_, at) => made(at))];
  const width = now.length + 1;
  const longest = new Uint16Array((old.length + 1) * width);
  const at = (row: number, column: number): number => longest[row * width + column] ?? 0;
  for (let row = old.length - 1; row >= 0; row -= 1)
    for (let column = now.length - 1; column >= 0; column -= 1)
      longest[row * width + column] =
        old[row] === now[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
  const lines: DiffLine[] = [];
  let row = 0;
  let column = 0;
  while (row < old.length || column < now.length) {
    if (row < old.length && column < now.length && old[row] === now[column]) {
      lines.push({ kind: 'same', text: now[column] ?? '', line: head + column + 1 });
      row += 1;
      column += 1;
    } else if (column >= now.length || (row < old.length && at(row + 1, column) >= at(row, column + 1))) {
      lines.push(gone(row));
      row += 1;
    } else {
      lines.push(made(column));
      column += 1;
    }
  }
  return lines;
}

/** Only what differs, with some lines around it; `undefined` marks omitted ones. */
export function shortened(lines: readonly DiffLine[], around = 3): (DiffLine | undefined)[] {
  const near = new Set<number>();
  lines.forEach(({ kind }, at) => {
    if (kind !== 'same') for (let place = at - around; place <= at + around; place += 1) near.add(place);
  });
  return lines.flatMap((line, at): (DiffLine | undefined)[] =>
    near.has(at) ? [line] : near.has(at - 1) || (at === 0 && lines.length > 0) ? [undefined] : [],
  );
}
