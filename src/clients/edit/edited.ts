/** Changes in a settings file, each proven: the new text means the old one with these changes, and nothing else. */
import { isGroup } from '../../config/group.ts';
import { type Change, changed, isEntry, UneditableFile, valueAt } from './change.ts';
import { editDotenv, readDotenv } from './dotenv.ts';
import { editJson, readJson } from './json.ts';
import { editToml, readToml } from './toml.ts';
import { editYaml, readYaml } from './yaml.ts';

const formats = {
  json: { read: readJson, edit: editJson },
  toml: { read: readToml, edit: editToml },
  yaml: { read: readYaml, edit: editYaml },
  dotenv: { read: readDotenv, edit: editDotenv },
};

export type Format = keyof typeof formats;

/** The text with the changes in it. Throws {@link UneditableFile} rather than lose anything in it. */
export function edited(text: string, format: Format, changes: readonly Change[]): string {
  const { read, edit } = formats[format];
  let result = text;
  for (const change of changes) {
    const wanted = changed(read(result), change);
    // A text with these contents already stays byte for byte.
    if (Bun.deepEquals(wanted, read(result))) continue;
    result = edit(result, change);
    if (!means(result, format, wanted))
      throw new UneditableFile(`"${change.path.join('.')}" cannot be changed without touching the rest`);
  }
  return result;
}

function means(text: string, format: Format, wanted: unknown): boolean {
  try {
    return Bun.deepEquals(formats[format].read(text), wanted);
  } catch (error) {
    if (error instanceof UneditableFile) return false;
    throw error;
  }
}

/**
 * The text with `changes` taken back, by what stood in the text `before` them: also the groups and lists that were made for them
 * and are empty now. Gives `before` itself where the text means the same then, but for the names of `added` at its top.
 */
export function takenBack(
  text: string,
  before: string,
  format: Format,
  changes: readonly Change[],
  added: readonly string[] = [],
): string {
  const { read } = formats[format];
  const old = read(before);
  let result = edited(text, format, reversed(before, format, changes));
  for (const { path } of changes)
    for (let length = path.length; length > 0; length--) {
      const outer = path.slice(0, length);
      const was = valueAt(old, outer);
      const isOurs = (was === undefined || was === null) && isEmpty(valueAt(read(result), outer));
      if (isOurs) result = edited(result, format, [{ path: outer, value: was }]);
    }
  const own = added.filter((name) => valueAt(old, [name]) === undefined);
  const others = own.reduce(
    (value, name) => changed(value, { path: [name], value: undefined }),
    read(result),
  );
  return Bun.deepEquals(others, old) ? before : result;
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : isGroup(value) && Object.keys(value).length === 0;
}

/** The changes that take `changes` back, by what stood in the text before them. */
export function reversed(before: string, format: Format, changes: readonly Change[]): Change[] {
  const value = formats[format].read(before);
  return changes.map(({ path, value: entry, entryBy }) => {
    if (entryBy === undefined) return { path, value: valueAt(value, path) };
    // Others may have put entries beside ours since.
    const list = valueAt(value, path);
    const is = isGroup(entry) ? entry[entryBy] : undefined;
    const old: unknown = Array.isArray(list)
      ? list.find((one: unknown) => isEntry(one, { by: entryBy, is }))
      : undefined;
    return old === undefined
      ? { path, value: undefined, without: { by: entryBy, is } }
      : { path, value: old, entryBy };
  });
}
