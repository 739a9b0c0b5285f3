/** Finds a duplicate name in a JSON object: of two such members some services use the first, others the last. */
import { backslash } from '../protocols/ascii.ts';
import { type Span, stringValue } from '../protocols/json-span.ts';

/** Names that are compared one by one; an object with more has them in a set. */
const few = 32;
/** Bytes of a name that its print is made of. */
const printed = 64;
/** Longer names, which no service has, are compared as they are written: to read one of millions of escapes takes as long as all of the body. */
const longest = 1024;

/** Given each name of an object, by its span with the quotes: whether it has stood there before, however its letters are written. */
export function doubledNames(buffer: Buffer): (start: number, end: number) => boolean {
  const prints: number[] = [];
  const spans: Span[] = [];
  let all: Set<string> | undefined;
  const text = ({ start, end }: Span): string => nameIn(buffer, start, end);
  return (start, end) => {
    const span = { start, end };
    if (all === undefined && spans.length === few) all = new Set(spans.map(text));
    if (all !== undefined) {
      const known = all.size;
      return all.add(text(span)).size === known;
    }
    const print = printOf(buffer, start + 1, end - 1, end - start <= longest) ?? escapedPrint(text(span));
    // Nearly always the only look at the names before.
    const isKnown = prints.includes(print);
    const isDoubled =
      isKnown && spans.some((other, at) => prints[at] === print && text(other) === text(span));
    prints.push(print);
    spans.push(span);
    return isDoubled;
  };
}

/** The name in the span of a key; a long one as it is written. */
export function nameIn(buffer: Buffer, start: number, end: number): string {
  return end - start > longest
    ? buffer.toString('latin1', start + 1, end - 1)
    : (stringValue(buffer, start, end) ?? '');
}

/** A number that equal names have in common (FNV-1a); undefined where one of its letters is escaped. */
function printOf(bytes: Buffer, from: number, to: number, escapes = true): number | undefined {
  let print = 0x811c9dc5;
  const last = Math.min(to, from + printed);
  for (let at = from; at < last; at++) {
    const byte = bytes[at] ?? 0;
    if (escapes && byte === backslash) return undefined;
    print = Math.imul(print ^ byte, 0x01000193);
  }
  return print;
}

function escapedPrint(name: string): number {
  const bytes = Buffer.from(name);
  return printOf(bytes, 0, bytes.length, false) ?? 0;
}
