/** How one change is written into a YAML text: a value replaced, keys taken out, lines put in; comments and quotes stay. */
import { isNode, isScalar, type Pair } from 'yaml';
import { needsBlock, renderedBlock, renderedInFlow, renderedInQuotes, renderedScalar } from './rendering.ts';
import {
  endOf,
  endOfPair,
  isEmpty,
  lineEnd,
  lineStart,
  nextLine,
  opensLine,
  type Splice,
  startOfPair,
} from './spans.ts';

/** A text, and the pieces of it that become others. */
export interface Splicing {
  text: string;
  splices: Splice[];
}

interface Replacement {
  node: unknown;
  next: unknown;
  /** Behind the colon or the dash. */
  from: number;
  flow: boolean;
  /** Of the key or the dash. */
  column: number;
  work: Splicing;
}

/** Another value behind a key or a dash; the remark in its line stays. */
export function replaceValue({ node, next, from, flow, column, work }: Replacement): void {
  const { text } = work;
  const there = isNode(node) && !isEmpty(node);
  const to = Math.max(from, there ? endOf(node) : from);
  const start = there ? (node.range?.[0] ?? from) : from;
  const ended = to > from && text[to - 1] === '\n' ? breakOf(text) : '';
  if (flow) {
    work.splices.push({ from, to, text: ` ${renderedInFlow(next)}` });
    return;
  }
  const before = text.slice(from, Math.max(from, start));
  const remark = /^[ \t]*(#[^\r\n]*)/.exec(before)?.[0] ?? '';
  if (needsBlock(next)) {
    const inner = column + 2;
    const comments = before.includes('#') ? before.slice(0, before.lastIndexOf('\n')).trimEnd() : '';
    const block = renderedBlock(next, inner, breakOf(text));
    work.splices.push({ from, to, text: `${comments}${breakOf(text)}${' '.repeat(inner)}${block}${ended}` });
    return;
  }
  if (isScalar(node) && to > start && ended === '' && remark === '') {
    const quoted =
      typeof next === 'string' && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE')
        ? renderedInQuotes(next, node.type)
        : undefined;
    work.splices.push({ from: start, to, text: quoted ?? renderedScalar(next) });
    return;
  }
  work.splices.push({ from, to, text: ` ${renderedScalar(next)}${remark && ` ${remark.trim()}`}${ended}` });
}

/** Takes keys out, with their lines. */
export function removePairs(pairs: readonly Pair[], gone: ReadonlySet<Pair>, work: Splicing): void {
  const { text, splices } = work;
  let from = 0;
  const [first] = pairs;
  if (first !== undefined && gone.has(first) && !opensLine(text, startOfPair(first))) {
    // Behind the dash of a list: the next that stays takes the place.
    from = pairs.findIndex((pair) => !gone.has(pair));
    const heir = pairs[from];
    if (heir !== undefined) splices.push({ from: startOfPair(first), to: startOfPair(heir), text: '' });
  }
  for (const pair of pairs.slice(from))
    if (gone.has(pair))
      splices.push({
        from: lineStart(text, startOfPair(pair)),
        to: nextLine(text, endOfPair(pair)),
        text: '',
      });
}

/** Further keys behind the line in which the last one ends. */
export function insertPairs(
  added: readonly (readonly [string, unknown])[],
  end: number,
  column: number,
  work: Splicing,
): void {
  const lineBreak = breakOf(work.text);
  for (const [name, value] of added)
    insertLines(`${' '.repeat(column)}${renderedBlock({ [name]: value }, column, lineBreak)}`, end, work);
}

/** After the line in which something ends. */
export function insertLines(lines: string, end: number, { text, splices }: Splicing): void {
  const lineBreak = breakOf(text);
  if (text[end - 1] === '\n') splices.push({ from: end, to: end, text: `${lines}${lineBreak}` });
  else {
    const at = lineEnd(text, end);
    splices.push({ from: at, to: at, text: `${lineBreak}${lines}` });
  }
}

/** The line break of a text: that of its first line. */
export function breakOf(text: string): string {
  const at = text.indexOf('\n');
  return at > 0 && text[at - 1] === '\r' ? '\r\n' : '\n';
}

/** New keys at the end of a map in the text, or of a text without contents. */
export function appendToEmpty(next: Record<string, unknown>, work: Splicing): void {
  const { text } = work;
  const lineBreak = breakOf(text);
  const open = text === '' || text.endsWith('\n') ? '' : lineBreak;
  work.splices.push({
    from: text.length,
    to: text.length,
    text: `${open}${renderedBlock(next, 0, lineBreak)}${lineBreak}`,
  });
}
