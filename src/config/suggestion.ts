/** The key that a mistyped one was likely meant to be. */

/** Edits (insert, delete, replace, swap of neighbours) between two words: Damerau–Levenshtein, restricted. */
export function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let best = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1])
        best = Math.min(best, (beforePrevious[column - 2] ?? 0) + 1);
      current.push(best);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[to.length] ?? from.length;
}

/** `apiKeys`, `api_keys` and `API KEYS` are all `api-keys`. */
function kebab(word: string): string {
  return word
    .trim()
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/[\s_.]+/g, '-')
    .toLowerCase();
}

/** The candidate nearest to the word, or undefined when none is near: at most a third of its letters may differ. */
export function suggestion(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = kebab(word);
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return bestDistance <= Math.max(1, Math.floor(wanted.length / 3)) ? best : undefined;
}

/**
 * The candidate of which the word is a slip of the pen: at most two letters differ, and no more than a third of either. Closer
 * than {@link nearest}: files of other programs have keys of their own, and those are no mistakes.
 */
export function nearMiss(word: string, candidates: Iterable<string>): string | undefined {
  const found = suggestion(word, candidates);
  if (found === undefined) return undefined;
  const wanted = kebab(word);
  const most = Math.min(2, Math.floor(Math.min(wanted.length, found.length) / 3));
  return editDistance(wanted, found) <= most ? found : undefined;
}
