/** How much work a JSON text makes, known before it is read: that is for its values to say, not for its length. */
import {
  backslash,
  closeBrace,
  closeBracket,
  colon,
  comma,
  openBrace,
  openBracket,
  quote,
} from './json-characters.ts';
import { skipSpace } from './json-span.ts';

/** What one of each counts, in values. */
export interface JsonWeights {
  listOrObject: number;
  string: number;
  newString: number;
  name: number;
  /** Each makes objects of another shape. */
  newName: number;
  /** Numbers and words, and whatever else a comma stands behind. */
  separator: number;
}

/** By what reading and translating them takes: 250,000 values are some 50 ms. Measured with JavaScriptCore. */
export const requestWeights: JsonWeights = {
  listOrObject: 2,
  string: 1,
  newString: 1,
  name: 1,
  newName: 6,
  separator: 1 / 2,
};

/** Of answers only as much is translated as their items allow: these go by what reading them takes, 0.1 µs a value. */
export const answerWeights: JsonWeights = {
  listOrObject: 3 / 4,
  string: 1 / 4,
  newString: 5 / 2,
  name: 1 / 4,
  newName: 12,
  separator: 3 / 8,
};

/** They are millions of numbers, and little is done with each. */
export const embeddingsWeights: JsonWeights = { ...requestWeights, separator: 1 / 64 };

/** Names of an object that has so many that the runtime keeps them in a hash table, and what each further one counts. */
const usualNames = 1024;
const furtherName = 16;

/** Levels whose names are counted apart; deeper ones share a count, and are refused elsewhere. */
const levels = 1024;
/** Most strings end within so many bytes: a native search costs more than it looks at. */
const nearby = 24;
const farthest = 64 * 1024;

/** Hashes of the strings that were seen, each text's with its own seed: nobody can foresee which share a place. */
const seen = new Int32Array(16_384);
const names = new Int32Array(levels);
const prime = 0x01_00_01_93;

/**
 * Whether a JSON text is heavier than `most` values. One pass that ends where the bound is passed; texts of no more bytes than
 * values, as nearly all are, are not looked at, and what is no JSON object or list weighs nothing.
 */
export function isHeavierThan(most: number, json: Uint8Array | string, weights: JsonWeights): boolean {
  if (json.length <= most) return false;
  const bytes =
    typeof json === 'string' ? Buffer.from(json) : Buffer.from(json.buffer, json.byteOffset, json.byteLength);
  const size = bytes.length;
  const seed = Math.trunc(Math.random() * 2 ** 32);
  const { listOrObject, separator } = weights;
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== openBrace && bytes[at] !== openBracket) return false;
  let depth = 0;
  let weight = 0;
  while (at < size) {
    switch (bytes[at]) {
      case quote: {
        const from = at + 1;
        let hash = seed;
        at = -1;
        for (let near = from; near < from + nearby; near++) {
          const byte = bytes[near] ?? 0;
          if (byte === quote) {
            at = near + 1;
            break;
          }
          hash = Math.imul(hash ^ byte, prime);
          if (byte !== backslash) continue;
          near += 1;
          hash = Math.imul(hash ^ (bytes[near] ?? 0), prime);
        }
        let isNew = true;
        if (at < 0) at = behindString(bytes, from);
        else {
          const place = (hash ^ (hash >>> 16)) & (seen.length - 1);
          isNew = seen[place] !== hash;
          seen[place] = hash;
        }
        if (at < 0) return false;
        at = skipSpace(bytes, at);
        if (bytes[at] !== colon) {
          weight += isNew ? weights.newString : weights.string;
          break;
        }
        const level = depth & (levels - 1);
        const count = (names[level] ?? 0) + 1;
        names[level] = count;
        weight += count > usualNames ? furtherName : isNew ? weights.newName : weights.name;
        at += 1;
        break;
      }
      case openBrace:
      case openBracket:
        depth += 1;
        names[depth & (levels - 1)] = 0;
        weight += listOrObject;
        at += 1;
        break;
      case closeBrace:
      case closeBracket:
        depth -= 1;
        at += 1;
        break;
      case comma:
        weight += separator;
        at += 1;
        break;
      default:
        at += 1;
    }
    if (weight > most) return true;
  }
  return false;
}

/** The offset behind the closing quote of a string whose text begins at `from`; -1 when it never closes. */
function behindString(bytes: Buffer, from: number): number {
  let at = from;
  let reach = nearby;
  for (;;) {
    for (const end = at + reach; at < end; at++) {
      const byte = bytes[at];
      if (byte === quote) return at + 1;
      if (byte === backslash) at += 1;
      else if (byte === undefined) return -1;
    }
    const close = bytes.indexOf(quote, at);
    if (close < 0) return -1;
    let slashes = 0;
    while (close - 1 - slashes >= at && bytes[close - 1 - slashes] === backslash) slashes += 1;
    if (slashes % 2 === 0) return close + 1;
    // Escaped quotes stand close together, if there are many: each search costs more than it looks at.
    reach = close - at < nearby ? Math.min(2 * reach, farthest) : nearby;
    at = close + 1;
  }
}
