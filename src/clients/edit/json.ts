/** JSON and JSON with comments: only what changes is touched. */
import { applyEdits, modify, type ParseError, parse } from 'jsonc-parser';
import { type Change, entryIndex, isEntry, UneditableFile, valueAt } from './change.ts';

/** What Windows' editors put in front of a text. */
const mark = '\ufeff';

export function readJson(marked: string): unknown {
  const text = marked.startsWith(mark) ? marked.slice(mark.length) : marked;
  if (text.trim() === '') return {};
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true, disallowComments: false });
  if (errors.length > 0) throw new UneditableFile('it is not JSON');
  return value;
}

export function editJson(text: string, change: Change): string {
  if (text.startsWith(mark)) return `${mark}${editJson(text.slice(mark.length), change)}`;
  const { path, value, entryBy, without } = change;
  const before = text.trim() === '' ? '{}\n' : text;
  const tab = /^\t+"/m.test(before);
  const width = /^( +)"/m.exec(before)?.[1]?.length ?? 2;
  const formattingOptions = {
    insertSpaces: !tab,
    tabSize: tab ? 1 : width,
    eol: before.includes('\r\n') ? '\r\n' : '\n',
  };
  const old = readJson(before);
  // A group that is null is one that has nothing in it yet; the library would look for its members.
  const depth =
    value === undefined ? -1 : path.findIndex((_, index) => valueAt(old, path.slice(0, index)) === null);
  if (depth >= 0) {
    const whole = path
      .slice(depth)
      .reduceRight<unknown>((inner, key) => ({ [key]: inner }), entryBy === undefined ? value : [value]);
    return applyEdits(before, modify(before, path.slice(0, depth), whole, { formattingOptions }));
  }
  const list = valueAt(old, path);
  if (without !== undefined) {
    const place = Array.isArray(list) ? list.findIndex((entry: unknown) => isEntry(entry, without)) : -1;
    return place < 0
      ? before
      : applyEdits(before, modify(before, [...path, place], undefined, { formattingOptions }));
  }
  // A list that is not there is written whole: the library would put an object in its place.
  if (entryBy !== undefined && !Array.isArray(list))
    return applyEdits(before, modify(before, [...path], [value], { formattingOptions }));
  const place = entryBy === undefined ? [...path] : [...path, entryIndex(list, value, entryBy)];
  return applyEdits(before, modify(before, place, value, { formattingOptions }));
}
