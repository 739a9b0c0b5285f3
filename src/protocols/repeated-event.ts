/**
 * A streamed answer repeats almost the same event: only its text differs, and what providers put beside it
 * (the event's number, padding). What is the same is compared instead of parsed, for `JSON.parse` of every event is most
 * of what a translated stream costs.
 *
 * Fast path: `npm run bench -- --only streams`; the 92 deltas of an answer cost 14 of its 185 µs (performance.md, "SSE, translated").
 */

import { backslash, closeBrace, quote } from './ascii.ts';
import { parseJson } from './json.ts';
import { endsEvent } from './sse.ts';

/** The learned event once more, with another text. */
interface Repetition {
  text: string;
  /** Where its data ends. */
  end: number;
}

interface RepeatedEvent {
  /**
   * The text in `data` when nothing else that matters differs from the learned event; undefined for any other data, which
   * must be parsed.
   */
  textIn(data: string): string | undefined;
  /** The same for data that begins at `at` in a stream, and of which the blank line that ends its event has come too. */
  inStream(stream: string, at: number): Repetition | undefined;
  /**
   * Remembers `data` as an event whose value of the only key `key` is `text`, and whose other fields have no news.
   * What was learned before is forgotten, also where nothing can be learned of this one.
   */
  learn(data: string, key: string, text: string): void;
  forget(): void;
}

/** Events that differ in more than their text are given up on after this many. */
const patience = 4;

/** Characters of an event that is worth learning: a longer one does not come again and again, and to look through it takes as long as to read it. */
const longestLearned = 16 * 1024;

/** The value of a gap between equal parts. */
type Gap = 'text' | 'string' | 'number';

/** A stretch of the event that is always the same, and the gap behind it. */
interface Stretch {
  fixed: string;
  gap: Gap;
}

/** Where a gap is. */
interface Span {
  start: number;
  end: number;
  gap: Gap;
}

/** `passing` are the keys of whole numbers and of strings that may differ: their values do not matter to the caller. */
export function repeatedEvent(passing: readonly string[] = []): RepeatedEvent {
  let stretches: readonly Stretch[] = [];
  /** The text after the last gap, without the brace that ends the event. */
  let last = '';
  let misses = 0;

  function repetition(data: string, from: number): Repetition | undefined {
    let text: string | undefined;
    let at = from;
    for (const { fixed, gap } of stretches) {
      if (!data.startsWith(fixed, at)) return undefined;
      const start = at + fixed.length;
      at = gap === 'number' ? numberEnd(data, start) : plainEnd(data, start);
      if (gap === 'text' && data.charCodeAt(at) === quote) text = data.slice(start, at);
      else if (gap === 'text') {
        at = stringEnd(data, at);
        text = stringIn(data, start, at);
      }
      if (at < 0) return undefined;
    }
    if (text === undefined || !data.startsWith(last, at)) return undefined;
    // Anthropic hides how long a text is behind a random number of spaces before the last brace.
    const end = behindSpace(data, at + last.length);
    return data.charCodeAt(end) === closeBrace ? { text, end: end + 1 } : undefined;
  }

  return {
    textIn(data) {
      const found = repetition(data, 0);
      if (found?.end !== data.length) return undefined;
      misses = 0;
      return found.text;
    },
    inStream(stream, at) {
      const found = repetition(stream, at);
      if (found === undefined || !endsEvent(stream, found.end)) return undefined;
      misses = 0;
      return found;
    },
    learn(data, key, text) {
      stretches = [];
      if (misses > patience || data.length > longestLearned) return;
      misses += 1;
      const known = textSpan(data, key, text);
      const end = braceOf(data);
      if (known === undefined || end < 0) return;
      const spans = [known, ...passing.flatMap((name) => passingSpans(data, name))];
      spans.sort((a, b) => a.start - b.start);
      let from = 0;
      stretches = spans.map((span) => {
        const fixed = data.slice(from, span.start);
        from = span.end;
        return { fixed, gap: span.gap };
      });
      last = data.slice(from, end);
    },
    forget() {
      stretches = [];
    },
  };
}

const space = 32;
const zero = 48;

function textSpan(data: string, key: string, text: string): Span | undefined {
  const strings = valuesOf(data, key).filter((value) => data.charCodeAt(value) === quote);
  const start = (strings[0] ?? 0) + 1;
  const end = stringEnd(data, start);
  if (strings.length !== 1 || stringIn(data, start, end) !== text) return undefined;
  return { start, end, gap: 'text' };
}

function passingSpans(data: string, key: string): Span[] {
  return valuesOf(data, key).flatMap((value): Span[] => {
    if (data.charCodeAt(value) === quote)
      return [{ start: value + 1, end: plainEnd(data, value + 1), gap: 'string' }];
    const end = numberEnd(data, value);
    return end > 0 ? [{ start: value, end, gap: 'number' }] : [];
  });
}

/** Where the last brace and the spaces before it begin; -1 where there is none. */
function braceOf(data: string): number {
  let at = data.length - 1;
  if (data.charCodeAt(at) !== closeBrace) return -1;
  while (data.charCodeAt(at - 1) === space) at -= 1;
  return at;
}

/** Where the values of a key begin. A quote inside of a JSON string is escaped, so a key that is found is a key. */
function valuesOf(data: string, key: string): number[] {
  const name = `"${key}"`;
  const values: number[] = [];
  for (let at = data.indexOf(name); at >= 0; at = data.indexOf(name, at + 1)) {
    const colon = behindSpace(data, at + name.length);
    if (data[colon] === ':' && data.charCodeAt(at - 1) !== backslash)
      values.push(behindSpace(data, colon + 1));
  }
  return values;
}

function behindSpace(data: string, from: number): number {
  let at = from;
  while (data.charCodeAt(at) === space) at += 1;
  return at;
}

/** Where the digits of a whole number end; -1 where there is none that JSON allows. */
function numberEnd(data: string, from: number): number {
  let at = from;
  while (isDigit(data.charCodeAt(at))) at += 1;
  return at === from || (at > from + 1 && data.charCodeAt(from) === zero) ? -1 : at;
}

function isDigit(unit: number): boolean {
  return unit >= zero && unit < zero + 10;
}

/** Up to where a JSON string can be read without unescaping: its end, or its first escape. Control characters end it too. */
function plainEnd(data: string, from: number): number {
  let at = from;
  while (isPlain(data.charCodeAt(at))) at += 1;
  return at;
}

function isPlain(unit: number): boolean {
  return unit >= space && unit !== quote && unit !== backslash;
}

/** The offset of the quote that ends a JSON string, from within it; -1 where there is none. */
function stringEnd(data: string, from: number): number {
  let at = plainEnd(data, from);
  while (data.charCodeAt(at) === backslash) at = plainEnd(data, at + 2);
  return data.charCodeAt(at) === quote ? at : -1;
}

/** The JSON string between two quotes, unescaped; undefined where it is none, or has no end. */
function stringIn(data: string, start: number, end: number): string | undefined {
  if (end < 0) return undefined;
  const inner = data.slice(start, end);
  if (!inner.includes('\\')) return inner;
  const text = parseJson(`"${inner}"`);
  return typeof text === 'string' ? text : undefined;
}
