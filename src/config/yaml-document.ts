/** A YAML text as a value whose every part still knows its line. */
import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  visit,
  type YAMLError,
} from 'yaml';
import { reasonOf } from '../ground/reason.ts';
import { type ConfigProblem, dottedPath, type PathSegment } from './problem.ts';
import { parsedAtOnce, parsedYielding, YamlBoundError } from './yielding-parse.ts';

export interface Position {
  line: number;
  column: number;
}

export interface YamlDocument {
  /** The whole text as plain values; null for an empty one. */
  value: unknown;
  /** The position of a value or its key; for a path that is not in the text, that of its nearest ancestor. */
  position(path: readonly PathSegment[], part: 'key' | 'value'): Position;
  /** A scalar as it is written, and whether it is unquoted. */
  scalar(path: readonly PathSegment[]): { source: string; plain: boolean } | undefined;
}

export type YamlResult = { ok: true; document: YamlDocument } | { ok: false; problems: ConfigProblem[] };

const SYNTAX: Partial<Record<YAMLError['code'], { message: string; hint: string }>> = {
  TAB_AS_INDENT: {
    message: 'the line is indented with a tab, which YAML does not allow',
    hint: 'use two spaces for each level',
  },
  BAD_INDENT: {
    message:
      'the line is not indented like the lines it belongs to, or a list in brackets is not closed before it',
    hint: 'start keys that belong together in the same column; close "[" with "]" and "{" with "}"',
  },
  MISSING_CHAR: {
    message: 'something is not closed or a ":" is missing',
    hint: 'close every quote and bracket, and write "key: value"',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a value on this line is followed by another "key: value"',
    hint: 'put a value that holds ": " in quotes, and start each key on a line of its own, in the same column',
  },
  MULTILINE_IMPLICIT_KEY: {
    message: 'this line is not "key: value"',
    hint: 'write a ":" and a space after the key',
  },
  BAD_SCALAR_START: {
    message: 'a value cannot begin with this character unless it is in quotes',
    hint: 'put the value in quotes',
  },
  BAD_DQ_ESCAPE: {
    message: 'a backslash in double quotes begins an escape, and this is none',
    hint: "use single quotes ('…'), in which a backslash is only a backslash",
  },
  UNEXPECTED_TOKEN: {
    message: 'something is left over here that does not belong to the value',
    hint: 'put the whole value in quotes; inside single quotes write a quote twice',
  },
  TAG_RESOLVE_FAILED: {
    message: 'a value that begins with "!" is a YAML tag, and there is none of this name',
    hint: 'put the value in quotes',
  },
};

const UNKNOWN_SYNTAX = {
  message: 'this is not valid YAML',
  hint: 'compare the line with the examples in docs/configuration.md',
};

/** Parses YAML 1.2 with merge keys. Every duplicate key is reported, but only the first syntax error: the rest follow from it. */
export function parseYaml(text: string, file: string): YamlResult {
  const lines = new LineCounter();
  try {
    return readDocument(parsedAtOnce(text, parsing, lines), lines, text, file);
  } catch (error) {
    return beyondBound(error, file);
  }
}

const parsing = {
  prettyErrors: false, // They would quote the file, and with it its secrets.
  merge: true,
  logLevel: 'silent',
} as const;

/** The same, yielding to everything else that runs. */
export async function parseYamlYielding(text: string, file: string): Promise<YamlResult> {
  const lines = new LineCounter();
  try {
    return readDocument(await parsedYielding(text, parsing, lines), lines, text, file);
  } catch (error) {
    return beyondBound(error, file);
  }
}

function beyondBound(error: unknown, file: string): YamlResult {
  if (!(error instanceof YamlBoundError)) throw error;
  const { line, message } = error;
  const problem = {
    file,
    line,
    column: 1,
    key: '',
    message,
    hint: 'write fewer values, without aliases and with less nesting',
  };
  return { ok: false, problems: [problem] };
}

function readDocument(document: Document.Parsed, lines: LineCounter, text: string, file: string): YamlResult {
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const problems = syntaxProblems(document, text, file, at);
  if (problems.length) return { ok: false, problems };
  try {
    const value: unknown = document.toJS();
    return {
      ok: true,
      document: {
        value,
        position: (path, part) => positionOf(document, path, part, at),
        scalar: (path) => scalarAt(document, path),
      },
    };
  } catch (error) {
    // The parser refuses texts whose aliases multiply into millions of values.
    const message = `the file cannot be read: ${reasonOf(error)}`;
    const hint = 'write the values out: aliases ("*name") of aliases expand to more values than are read';
    const at = lines.linePos(firstAlias(document));
    return { ok: false, problems: [{ file, line: at.line, column: at.col, key: '', message, hint }] };
  }
}

/** The position of the first alias; the beginning without one. */
function firstAlias(document: Document.Parsed): number {
  let offset: number | undefined;
  visit(document, {
    Alias(_, { range }) {
      offset = range?.[0];
      return visit.BREAK;
    },
  });
  return offset ?? 0;
}

/** The most duplicate keys that are reported: each is looked for in the whole text. */
const mostProblems = 20;

