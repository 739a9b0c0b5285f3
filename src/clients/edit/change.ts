/** The contents of a settings file, independent of its format. */
import { isGroup } from '../../config/group.ts';

/** One value and its place; undefined removes it. */
export interface Change {
  path: readonly string[];
  value: unknown;
  /** The value is an entry of the list at `path`, in the place of the one whose field of this name is the same. */
  entryBy?: string;
  /** The entry of the list at `path` whose field has this value is taken away. */
  without?: { by: string; is: unknown };
}

/** A settings file that cannot be changed without harm; with the reason as text. */
export class UneditableFile extends Error {
  override readonly name = 'UneditableFile';
}

/** A parsed file with the change made: what an edited text must mean. */
export function changed(value: unknown, change: Change): unknown {
  const { value: wanted, entryBy, without } = change;
  const [key, ...rest] = change.path;
  if (key === undefined && without !== undefined)
    return Array.isArray(value) ? value.filter((entry: unknown) => !isEntry(entry, without)) : value;
  if (key === undefined) return entryBy === undefined ? wanted : withEntry(value, wanted, entryBy);
  const object = value === undefined || value === null ? {} : value;
  if (!isGroup(object))
    throw new UneditableFile(`"${key}" cannot be written: there is a value in the place of settings`);
  const inner = changed(object[key], { ...change, path: rest });
  const { [key]: _, ...others } = object;
  if (inner === undefined) return others;
  return key in object ? { ...object, [key]: inner } : { ...others, [key]: inner };
}

/** The index of the entry whose field is the same; the list's length where there is none. */
export function entryIndex(list: unknown, entry: unknown, by: string): number {
  if (!Array.isArray(list)) return 0;
  const found = list.findIndex(
    (item: unknown) => isGroup(item) && isGroup(entry) && Bun.deepEquals(item[by], entry[by]),
  );
  return found < 0 ? list.length : found;
}

/** Whether this is the entry that is to go. */
export function isEntry(entry: unknown, { by, is }: NonNullable<Change['without']>): boolean {
  return isGroup(entry) && Bun.deepEquals(entry[by], is);
}

function withEntry(list: unknown, entry: unknown, by: string): unknown[] {
  const items: unknown[] = Array.isArray(list) ? [...list] : [];
  items[entryIndex(items, entry, by)] = entry;
  return items;
}

/** The value at a path; undefined where there is none. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  let inner = value;
  for (const key of path) {
    if (!isGroup(inner) || !Object.hasOwn(inner, key)) return undefined;
    inner = inner[key];
  }
  return inner;
}
