/** A configuration's values while keys are brought to the places that the schema has for them; remembers where each stood. */
import { type Group, isGroup } from './group.ts';
import type { Move } from './moved-keys.ts';
import { originOf } from './moved-keys.ts';
import type { PathSegment } from './problem.ts';

type Path = readonly PathSegment[];
export interface Rewriting {
  /** The values as they are by now. */
  readonly value: unknown;
  readonly moves: Move[];
  get(path: Path): unknown;
  /** The group of keys at a place; undefined where there is none. */
  group(path: Path): Group | undefined;
  /** The list at a place; undefined where there is none. */
  list(path: Path): readonly unknown[] | undefined;
  set(path: Path, value: unknown): void;
  remove(path: Path): void;
  /** Removes the group, and those that it is in, as far as nothing is left in them. */
  removeEmpty(path: Path): void;
  /** Moves the value of one path to another, if there is one. `origin` is its path in the file; by default the same. */
  move(from: Path, to: Path, origin?: Path): void;
  /** Adds to a list, which is made where there is none; gives the place of the new entry. */
  append(list: Path, value: unknown, origin: Path): Path;
  /** Remembers the path in the file of the value at a path. */
  note(to: Path, origin: Path): void;
}

/** A copy in which no value is shared: aliases of YAML share their value. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  if (!isGroup(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, copied(member)]));
}

export function createRewriting(original: unknown): Rewriting {
  const root = copied(original);
  const moves: Move[] = [];

  function get(path: Path): unknown {
    let current: unknown = root;
    for (const segment of path) {
      if (typeof current !== 'object' || current === null) return undefined;
      current = Object.getOwnPropertyDescriptor(current, segment)?.value;
    }
    return current;
  }

  function set(path: Path, value: unknown): void {
    let current: unknown = root;
    for (const segment of path.slice(0, -1)) {
      if (typeof current !== 'object' || current === null) return;
      const next: unknown = Object.getOwnPropertyDescriptor(current, segment)?.value;
      if (typeof next === 'object' && next !== null) {
        current = next;
        continue;
      }
      const made: Group = {};
      define(current, segment, made);
      current = made;
    }
    const last = path.at(-1);
    if (typeof current === 'object' && current !== null && last !== undefined) define(current, last, value);
  }

  function remove(path: Path): void {
    const parent = get(path.slice(0, -1));
    const last = path.at(-1);
    if (isGroup(parent) && typeof last === 'string') delete parent[last];
  }

  function removeEmpty(path: Path): void {
    const found = get(path);
    if (path.length === 0 || !isGroup(found) || Object.keys(found).length > 0) return;
    remove(path);
    removeEmpty(path.slice(0, -1));
  }

  const note = (to: Path, origin: Path): void => {
    moves.push({ to, from: origin });
  };

  return {
    value: root,
    moves,
    get,
    group(path) {
      const found = get(path);
      return isGroup(found) ? found : undefined;
    },
    list(path) {
      const found = get(path);
      return Array.isArray(found) ? found : undefined;
    },
    set,
    remove,
    removeEmpty,
    move(from, to, origin) {
      const value = get(from);
      if (value === undefined) return;
      const stood = origin ?? originOf(from, moves);
      remove(from);
      removeEmpty(from.slice(0, -1));
      set(to, value);
      note(to, stood);
    },
    append(path, value, origin) {
      const before = get(path);
      const list: unknown[] = Array.isArray(before) ? before : [];
      if (list !== before) set(path, list);
      const place = [...path, list.length];
      list.push(copied(value));
      note(place, origin);
      return place;
    },
    note,
  };
}

/** Also for names that objects have by themselves (`__proto__`). */
function define(target: object, key: PathSegment, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
