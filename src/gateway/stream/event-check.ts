/**
 * Looks at events that go through untouched: is each of them JSON, as every event of every protocol is?
 *
 * Fast path: `npm run bench -- --only SSE`; the look at the last byte of each of 100 events costs 4 µs, parsing them 100 or more (performance.md).
 */
import { usualAnswerBounds } from '../../protocols/answer-bounds.ts';
import { isTooHeavy } from '../../protocols/answer-weight.ts';
import { closeBrace, closeBracket } from '../../protocols/ascii.ts';
import { parseJson } from '../../protocols/json.ts';
import { doneMark } from '../../protocols/sse.ts';
import {
  behindEmptyLines,
  behindEvent,
  dataOf,
  eventEnd,
  lastByteOfEvent,
} from '../../protocols/sse-bytes.ts';
import { latin1 } from '../latin1.ts';

export interface CheckedEvents {
  /** What may go to the client; the very same bytes where nothing is wrong. */
  good: Uint8Array;
  /** An event that began as JSON was not whole: its content is lost, and the stream with it. */
  broken: boolean;
}

/**
 * Checks whole events. Data that is not JSON at all is no event of any protocol: it is left out, and whether
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

/**
 * How many events there are, where each ends as JSON objects do, and the mark that ends a stream; undefined where one does not. A fraction of a
 * microsecond an event, where parsing takes one or more.
 */
export function eventsInBrackets(bytes: Uint8Array): number | undefined {
  let count = 0;
  for (let end = eventEnd(bytes, 0); end >= 0; end = eventEnd(bytes, behindEvent(bytes, end))) {
    const last = lastByteOfEvent(bytes, end);
    if (last !== closeBrace && last !== closeBracket) return undefined;
    count += 1;
  }
  return count;
}

function sorted(bytes: Uint8Array, mostValues: number): CheckedEvents {
  const kept: Uint8Array[] = [];
  /** Where what is kept begins that is not among the kept pieces yet. */
  let run = 0;
  let from = behindEmptyLines(bytes, 0);
  for (let end = eventEnd(bytes, from); end >= 0; end = eventEnd(bytes, from)) {
    const kind = kindOf(latin1(bytes, from, end), mostValues);
    if (kind === 'broken') return { good: Buffer.concat([...kept, bytes.subarray(run, from)]), broken: true };
    const behind = behindEvent(bytes, end);
    if (kind === 'words') {
      kept.push(bytes.subarray(run, from));
      run = behind;
    }
    from = behindEmptyLines(bytes, behind);
  }
  return { good: run > 0 ? Buffer.concat([...kept, bytes.subarray(run)]) : bytes, broken: false };
}

function kindOf(event: string, mostValues: number): KindOfData {
  const data = dataOf(event);
  return data === undefined ? 'silence' : kindOfData(data, mostValues);
}

/** Whether an event's data does not even begin as JSON, or as the mark that ends a stream. */
export function isWords(data: string): boolean {
  const text = data.trimStart();
  return text !== '' && !text.startsWith('{') && !text.startsWith('[');
}

export type KindOfData = 'silence' | 'json' | 'words' | 'broken';

/** The data of an event: JSON or the mark that ends a stream, JSON that is not whole or too much to be read, or something else. */
export function kindOfData(data: string, mostValues = usualAnswerBounds.values): KindOfData {
  const text = data.trim();
  if (text === '') return 'silence';
  if (text === doneMark) return 'json';
  if (isTooHeavy(mostValues, text)) return 'broken';
  if (parseJson(text) !== undefined) return 'json';
  return isWords(text) ? 'words' : 'broken';
}
