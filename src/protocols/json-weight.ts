/** How much work a JSON text makes, known before it is read: that depends on its values, not on its length. */
import { backslash, closeBrace, closeBracket, colon, comma, openBrace, openBracket, quote } from './ascii.ts';
import { mayNeedExactness } from './exact-numbers.ts';
import { behindString, skipSpace } from './json-span.ts';

/** What one of each counts, in values. */
export interface JsonWeights {
  listOrObject: number;
  string: number;
  newString: number;
  name: number;
  /** Each makes objects of another shape. */
  newName: number;
  /** Numbers and words, and anything else before a comma. */
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

/**
 * By the memory that they take while they are read, garbage of lists that grow included, in 48 bytes. Measured with JavaScriptCore: a list or
 * an object 90 bytes, in which six members or three elements have their place, a text of a few letters 80, a member of a long list 24, an
 * object's new shape 270. A text that has been said before is the same one.
 */
export const memoryWeights: JsonWeights = {
  listOrObject: 15 / 8,
  string: 0,
  newString: 5 / 3,
  // Behind it comes a separator, which a member of an object is none of.
  name: -1 / 3,
  newName: 16 / 3,
  separator: 1 / 2,
};

/**
 * The same of a text that is read so that its numbers stay as they are written (`exact-numbers.ts`), where it has any that need it: each
 * value is looked at by itself, which takes five times as long, and such a number is an object with a text.
 */
export function exactly(weights: JsonWeights): JsonWeights {
  return { ...weights, listOrObject: weights.listOrObject + 3, separator: weights.separator + 3 };
}

/** Names of an object that has so many that the runtime keeps them in a hash table, and what each further one counts. */
const usualNames = 1024;
const furtherName = 16;

/** Levels whose names are counted apart; deeper ones share a count, and are refused elsewhere. */
const levels = 1024;
/** Most strings end within so many bytes: a native search costs more than it looks at. */
const nearby = 24;

interface Tables {
  /** Hashes of the strings that were seen, each text's with its own seed: collisions cannot be predicted. */
  seen: Int32Array;
  /** Names of the objects that are open, by their levels. */
  names: Int32Array;
}

const newTables = (): Tables => ({ seen: new Int32Array(16_384), names: new Int32Array(levels) });
/** Of texts that are weighed at once. */
const ownTables = newTables();
const prime = 0x01_00_01_93;

/**
 * Whether a JSON text is heavier than `most` values. One pass that ends where the bound is passed; texts of no more bytes than
 * values, as nearly all are, are not looked at, and what is no JSON object or list weighs nothing.
 */
export function isHeavierThan(most: number, json: Uint8Array | string, weights: JsonWeights): boolean {
  if (json.length <= most) return false;
  const scale = weighing(most, bytesOf(json), weights, newSeed(), ownTables);
  scale.goOn(Number.POSITIVE_INFINITY);
  return scale.weight() > most;
}

/** Bytes that are weighed between two steps. */
const step = 512 * 1024;

/** The same in steps. */
export function* weighedInSteps(
  most: number,
  json: Uint8Array | string,
  weights: JsonWeights,
): Generator<void, boolean> {
  if (json.length <= most) return false;
  const bytes = bytesOf(json);
  const scale = weighing(most, bytes, weights, newSeed(), newTables());
  for (let to = step; !scale.goOn(to); to += step) yield;
  return scale.weight() > most;
}

/** Takes a further text. True when all that have come are heavier than may be. */
export type WeighsMore = (json: string) => boolean;

/**
 * The same of several texts together, one after the other: what one of them has said is not new in the next, and none hides what stands
 * in another. `mostOf`: how heavy texts of that length may be. Texts are looked at when they are longer than that, and each once. All of them are
 * read exactly ({@link exactly}).
 */
export function weighingSeveral(mostOf: (length: number) => number, weights: JsonWeights): WeighsMore {
  const seed = newSeed();
  let unseen: string[] = [];
  let length = 0;
  let weight = 0;
  return (json) => {
    unseen.push(json);
    length += json.length;
    const most = mostOf(length);
    if (length <= most) return false;
    const texts = unseen;
    unseen = [];
    for (const text of texts) {
      const own = mayNeedExactness(text) ? exactly(weights) : weights;
      const scale = weighing(most - weight, bytesOf(text), own, seed, ownTables);
      scale.goOn(Number.POSITIVE_INFINITY);
      weight += scale.weight();
      if (weight > most) return true;
    }
    return false;
  };
}

/** Unpredictable. */
function newSeed(): number {
  return Math.trunc(Math.random() * 2 ** 32);
}

function bytesOf(json: Uint8Array | string): Buffer {
  return typeof json === 'string'
    ? Buffer.from(json)
    : Buffer.from(json.buffer, json.byteOffset, json.byteLength);
}

interface Scale {
  /** Weighs what begins before this offset. True when the whole has been weighed, or it is heavier than may be. */
  goOn(to: number): boolean;
  /** Of one that is heavier than `most`, something above that. */
  weight(): number;
}

/** Weighs a JSON text. Behind a string that never ends there is nothing. */
function weighing(
  most: number,
  bytes: Buffer,
  weights: JsonWeights,
  seed: number,
  { seen, names }: Tables,
): Scale {
  const size = bytes.length;
  const { listOrObject, separator } = weights;
  let from = skipSpace(bytes, 0);
  let open = 0;
  let weighed = 0;
  if (bytes[from] !== openBrace && bytes[from] !== openBracket) from = size;

  /** The place, the depth and the weight are its own while it runs: variables of the function around it cost twice as much. */
  function goOn(to: number): boolean {
    let at = from;
    let depth = open;
    let weight = weighed;
    while (at < size && at < to) {
      switch (bytes[at]) {
        case quote: {
          const start = at + 1;
          let hash = seed;
          at = -1;
          for (let near = start; near < start + nearby; near++) {
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
          if (at < 0) at = behindString(bytes, start);
          else {
            const place = (hash ^ (hash >>> 16)) & (seen.length - 1);
            isNew = seen[place] !== hash;
            seen[place] = hash;
          }
          if (at < 0) {
            at = size;
            break;
          }
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
      if (weight > most) break;
    }
    from = at;
    open = depth;
    weighed = weight;
    return at >= size || weight > most;
  }

  return { goOn, weight: () => weighed };
}
