/** The original places of values that were moved: messages name the line of the owner's file. */
import type { PathSegment } from './problem.ts';
import type { YamlDocument } from './yaml-document.ts';

/** The value at `to`, with everything below it, is at `from` in the file. */
export interface Move {
  to: readonly PathSegment[];
  from: readonly PathSegment[];
}

/** The place in the file of the value at `path`: the move of the nearest ancestor counts, the last of equals. */
export function originOf(path: readonly PathSegment[], moves: readonly Move[]): readonly PathSegment[] {
  let suggestion: Move | undefined;
  for (const move of moves)
    if (
      move.to.length >= (suggestion?.to.length ?? 0) &&
      move.to.every((segment, at) => segment === path[at])
    )
      suggestion = move;
  return suggestion === undefined ? path : [...suggestion.from, ...path.slice(suggestion.to.length)];
}

/** The path with the numbers that entries of lists have in the file: those that are left out count there. */
export function asNumbered(path: readonly PathSegment[], moves: readonly Move[]): readonly PathSegment[] {
  return originOf(path, moves.filter(isShift));
}

/** Whether an entry has only another number in the same list. */
function isShift({ to, from }: Move): boolean {
  return (
    to.length === from.length &&
    typeof to.at(-1) === 'number' &&
    typeof from.at(-1) === 'number' &&
    to.slice(0, -1).every((segment, at) => segment === from[at])
  );
}

/** The document as asked by the places that values have now. `moves` may grow afterwards. */
export function movedDocument(document: YamlDocument, value: unknown, moves: readonly Move[]): YamlDocument {
  return {
    value,
    position: (path, part) => document.position(originOf(path, moves), part),
    scalar: (path) => document.scalar(originOf(path, moves)),
  };
}

/** `['models', 0, 'name']` → `models[].name`: the same key of all entries of a list. */
export function patternOf(path: readonly PathSegment[]): string {
  let pattern = '';
  for (const segment of path)
    if (typeof segment === 'number') pattern += '[]';
    else pattern += pattern ? `.${segment}` : segment;
  return pattern;
}
