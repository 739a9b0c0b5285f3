/**
 * What encoders write for each piece of a text: all but the piece is the same each time, and made once. Most of a
 * streamed answer is such pieces, a few letters each.
 *
 * Fast path: `npm run bench -- --only streams`; the 92 deltas of an answer cost 14 of its 185 µs (performance.md, "SSE, translated").
 */

/**
 * The pieces as one text, for a text that is written many times. What is put together with `+` stays a tree of its pieces,
 * all of which are visited again each time that a text around it becomes bytes.
 */
export function flat(...pieces: string[]): string {
  return pieces.join('');
}

/** Text without quotes, backslashes, control characters and surrogates (those that have no partner are escaped). */
const plain = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;

/**
 * The text as a JSON string without its quotes, as `JSON.stringify` writes it. Few pieces need an escape,
 * and to see that costs half of what it costs to write a string anew.
 */
export function insideQuotes(text: string): string {
  return plain.test(text) ? text : JSON.stringify(text).slice(1, -1);
}
