/** Whether a long JSON text was cut, by its last bytes alone. */
import { backslash, closeBrace, closeBracket, openBrace, openBracket, quote } from './ascii.ts';
import { isSpace } from './json-text-span.ts';

/** Bytes outside of strings, and quotes, that are looked at. */
const mostSteps = 4096;

/**
 * Whether the last bracket of the text closes another value than the one that the text begins with, as it does where the text was cut
 * behind an inner one. Walks back as far as that shows, but for so many steps: strings are skipped by native search, and JSON that is
 * whole is never taken for cut.
 */
export function endsInside(text: Buffer): boolean {
  let first = 0;
  while (isSpace(text[first])) first += 1;
  let at = text.length - 1;
  while (isSpace(text[at])) at -= 1;
  const open: number[] = [];
  for (let steps = 0; at >= first && steps < mostSteps; steps += 1, at -= 1) {
    const byte = text[at];
    if (byte === closeBrace) open.push(openBrace);
    else if (byte === closeBracket) open.push(openBracket);
    else if (byte === openBrace || byte === openBracket) {
      if (open.pop() !== byte) return true;
      if (open.length === 0) return at !== first;
    } else if (byte === quote) {
      at -= 1;
      // An answer of escaped quotes alone would take as many steps as it has quotes.
      for (
        at = text.lastIndexOf(quote, at);
        at > first && steps < mostSteps && isEscaped(text, at);
        steps += 1
      )
        at = text.lastIndexOf(quote, at - 1);
      if (at <= first) return true;
      if (steps >= mostSteps) return false;
    }
  }
  return at < first;
}

/** Whether so many backslashes stand before it that it is a part of its string. */
function isEscaped(text: Buffer, at: number): boolean {
  let from = at;
  while (text[from - 1] === backslash) from -= 1;
  return (at - from) % 2 === 1;
}