function syntaxProblems(
  document: Document.Parsed,
  text: string,
  file: string,
  at: (offset: number) => Position,
): ConfigProblem[] {
  const duplicates = document.errors.filter(({ code }) => code === 'DUPLICATE_KEY');
  const problems = duplicates
    .slice(0, mostProblems)
    .map((error) => duplicateProblem(document, error.pos[0], file, at));
  const broken = [...document.errors, ...document.warnings].find(({ code }) => code !== 'DUPLICATE_KEY');
  if (broken) problems.push({ file, key: '', ...brokenProblem(document, broken, at) });
  if (broken || duplicates.length) return problems;
  if (text.slice(document.range[2]).trim())
    problems.push({
      file,
      ...at(document.range[2]),
      key: '',
      message: 'a second document begins here',
      hint: 'keep one configuration in one file: remove the "---" line',
    });
  // Most files have none, and to look at all of a large one takes time.
  if (!text.includes('*')) return problems;
  visit(document, {
    Alias(_, alias, ancestors) {
      const meant = alias.resolve(document);
      if (meant !== undefined && ancestors.includes(meant))
        problems.push({
          file,
          ...at(alias.range?.[0] ?? 0),
          key: '',
          message: 'an alias refers to a value that contains it',
          hint: 'write the value out',
        });
      else if (meant === undefined)
        problems.push({
          file,
          ...at(alias.range?.[0] ?? 0),
          key: '',
          message: 'a value that begins with "*" refers to an anchor in YAML, and there is none of this name',
          hint: 'put the value in quotes: "*-preview"',
        });
    },
  });
  return problems;
}

function brokenProblem(document: Document.Parsed, error: YAMLError, at: (offset: number) => Position) {
  const words = SYNTAX[error.code] ?? UNKNOWN_SYNTAX;
  if (error.code !== 'MISSING_CHAR') return { ...at(error.pos[0]), ...words };
  // An open quote is noticed at the end of the file; what helps is where it was opened.
  let opened: number | undefined;
  visit(document, {
    Scalar(_, { type, range }) {
      const quoted = type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE';
      if (quoted && range && range[0] <= error.pos[0] && range[1] >= error.pos[0]) opened = range[0];
    },
  });
  return opened === undefined
    ? { ...at(error.pos[0]), ...words }
    : { ...at(opened), message: 'the quote that opens here is never closed', hint: 'close the quote' };
}

function duplicateProblem(
  document: Document.Parsed,
  offset: number,
  file: string,
  at: (offset: number) => Position,
): ConfigProblem {
  let key = '';
  let first = 0;
  visit(document, {
    Pair(_, pair, ancestors) {
      if (startOf(pair) !== offset) return undefined;
      const parent = ancestors.at(-1);
      const name = keyOf(pair);
      if (isMap(parent))
        first = startOf(parent.items.find((sibling) => keyOf(sibling) === name) ?? pair) ?? offset;
      key = dottedPath([...pathOf(ancestors), name]);
      return visit.BREAK;
    },
  });
  return {
    file,
    ...at(offset),
    key,
    message: `the key is set twice; the first time is on line ${at(first).line}`,
    hint: 'keep one of the two',
  };
}

function pathOf(ancestors: readonly unknown[]): PathSegment[] {
  const path: PathSegment[] = [];
  ancestors.forEach((ancestor, index) => {
    const next = ancestors[index + 1];
    if (isPair(ancestor)) path.push(keyOf(ancestor));
    else if (isSeq(ancestor)) path.push(ancestor.items.indexOf(next));
  });
  return path;
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : '';
}

function startOf(pair: Pair): number | undefined {
  return isScalar(pair.key) ? pair.key.range?.[0] : undefined;
}

interface Step {
  key: Node | undefined;
  value: unknown;
}

function resolved(document: Document, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

/** The member of a map or list, looked for in merged maps too. */
function member(document: Document, parent: unknown, segment: PathSegment): Step | undefined {
  const node = resolved(document, parent);
  if (isSeq(node))
    return typeof segment === 'number' && segment < node.items.length
      ? { key: undefined, value: node.items[segment] }
      : undefined;
  if (!isMap(node)) return undefined;
  for (const pair of node.items)
    if (keyOf(pair) === String(segment) && isScalar(pair.key)) return { key: pair.key, value: pair.value };
  for (const pair of node.items) {
    if (keyOf(pair) !== '<<') continue;
    const merged = resolved(document, pair.value);
    for (const source of isSeq(merged) ? merged.items : [merged]) {
      const found = member(document, source, segment);
      if (found) return found;
    }
  }
  return undefined;
}

function positionOf(
  document: Document.Parsed,
  path: readonly PathSegment[],
  part: 'key' | 'value',
  at: (offset: number) => Position,
): Position {
  let step: Step = { key: undefined, value: document.contents };
  let wanted = part;
  for (const segment of path) {
    const next = member(document, step.value, segment);
    if (!next) {
      wanted = 'key'; // What is missing is missing under this key.
      break;
    }
    step = next;
  }
  const value = isScalar(step.value) || isMap(step.value) || isSeq(step.value) ? step.value : undefined;
  const node = wanted === 'key' ? (step.key ?? value) : (value ?? step.key);
  return at(node?.range?.[0] ?? 0);
}

function scalarAt(document: Document, path: readonly PathSegment[]) {
  let value: unknown = document.contents;
  for (const segment of path) value = member(document, value, segment)?.value;
  const node = resolved(document, value);
  if (!isScalar(node)) return undefined;
  return { source: node.source ?? String(node.value), plain: node.type === 'PLAIN' };
}
