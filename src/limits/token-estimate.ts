/** How many tokens a request will come to, before a provider has counted them: cheap guesses over its bytes. */
import { folded, isLimitName } from '../protocols/answer-limit.ts';
import { quote } from '../protocols/ascii.ts';
import { eachElement, eachMember, keyOf, type MemberVisitor, stringValue } from '../protocols/json-span.ts';
import { effortBudgets, isEffort } from '../protocols/reasoning.ts';
import { namesOfAll } from '../protocols/registry.ts';
import { filesIn, longestText, noFiles } from './files-in-body.ts';

/** Bytes of JSON text that make a token, on average, in English prose and code. */
const bytesPerToken = 4;
/** Tokens of an image or another file: the most that Claude counts for an image (docs.claude.com, Vision). */
const mediaTokens = 1600;
/** Tokens of an answer without a limit in the request. */
export const usualAnswer = 4096;

/** Where protocols put base64: data URLs, and members that hold bytes. */
const mediaMarks = [
  ';base64,',
  ...[...namesOfAll(({ files }) => [...files.bytes, ...(files.fileBytes ?? [])])].map((name) => `"${name}"`),
].map((mark) => Buffer.from(mark));

/** More places of files than a request has; what is behind them counts by its length. */
const mostPlaces = 50_000;

/**
 * Tokens of a JSON body, files in it counted as such. The first `limit` bytes are read (the bound `token-estimate`), each of
 * them a bounded number of times; what is behind them counts by its length.
 */
export function inputTokens(body: Uint8Array, limit: number): number {
  // Nearly all bodies are shorter than the bound: no part of them is made then, which costs more than the search.
  const bytes = body.byteLength <= limit ? body : body.subarray(0, limit);
  const files = mayHoldFiles(bytes) ? filesIn(bytes) : noFiles;
  return Math.ceil((body.byteLength - files.bytes) / bytesPerToken) + files.count * mediaTokens;
}

/** Whether a long string is in a place of base64: only then the body is read for what the places are. */
function mayHoldFiles(bytes: Uint8Array): boolean {
  let places = 0;
  for (const mark of mediaMarks)
    for (let at = indexOf.call(bytes, mark); at >= 0 && places < mostPlaces; places++) {
      let start = at + mark.length;
      if (mark[0] === quote) {
        while (isSpaceOrColon(bytes[start])) start += 1;
        start += 1;
      }
      const end = bytes.indexOf(quote, start);
      // No string ends behind this place, so none begins there either.
      if (end < 0) break;
      if (end - start > longestText) return true;
      at = indexOf.call(bytes, mark, end);
    }
  return false;
}

/** Without a Buffer over the bytes, which would have to be made first. */
const { indexOf } = Buffer.prototype;

