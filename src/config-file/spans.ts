/** The positions of the parts of a YAML text: values with what belongs to their lines, keys, entries of lists. */
import { isMap, isNode, isScalar, isSeq, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';

/** A piece of a text, and what takes its place. Offsets count in UTF-16 units. */
export interface Splice {
  from: number;
  to: number;
  text: string;
}

/** Where a value ends, trailing comments aside. Block scalars end after their last newline. */
export function endOf(node: unknown): number {
  if (isMap(node) && !node.flow) {
    const last = node.items.at(-1);
    return last === undefined ? (node.range?.[1] ?? 0) : endOfPair(last);
  }
  if (isSeq(node) && !node.flow) {
    const last = node.items.length - 1;
    if (last < 0) return node.range?.[1] ?? 0;
    const item: unknown = node.items[last];
    return Math.max(isEmpty(item) ? 0 : endOf(item), (dashesOf(node)[last] ?? 0) + 1);
  }
  return isNode(node) ? (node.range?.[1] ?? 0) : 0;
}

export function endOfPair(pair: Pair): number {
  const colon = afterColon(pair) ?? 0;
  return Math.max(isNode(pair.value) && !isEmpty(pair.value) ? endOf(pair.value) : 0, colon, endOf(pair.key));
}

/** Whether a value is missing: the parser places it behind comments. */
export function isEmpty(node: unknown): boolean {
  return isScalar(node) && node.range?.[0] === node.range?.[1];
}

/** Where a pair begins: at its key, or what is written before that for it. */
export function startOfPair(pair: Pair): number {
  const first = pair.srcToken?.start.find(
    ({ type }) => !['space', 'comment', 'newline', 'comma'].includes(type),
  );
  return first?.offset ?? (isNode(pair.key) ? (pair.key.range?.[0] ?? 0) : 0);
}

/** Behind the colon of a pair; undefined where it has none. */
export function afterColon(pair: Pair): number | undefined {
  const colon = pair.srcToken?.sep?.find(({ type }) => type === 'map-value-ind');
  return colon === undefined ? undefined : colon.offset + 1;
}

/** The positions of the dashes of a block list. */
export function dashesOf(list: YAMLSeq): number[] {
  const token = list.srcToken;
  if (token?.type !== 'block-seq') return [];
  return token.items.flatMap(({ start }) => start.find(({ type }) => type === 'seq-item-ind')?.offset ?? []);
}

/** The column of the keys of a block map, or of the dashes of a block list. */
export function columnOf(collection: YAMLMap | YAMLSeq): number | undefined {
  const token = collection.srcToken;
  return token?.type === 'block-map' || token?.type === 'block-seq' ? token.indent : undefined;
}

export function nameOf(pair: Pair): string {
  if (!isScalar(pair.key)) return '';
  const { value } = pair.key;
  // The parser's own name for the key of a merged map.
  return typeof value === 'symbol' ? (value.description ?? '') : String(value);
}

export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Where the line ends in which a value ends: before its line break. */
export function lineEnd(text: string, end: number): number {
  const at = text[end - 1] === '\n' ? end - 1 : text.indexOf('\n', end);
  if (at < 0) return text.length;
  return text[at - 1] === '\r' ? at - 1 : at;
}

/** Where the line after that begins. */
export function nextLine(text: string, end: number): number {
  if (text[end - 1] === '\n') return end;
  const at = text.indexOf('\n', end);
  return at < 0 ? text.length : at + 1;
}

/** Whether only white space precedes an offset in its line. */
export function opensLine(text: string, offset: number): boolean {
  return text.slice(lineStart(text, offset), offset).trim() === '';
}

/** The start of the comment lines directly above an entry, in its column. */
export function commentStart(text: string, offset: number): number {
  const indent = text.slice(lineStart(text, offset), offset);
  let start = lineStart(text, offset);
  while (start > 0) {
    const above = lineStart(text, start - 1);
    if (!text.startsWith(`${indent}#`, above)) break;
    start = above;
  }
  return start;
}

/** The text with the splices made; they must not overlap. Several at one place keep their order. */
export function spliced(text: string, splices: readonly Splice[], from = 0, to = text.length): string {
  const sorted = splices
    .map((splice, order) => ({ ...splice, order }))
    .sort((one, other) => one.from - other.from || one.to - other.to || one.order - other.order);
  let made = '';
  let at = from;
  for (const splice of sorted) {
    made += text.slice(at, splice.from) + splice.text;
    at = splice.to;
  }
  return made + text.slice(at, to);
}
