/** How much work a JSON text makes, known before it is read: that is for its values to say, not for its length. */

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** Weights in sixteenths of a value, by what reading and writing them takes. */
const value = 16;
/** Numbers and words of a list: each has a comma. */
const separator = 1;
const name = 2 * value;
/** Names of an object that has so many that the runtime keeps them in a hash table. */
const furtherName = 16 * value;
const usualNames = 1024;

/** The heaviest bytes: `"":1,` five of them for a name and a comma. */
const mostPerByte = 4;
/** Levels whose names are counted apart; deeper ones share a count, and are refused elsewhere. */
const levels = 1024;
/** Most strings end within so many bytes: a native search costs more than it looks at. */
const nearby = 24;

/**
 * Whether a JSON text is heavier than `most` values: strings, lists and objects weigh one each, the name of a member two and
 * beyond the 1,024th of one object sixteen, numbers and words a sixteenth. One pass that ends where the bound is passed; texts
 * that are too short for that, as nearly all are, are not looked at, and what is no JSON object or list weighs nothing.
 */
export function isHeavierThan(most: number, json: Uint8Array | string): boolean {
  if (json.length * mostPerByte <= most) return false;
  const bytes =
    typeof json === 'string' ? Buffer.from(json) : Buffer.from(json.buffer, json.byteOffset, json.byteLength);
  const size = bytes.length;
  const limit = most * value;
  const names = new Int32Array(levels);
  let at = behindSpace(bytes, 0);
  if (bytes[at] !== openBrace && bytes[at] !== openBracket) return false;
  let depth = 0;
  let weight = 0;
  while (at < size) {
    switch (bytes[at]) {
      case quote: {
        at = behindString(bytes, at + 1);
        if (at < 0) return false;
        at = behindSpace(bytes, at);
        if (bytes[at] !== colon) {
          weight += value;
          break;
        }
        const level = depth & (levels - 1);
        const count = (names[level] ?? 0) + 1;
        names[level] = count;
        weight += count > usualNames ? furtherName : name;
        at += 1;
        break;
      }
      case openBrace:
      case openBracket:
        depth += 1;
        names[depth & (levels - 1)] = 0;
        weight += value;
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
    if (weight > limit) return true;
  }
  return false;
}

function behindSpace(bytes: Buffer, from: number): number {
  let at = from;
  for (let byte = bytes[at]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; ) {
    at += 1;
    byte = bytes[at];
  }
  return at;
}

/** The offset behind the closing quote of a string whose text begins at `from`; -1 when it never closes. */
function behindString(bytes: Buffer, from: number): number {
  for (let at = from; at < from + nearby; at++) {
    const byte = bytes[at];
    if (byte === quote) return at + 1;
    if (byte === backslash) at += 1;
  }
  for (let close = bytes.indexOf(quote, from); close >= 0; close = bytes.indexOf(quote, close + 1)) {
    let slashes = 0;
    while (bytes[close - 1 - slashes] === backslash) slashes += 1;
    if (slashes % 2 === 0) return close + 1;
  }
  return -1;
}
