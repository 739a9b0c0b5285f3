/**
 * Parses YAML within bounds, and in turns with everything else that runs: a file of a thousand keys takes a quarter of a second,
 * and one made to be slow would take minutes.
 */
import { setImmediate } from 'node:timers/promises';
import {
  Composer,
  type CST,
  type Document,
  type DocumentOptions,
  Lexer,
  LineCounter,
  type ParseOptions,
  Parser,
  type SchemaOptions,
} from 'yaml';

/** Milliseconds without a turn for others. */
const longestTurn = 5;
/** Lists and maps inside each other: a configuration has a dozen. What reads them takes time by the square of the levels. */
const mostLevels = 100;
/** Aliases of a text: each is looked for in all that is before it, and merged maps of merged maps multiply. */
const mostAliases = 100;

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
  let since = performance.now();
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > mostLevels)
      throw new YamlBoundError(`lists and maps are nested for more than ${mostLevels} levels`, lineOf(lines));
    if (lexeme.startsWith('*')) {
      aliases += 1;
      if (aliases > mostAliases)
        throw new YamlBoundError(`there are more than ${mostAliases} aliases ("*name")`, lineOf(lines));
    }
    if (performance.now() - since < longestTurn) continue;
    yield;
    since = performance.now();
  }
  for (const token of parser.end()) tokens.push(token);
  yield;
  for (const document of new Composer({ lineCounter: lines, ...options }).compose(
    tokens,
    true,
    text.length,
  )) {
    yield;
    return document;
  }
  throw new Error('a text without a document');
}

function lineOf({ lineStarts }: LineCounter): number {
  return Math.max(1, lineStarts.length);
}

/** The same as `parseDocument` of the library makes of the text. Throws {@link YamlBoundError}. */
export function parsedAtOnce(text: string, options: Options, lines = new LineCounter()): Document.Parsed {
  const steps = parsing(text, options, lines);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same, in turns. Rejects with {@link YamlBoundError}. */
export async function parsedInTurns(
  text: string,
  options: Options,
  lines = new LineCounter(),
): Promise<Document.Parsed> {
  const steps = parsing(text, options, lines);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await setImmediate();
  }
}
