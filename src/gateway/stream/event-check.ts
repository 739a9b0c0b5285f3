/** Looks at events that go through untouched: is each of them JSON, as every event of every protocol is? */
import { usualAnswerBounds } from '../../protocols/answer-bounds.ts';
import { parseJson } from '../../protocols/json.ts';
import { answerWeights, isHeavierThan } from '../../protocols/json-weight.ts';
import { latin1 } from '../latin1.ts';

export interface CheckedEvents {
  /** What may go to the client; the very same bytes where nothing is wrong. */
  good: Uint8Array;
  /** An event that began as JSON was not whole: what it said is lost, and the stream with it. */
  broken: boolean;
}

/**
 * Checks whole events. Words that are no JSON at all are nothing that the protocol could say: they are left out, and whether
 * the answer is complete without them is for its end to show. JSON that is cut or garbled is a part of the answer that is lost.
 * `mostValues`: `bounds.answer-values`.
 */
export function checkEvents(bytes: Uint8Array, mostValues = usualAnswerBounds.values): CheckedEvents {
  return eventsInBrackets(bytes) === undefined ? sorted(bytes, mostValues) : { good: bytes, broken: false };
}

/** What an event without its blank line is worth, when the stream has ended behind it. */
export function isWholeEvent(event: Uint8Array | string, mostValues = usualAnswerBounds.values): boolean {
  return kindOf((typeof event === 'string' ? event : latin1(event)).trim(), mostValues) === 'json';
}

const closeBrace = 125;
const closeBracket = 93;
const carriageReturn = 13;
const lineFeed = 10;

/**
 * How many events there are, where each ends as JSON objects do, and `[DONE]`; undefined where one does not. A fraction of a
 * microsecond an event, where parsing takes one or more.
 */
export function eventsInBrackets(bytes: Uint8Array): number | undefined {
  let count = 0;
  // By bytes, and without a look at their buffer, which the runtime would have to make first.
  for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) {
    const blank = bytes[at + 1] === carriageReturn ? at + 2 : at + 1;
    if (bytes[blank] !== lineFeed) continue;
    const last = bytes[at - 1] === carriageReturn ? bytes[at - 2] : bytes[at - 1];
    if (last !== closeBrace && last !== closeBracket) return undefined;
    count += 1;
    at = blank;
  }
  return count;
}

/** The blank line that ends events, with the line end before it. */
function gapOf(text: string): string {
  return text.charCodeAt(text.length - 2) === carriageReturn ? '\r\n\r\n' : '\n\n';
}

function sorted(bytes: Uint8Array, mostValues: number): CheckedEvents {
  const text = latin1(bytes);
  const gap = gapOf(text);
  const kept: Uint8Array[] = [];
  /** Where what is kept begins that is not among the kept pieces yet. */
  let run = 0;
  let from = behindLineEnds(text, 0);
  for (let at = text.indexOf(gap, from); at >= 0; at = text.indexOf(gap, from)) {
    const kind = kindOf(text.slice(from, at), mostValues);
    if (kind === 'broken') return { good: Buffer.concat([...kept, bytes.subarray(run, from)]), broken: true };
    const behind = at + gap.length;
    if (kind === 'words') {
      kept.push(bytes.subarray(run, from));
      run = behind;
    }
    from = behindLineEnds(text, behind);
  }
  return { good: run > 0 ? Buffer.concat([...kept, bytes.subarray(run)]) : bytes, broken: false };
}

/** Empty lines are no events, and there may be millions of them. */
function behindLineEnds(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === lineFeed || text.charCodeAt(at) === carriageReturn) at += 1;
  return at;
}

function kindOf(event: string, mostValues: number): KindOfData {
  let data: string | undefined;
  // Comments and other fields are passed over by native search: there may be millions of them.
  for (let at = event.indexOf(field); at >= 0; at = event.indexOf(field, at)) {
    const from = at + field.length;
    if (at > 0 && event.charCodeAt(at - 1) !== lineFeed) {
      at = from;
      continue;
    }
    const end = event.indexOf('\n', from);
    at = end < 0 ? event.length : end;
    const line = event.slice(from, event.charCodeAt(at - 1) === carriageReturn ? at - 1 : at);
    data = data === undefined ? line : `${data}\n${line}`;
  }
  return data === undefined ? 'silence' : kindOfData(data, mostValues);
}

const field = 'data:';

/** Whether an event's data does not even begin as JSON, or as `[DONE]`. */
export function isWords(data: string): boolean {
  const text = data.trimStart();
  return text !== '' && !text.startsWith('{') && !text.startsWith('[');
}

export type KindOfData = 'silence' | 'json' | 'words' | 'broken';

/** The data of an event: JSON or the `[DONE]` of OpenAI, JSON that is not whole or too much to be read, or something else. */
export function kindOfData(data: string, mostValues = usualAnswerBounds.values): KindOfData {
  const text = data.trim();
  if (text === '') return 'silence';
  if (text === '[DONE]') return 'json';
  if (isHeavierThan(mostValues, text, answerWeights)) return 'broken';
  if (parseJson(text) !== undefined) return 'json';
  return isWords(text) ? 'words' : 'broken';
}
