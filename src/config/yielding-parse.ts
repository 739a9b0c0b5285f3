/**
 * Parses YAML within bounds, and yielding to everything else that runs: a file of a thousand keys takes a quarter of a second,
 * and one made to be slow would take minutes.
 */

import {
  Composer,
  type CST,
  type Document,
  type DocumentOptions,
  isMap,
  isSeq,
  Lexer,
  LineCounter,
  type ParseOptions,
  Parser,
  type Range,
  type SchemaOptions,
  type YAMLSeq,
} from 'yaml';
import { systemClock } from '../ground/clock.ts';
import { atOnce, runYielding } from '../ground/steps.ts';

/** Milliseconds without yielding to others. */
const longestSlice = 5;
/** Lists and maps inside each other: a configuration has a dozen. What reads them takes time by the square of the levels. */
const mostLevels = 100;
/** Aliases of a text: each is looked for in all that is before it, and merged maps of merged maps multiply. */
const mostAliases = 100;

/** The most anchors and tags of a text: real files have fewer, and those of one value are compared with each other. */
const mostProperties = 1000;
/** Words, marks and white space of a text; a file of a thousand keys has some 50,000. */
const mostLexemes = 400_000;
/** Characters of one value, or of one remark: what the file names, certificates and the like, has some thousand. */
const longestLexeme = 256 * 1024;
/** The most mistakes of a text; only the first is reported. */
const mostErrors = 100;
/** The squares of the sizes of all maps: each key of one is compared with all others, since duplicates are errors. */
const mostComparisons = 10_000_000;

/** A text that is not read. The message names the line, and nothing of the text. */
export class YamlBoundError extends Error {
  readonly line: number;
  constructor(what: string, line: number) {
    super(what);
    this.line = line;
  }
}

type Options = ParseOptions & DocumentOptions & SchemaOptions;

/** Stops where others may run. Throws {@link YamlBoundError}. */
function* parsing(text: string, options: Options, lines: LineCounter): Generator<void, Document.Parsed> {
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  let aliases = 0;
  let properties = 0;
  let lexemes = 0;
  let errors = 0;
  let since = systemClock.monotonic();
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      tokens.push(token);
      if (token.type === 'error') errors += 1;
    }
    if (errors > mostErrors)
      throw new YamlBoundError(`there are more than ${mostErrors} mistakes up to here`, lineOf(lines));
    if (parser.stack.length > mostLevels)
      throw new YamlBoundError(`lists and maps are nested for more than ${mostLevels} levels`, lineOf(lines));
    if (lexeme.startsWith('*')) {
      aliases += 1;
      if (aliases > mostAliases)
        throw new YamlBoundError(`there are more than ${mostAliases} aliases ("*name")`, lineOf(lines));
    }
    if (lexeme.length > longestLexeme)
      throw new YamlBoundError(`a value is longer than ${longestLexeme} characters`, lineOf(lines));
    if (lexeme.startsWith('&') || lexeme.startsWith('!') || lexeme.startsWith('%')) {
      properties += 1;
      if (properties > mostProperties)
        throw new YamlBoundError(
          `there are more than ${mostProperties} anchors, tags and directives`,
          lineOf(lines),
        );
    }
    lexemes += 1;
    if (lexemes > mostLexemes)
      throw new YamlBoundError(`there are more than ${mostLexemes} tokens of YAML`, lineOf(lines));
    if (systemClock.monotonic() - since < longestSlice) continue;
    yield;
    since = systemClock.monotonic();
  }
  for (const token of parser.end()) tokens.push(token);
  yield;
  if (comparisonsOf(tokens) > mostComparisons)
    throw new YamlBoundError('there are too many keys in one place', lineOf(lines));
  yield;
  return yield* composing(tokens, { lineCounter: lines, ...options }, text.length);
}

/** How often keys are compared with each other; ends where the bound is passed. */
function comparisonsOf(tokens: readonly CST.Token[]): number {
  let sum = 0;
  const open: (CST.Token | null | undefined)[] = [...tokens];
  for (let token = open.pop(); open.length > 0 || token; token = open.pop()) {
    if (token?.type === 'document') open.push(token.value);
    if (token === null || token === undefined || !('items' in token)) continue;
    const { items, type } = token;
    if (type === 'block-map' || (type === 'flow-collection' && token.start.source === '{'))
      sum += items.length ** 2;
    if (sum > mostComparisons) return sum;
    for (const { key, value } of items) open.push(key, value);
  }
  return sum;
}

