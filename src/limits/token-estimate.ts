/** How many tokens a request will come to, before a provider has counted them: cheap guesses over its bytes. */
import { quote } from '../protocols/json-characters.ts';
import { eachMember, stringValue } from '../protocols/json-span.ts';

/** Bytes of JSON text that make a token, on average, in English prose and code. */
const bytesPerToken = 4;
/** Tokens of an image or another file: the most that Claude counts for an image (docs.claude.com, Vision). */
const mediaTokens = 1600;
/** Longer strings in the places of base64 are files. */
const longestText = 1024;
/** Tokens of an answer whose largest size the client does not say. */
export const usualAnswer = 4096;

/** Where protocols put base64: data URLs, and members called `data`. */
const mediaMarks = [Buffer.from(';base64,'), Buffer.from('"data"')];

/** More places of files than a request has; what is behind them counts by its length. */
const mostPlaces = 50_000;

/**
 * Tokens of a JSON body, files in it counted as such. The first `limit` bytes are read (the bound `token-estimate`), each of
 * them a bounded number of times; what is behind them counts by its length.
 */
export function inputTokens(body: Uint8Array, limit: number): number {
  // Nearly all bodies are shorter than the bound: no part of them is made then, which costs more than the search.
  const bytes = body.byteLength <= limit ? body : body.subarray(0, limit);
  let text = body.byteLength;
  let files = 0;
  let places = 0;
  for (const mark of mediaMarks) {
    for (let at = indexOf.call(bytes, mark); at >= 0 && places < mostPlaces; places++) {
      let start = at + mark.length;
      if (mark[0] === quote) {
        while (isSpaceOrColon(bytes[start])) start += 1;
        start += 1;
      }
      const end = bytes.indexOf(quote, start);
      // No string ends behind this place, so none begins there either.
      if (end < 0) break;
      if (end - start > longestText) {
        text -= end - start;
        files += 1;
      }
      at = indexOf.call(bytes, mark, end);
    }
  }
  return Math.ceil(text / bytesPerToken) + files * mediaTokens;
}

/** Without a Buffer over the bytes, which would have to be made first. */
const { indexOf } = Buffer.prototype;

function isSpaceOrColon(byte: number | undefined): boolean {
  return byte === 0x3a || byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** What the protocols call the largest size of an answer: these and the following are as {@link folded} writes them. */
const sizeNames = new Set(['maxtokens', 'maxcompletiontokens', 'maxoutputtokens']);
/** How many answers are asked for. */
const countNames = new Set(['n', 'bestof', 'candidatecount']);
/** The member in which Gemini has its settings. */
const settingsNames = new Set(['generationconfig']);
/** Longer keys are none of these names, whatever way they are written. */
const longestKey = 200;

/** What a request says of the size of its answer; each is undefined where it says nothing. */
export interface WantedAnswer {
  /** The most tokens of one answer. */
  tokens: number | undefined;
  /** The number of answers. */
  answers: number | undefined;
}

/**
 * The largest answer that a JSON body asks for. Only members count that a provider reads: those of the request itself and
 * of Gemini's settings, however their names are escaped or written. Of several the largest counts, since which one a provider takes is
 * for it to say, and a budget must hold in either case.
 */
export function wantedAnswer(body: Uint8Array): WantedAnswer {
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const wanted: WantedAnswer = { tokens: undefined, answers: undefined };
  const take = (keyStart: number, keyEnd: number, start: number, end: number): string => {
    const key = keyEnd - keyStart > longestKey ? '' : folded(stringValue(buffer, keyStart, keyEnd) ?? '');
    if (sizeNames.has(key)) wanted.tokens = largest(wanted.tokens, numberAt(buffer, start, end));
    else if (countNames.has(key)) wanted.answers = largest(wanted.answers, numberAt(buffer, start, end));
    return key;
  };
  eachMember(buffer, 0, (keyStart, keyEnd, start, end) => {
    if (settingsNames.has(take(keyStart, keyEnd, start, end))) eachMember(buffer, start, take);
  });
  return wanted;
}

/**
 * Without the differences that some services do not mind: Google reads its own names in both spellings, and services in Go
 * take keys in any case, `ſ` and the Kelvin sign for s and k (encoding/json).
 */
function folded(key: string): string {
  return key.replaceAll('_', '').toUpperCase().toLowerCase();
}

function largest(known: number | undefined, found: number | undefined): number | undefined {
  return found === undefined || (known ?? 0) > found ? known : found;
}

/** A number, or one in a string, as Google's servers read it too. */
function numberAt(buffer: Buffer, start: number, end: number): number | undefined {
  if (end - start > 64) return undefined;
  const text =
    buffer[start] === quote ? stringValue(buffer, start, end) : buffer.toString('latin1', start, end);
  if (text === undefined || !/^\s*\d/.test(text)) return undefined;
  const value = Number(text);
  return Number.isNaN(value) ? undefined : value;
}

/** Tokens of a text that was answered and not counted by its provider. */
export function outputTokens(bytes: number): number {
  return Math.ceil(bytes / bytesPerToken);
}