function isSpaceOrColon(byte: number | undefined): boolean {
  return byte === 0x3a || byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Names as {@link folded} writes them. */
const countNames = namesOfAll(({ answerCounts }) => answerCounts);
const settingsNames = namesOfAll(({ settings }) => settings);
const laterNames = namesOfAll(({ later }) => later);
const thinkingNames = namesOfAll(({ thinking }) => thinking);
const thinkingGroups = namesOfAll(({ thinkingGroups: groups }) => groups);
const fallbackNames = namesOfAll(({ fallbacks }) => fallbacks);
/** Levels below the request at which they are. */
const deepest = 2;
/** Letters of the longest of these names in any writing. */
const longestName = 33;

/** The limits of the answer in a request; each is undefined without one. */
export interface WantedAnswer {
  /** The most tokens of one answer. */
  tokens: number | undefined;
  /** The number of answers. */
  answers: number | undefined;
  /** Whether it has any setting of thinking. */
  thinks: boolean;
  /** Tokens of thinking: where a model takes a budget, a translation may put it on top of the answer. */
  thinking: number | undefined;
  /** Whether the answer is made later, where it is not counted here. */
  later: boolean;
}

/**
 * Adds what each given member of a JSON body allows as the largest answer. Only members count that a provider reads: those of the request itself and
 * of its settings, however their names are escaped or written. Of several the largest counts, since which one a provider takes is
 * its choice, and a budget must hold in either case.
 */
export function wantedAnswer(buffer: Buffer, wanted: WantedAnswer): MemberVisitor {
  const visit =
    (inThinking: boolean, levels: number): MemberVisitor =>
    (keyStart, keyEnd, start, end) => {
      const key = folded(keyOf(buffer, keyStart, keyEnd, longestName) ?? '');
      wanted.thinks ||= thinkingNames.has(key) || thinkingGroups.has(key);
      if (thinkingNames.has(key) || (inThinking && isLimitName(key)))
        wanted.thinking = largest(wanted.thinking, thinkingAt(buffer, start, end));
      else if (isLimitName(key))
        wanted.tokens = largest(wanted.tokens, amountAt(buffer, start, end, usualAnswer));
      else if (countNames.has(key)) wanted.answers = largest(wanted.answers, amountAt(buffer, start, end, 1));
      else if (levels === deepest && laterNames.has(key))
        wanted.later ||= !isNothing.has(shortText(buffer, start, end) ?? '');
      else if (levels > 0 && (settingsNames.has(key) || thinkingGroups.has(key)))
        eachMember(buffer, start, visit(thinkingGroups.has(key), levels - 1));
      else if (levels === deepest && fallbackNames.has(key))
        // Each model that may answer instead may have a limit of its own.
        eachElement(buffer, start, (at) => eachMember(buffer, at, visit(false, 0)));
    };
  return visit(false, deepest);
}

/** Any other value may be true to some service. */
const isNothing: ReadonlySet<string> = new Set(['false', 'null']);

function largest(known: number | undefined, found: number | undefined): number | undefined {
  return found === undefined || (known ?? 0) > found ? known : found;
}

/**
 * A number, or one in a string, as Google's servers read it too, and Python's with a sign and underscores. Undefined where
 * nothing is set (null); `usual` for any other value: some services read a negative number as no limit.
 */
function amountAt(buffer: Buffer, start: number, end: number, usual: number): number | undefined {
  // A number may be written in as many digits, or spaces around it, as one likes, so long ones are not parsed.
  if (end - start > longestNumber && isNumberLike(buffer[start])) return mostWanted;
  const text = shortText(buffer, start, end);
  if (text === 'null') return undefined;
  const value = Number(text?.trim().replace(/^\+/, '').replaceAll('_', '') || Number.NaN);
  return value >= 0 ? Math.min(value, mostWanted) : usual;
}

/** The same for thinking, which may be set by a word; any other value counts as nothing. */
function thinkingAt(buffer: Buffer, start: number, end: number): number | undefined {
  const word = shortText(buffer, start, end)?.toLowerCase();
  if (isEffort(word)) return effortBudgets[word];
  const value = Number(word || Number.NaN);
  return value >= 0 ? Math.min(value, mostWanted) : undefined;
}

/** More than any answer has, and a number all the same: with an endless one nothing could be reckoned any more. */
const mostWanted = 1e12;

/** Bytes of the longest number, or word, that is read. */
const longestNumber = 1024;

/** What begins a number, or a text that may be one. */
function isNumberLike(byte: number | undefined): boolean {
  return byte === quote || byte === 0x2d || (byte !== undefined && byte >= 0x30 && byte <= 0x39);
}

function shortText(buffer: Buffer, start: number, end: number): string | undefined {
  if (end - start > longestNumber) return undefined;
  return buffer[start] === quote ? stringValue(buffer, start, end) : buffer.toString('latin1', start, end);
}

/** Tokens of a text that was answered and not counted by its provider. */
export function outputTokens(bytes: number): number {
  return Math.ceil(bytes / bytesPerToken);
}
