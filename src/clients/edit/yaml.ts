/** YAML: comments stay, and lines are not folded anew. */
import { isMap, isNode, isScalar, isSeq, parse, parseDocument, stringify } from 'yaml';
import { type Change, changed, entryIndex, isEntry, isObject, UneditableFile, valueAt } from './change.ts';

export function readYaml(text: string): unknown {
  try {
    const value: unknown = parse(text);
    return value ?? {};
  } catch {
    throw new UneditableFile('it is not YAML');
  }
}

/** In the text itself where that is possible, so that nothing else moves; else the document is written anew, with its comments. */
export function editYaml(text: string, change: Change): string {
  const wanted = changed(readYaml(text), change);
  const spliced = splicedText(text, change);
  return spliced !== undefined && means(spliced, wanted) ? spliced : rewritten(text, change);
}

function means(text: string, wanted: unknown): boolean {
  try {
    return Bun.deepEquals(readYaml(text), wanted);
  } catch {
    return false;
  }
}

/** A scalar of the top level in its place or as a last line; an entry as the last of its block list. */
function splicedText(text: string, { path, value, entryBy, without }: Change): string | undefined {
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const document = parseDocument(text);
  if (document.errors.length > 0 || without !== undefined) return undefined;
  const node: unknown = document.getIn(path, true);
  if (entryBy === undefined) {
    const [key, ...deeper] = path;
    if (key === undefined || deeper.length > 0 || value === undefined || isObject(value)) return undefined;
    const written = stringify(value, { lineWidth: 0 }).trimEnd();
    if (isScalar(node) && node.range)
      return text.slice(0, node.range[0]) + written + text.slice(node.range[1]);
    return `${text}${text === '' || text.endsWith('\n') ? '' : end}${stringify(key).trimEnd()}: ${written}${end}`;
  }
  if (!isSeq(node) || node.flow || entryIndex(node.toJSON(), value, entryBy) < node.items.length)
    return undefined;
  const last = node.items.at(-1);
  if (!isNode(last) || !last.range) return undefined;
  const lineEnd = text.indexOf('\n', Math.max(last.range[1] - 1, 0));
  const indent =
    /^[ \t]*(?=- )/m.exec(text.slice(text.lastIndexOf('\n', node.range?.[0] ?? 0) + 1))?.[0] ?? '  ';
  const entry = `${indent}- ${JSON.stringify(value)}`;
  return lineEnd < 0
    ? `${text}${end}${entry}${end}`
    : `${text.slice(0, lineEnd + 1)}${entry}${end}${text.slice(lineEnd + 1)}`;
}

function rewritten(text: string, { path, value, entryBy, without }: Change): string {
  const document = parseDocument(text, { keepSourceTokens: true });
  if (document.errors.length > 0) throw new UneditableFile('it is not YAML');
  if (document.contents !== null && !isMap(document.contents))
    throw new UneditableFile('it holds no settings by name');
  const list = valueAt(readYaml(text), path);
  if (without !== undefined) {
    const place = Array.isArray(list) ? list.findIndex((entry: unknown) => isEntry(entry, without)) : -1;
    if (place >= 0) document.deleteIn([...path, place]);
  } else if (entryBy !== undefined)
    document.setIn(
      Array.isArray(list) ? [...path, entryIndex(list, value, entryBy)] : path,
      document.createNode(Array.isArray(list) ? value : [value]),
    );
  else if (value === undefined) document.deleteIn(path);
  else document.setIn(path, value);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}