/** A document of tokens. A long list is composed in pieces: the library makes the whole of a document in one go. */
function* composing(
  tokens: readonly CST.Token[],
  options: Options & { lineCounter: LineCounter },
  size: number,
): Generator<void, Document.Parsed> {
  const [first] = tokens.filter(({ type }) => type === 'document');
  const hasDirectives = tokens.some(({ type }) => type === 'directive');
  const lists = first?.type === 'document' && !hasDirectives ? longLists(first) : [];
  const entries = lists.map(({ items }) => items);
  for (const list of lists) list.items = list.items.slice(0, piece);
  let document: Document.Parsed | undefined;
  for (document of new Composer(options).compose(tokens, true, size)) break;
  lists.forEach((list, index) => {
    list.items = entries[index] ?? [];
  });
  yield;
  if (document === undefined) throw new Error('a text without a document');
  for (const list of lists) {
    const made = nodeAt(document, list);
    // Broken before it: nothing of it is used.
    if (made === undefined) continue;
    for (let from = piece; from < list.items.length; from += piece) {
      appendPiece(document, made, { ...list, items: list.items.slice(from, from + piece) }, options);
      yield;
    }
  }
  yield;
  // The error is the library's for the whole text.
  if (lists.length > 0 && document.errors.length + document.warnings.length > 0)
    for (const whole of new Composer(options).compose(tokens, true, size)) return whole;
  return document;
}

/** Entries of a list that are composed without yielding to others. */
const piece = 100;

/** The long lists at the top of a file, as lists of keys are. */
function longLists({ value }: CST.Document): CST.BlockSequence[] {
  if (value?.type !== 'block-map') return [];
  return value.items.flatMap((pair) =>
    pair.value?.type === 'block-seq' && pair.value.items.length > piece ? [pair.value] : [],
  );
}

interface MadeList {
  list: YAMLSeq.Parsed;
  /** What ends where the list ends. */
  around: { range?: Range | null | undefined }[];
}

function nodeAt(document: Document.Parsed, { offset }: CST.BlockSequence): MadeList | undefined {
  const { contents } = document;
  if (!isMap(contents)) return undefined;
  const at = contents.items.findIndex(({ value }) => isSeq(value) && value.range[0] === offset);
  const list = contents.items[at]?.value;
  if (!isSeq(list)) return undefined;
  return { list, around: at === contents.items.length - 1 ? [contents, document] : [] };
}

/** Adds the nodes of further entries to a list, and moves its end. */
function appendPiece(
  document: Document.Parsed,
  { list, around }: MadeList,
  token: CST.BlockSequence,
  options: Options,
): void {
  const offset = list.range[2];
  const part: CST.Document = { type: 'document', offset, start: [], value: { ...token, offset } };
  for (const { contents, errors, warnings } of new Composer(options).compose([part], true, offset)) {
    document.errors.push(...errors);
    document.warnings.push(...warnings);
    if (!isSeq(contents)) continue;
    list.items.push(...contents.items);
    if (contents.comment) list.comment = contents.comment;
    const [start, , end] = list.range;
    const moved = contents.range[2] - end;
    list.range = [start, contents.range[1], contents.range[2]];
    for (const node of around)
      if (node.range) node.range = [node.range[0], node.range[1] + moved, node.range[2] + moved];
  }
}

function lineOf({ lineStarts }: LineCounter): number {
  return Math.max(1, lineStarts.length);
}

/** The same as `parseDocument` of the library makes of the text. Throws {@link YamlBoundError}. */
export function parsedAtOnce(text: string, options: Options, lines = new LineCounter()): Document.Parsed {
  return atOnce(parsing(text, options, lines));
}

/** The same, yielding to others. Rejects with {@link YamlBoundError}. */
export async function parsedYielding(
  text: string,
  options: Options,
  lines = new LineCounter(),
): Promise<Document.Parsed> {
  return runYielding(parsing(text, options, lines));
}
