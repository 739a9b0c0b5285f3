/** Parses YAML in turns with everything else that runs: a file of a thousand keys takes a quarter of a second. */
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

/** The same as `parseDocument` of the library makes of the text. */
export async function parsedInTurns(
  text: string,
  options: ParseOptions & DocumentOptions & SchemaOptions,
  lines = new LineCounter(),
): Promise<Document.Parsed> {
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  let since = performance.now();
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (performance.now() - since < longestTurn) continue;
    await setImmediate();
    since = performance.now();
  }
  for (const token of parser.end()) tokens.push(token);
  await setImmediate();
  for (const document of new Composer({ lineCounter: lines, ...options }).compose(
    tokens,
    true,
    text.length,
  )) {
    await setImmediate();
    return document;
  }
  throw new Error('a text without a document');
}
