/**
 * Token counts and the terminal event, read from the bytes of an answer that goes through untouched.
 *
 * Fast path: `npm run bench -- --only SSE`; the look at a stream's end costs 5 to 10 µs, reading its 100 events ten times that (performance.md).
 */
import { isObject, type JsonObject, parseJson } from '../../protocols/json.ts';
import { textValueEnd } from '../../protocols/json-text-span.ts';
import type { Protocol } from '../../protocols/model.ts';
import { codecs } from '../../protocols/registry.ts';
import type { EndKind } from '../../protocols/stream-form.ts';
import { asTier, type TokenCounts, type UsageReader } from '../../protocols/token-counts.ts';
import { latin1 } from '../latin1.ts';

/**
 * The last part of what went by, kept by reference and without copying, and the first chunk.
 * Bounded: chunks that are no longer among the last `kept` bytes are let go.
 */
export interface Tail {
  push(chunk: Uint8Array): void;
  /** The first `bytes` of the first chunk. */
  head(bytes: number): string;
  /** What is kept, in the pieces in which it came, their length together, and how many bytes went before them. */
  kept(): { chunks: readonly Uint8Array[]; size: number; gone: number };
  /** The last `bytes` of what is kept; what is looked for in it is ASCII, so other characters may come out wrong. */
  last(bytes: number): string;
  /** Whether one of the words occurs in the last `bytes` of the tail. Cheaper than decoding them to a text. */
  holds(bytes: number, words: readonly Buffer[]): boolean;
}

/** Token counts and terminal events are nearly always within this many bytes of the beginning and the end. */
const near = 1024;

/** The beginning of a stream reports its input within this many bytes. */
const headWithin = 4096;

/** Token counts are within this many bytes of the end, whatever follows them. */
export const countsWithin = 8192;

/** Bytes that are kept: terminal events with usage are far smaller, Responses' last event excepted (see below). */
const kept = 65_536;

export function createTail(): Tail {
  let chunks: Uint8Array[] = [];
  let size = 0;
  let first: Uint8Array | undefined;
  let goneBytes = 0;
  const ending = (bytes: number): Uint8Array => {
    const final = chunks[chunks.length - 1];
    if (final !== undefined && final.byteLength >= bytes) return final.subarray(final.byteLength - bytes);
    let from = chunks.length;
    let found = 0;
    while (from > 0 && found < bytes) {
      from -= 1;
      found += chunks[from]?.byteLength ?? 0;
    }
    const joined = Buffer.concat(chunks.slice(from));
    return found > bytes ? joined.subarray(found - bytes) : joined;
  };
  return {
    push(chunk) {
      first ??= chunk;
      chunks.push(chunk);
      size += chunk.byteLength;
      // Dropped in bulk: shifting one by one would move the whole list each time.
      if (size > 2 * kept) {
        let from = chunks.length - 1;
        let rest = chunks[from]?.byteLength ?? 0;
        while (from > 0 && rest < kept) {
          from -= 1;
          rest += chunks[from]?.byteLength ?? 0;
        }
        goneBytes += size - rest;
        chunks = chunks.slice(from);
        size = rest;
      }
    },
    kept: () => ({ chunks, size, gone: goneBytes }),
    head: (bytes) => (first === undefined ? '' : latin1(first, 0, bytes)),
    last: (bytes) => latin1(ending(bytes), 0),
    holds(bytes, words) {
      const end = ending(bytes);
      return words.some((word) => Buffer.prototype.includes.call(end, word));
    },
  };
}

/** How a stream ended, and its token counts. The last `without` bytes do not count: an event that is not whole. */
export function streamEnd(
  protocol: Protocol,
  tail: Tail,
  without = 0,
): { kind: EndKind; text: string; counts: TokenCounts } {
  const last = (bytes: number): string => {
    const text = tail.last(bytes + without);
    return without === 0 ? text : text.slice(0, -without);
  };
  const { streamForm, usage: reader } = codecs[protocol];
  let text = last(near);
  let kind = streamForm.endKind(text);
  if (kind === 'open') {
    text = last(kept);
    kind = streamForm.endKind(text);
  }
  const counts = tokenCounts(reader, tail.head(headWithin), text);
  // Terminal events may be longer than that, and so may what comes behind the counts.
  const further =
    counts === undefined &&
    text.length < countsWithin &&
    tail.holds(countsWithin + without, wordsOf(reader)) &&
    last(countsWithin);
  const all = further ? tokenCounts(reader, tail.head(headWithin), further) : counts;
  return { kind, text, counts: all ?? tierAlone(protocol, tail, text) };
}

/**
 * The service tier of a stream without counts, for the price of its estimate. Providers put it into their first events, and into the last one or all
 * of them: only those are searched.
 */
export function tierAlone(protocol: Protocol, tail: Tail, end = tail.last(near)): TokenCounts {
  const member = codecs[protocol].usage.tierMember;
  if (member === undefined) return {};
  const serviceTier = tierIn(end, member) ?? tierIn(tail.head(headWithin), member);
  return serviceTier === undefined ? {} : { serviceTier };
}

/** What an answer that has failed had counted by then, in the bytes of it that came; undefined where that is nothing. */
export function countsOfFailed(protocol: Protocol, seen: Tail | Uint8Array): TokenCounts | undefined {
  let tail = seen;
  if (tail instanceof Uint8Array) {
    tail = createTail();
    tail.push(seen instanceof Uint8Array ? seen : new Uint8Array());
  }
  const { counts } = streamEnd(protocol, tail);
  return Object.keys(counts).some((name) => name !== 'serviceTier') ? counts : undefined;
}

const usageWords = new Map<UsageReader, readonly Buffer[]>();

/** The names of the reader's usage objects, as bytes. */
function wordsOf(reader: UsageReader): readonly Buffer[] {
  const known = usageWords.get(reader);
  if (known !== undefined) return known;
  const words = reader.members.map((name) => Buffer.from(`"${name}"`));
  usageWords.set(reader, words);
  return words;
}

/**
 * The token counts in the text of a stream or of an answer, of which `head` is the beginning and `tail` the end; undefined where it
 * has none.
 */
export function tokenCounts(reader: UsageReader, head: string, tail: string): TokenCounts | undefined {
  const late = lastUsage(reader, tail);
  const counts = reader.beginsBefore === undefined ? late : withBeginning(late, reader, head);
  const read = counts && reader.read(counts);
  if (read === undefined || reader.tierMember === undefined) return read;
  const serviceTier = tierIn(tail, reader.tierMember) ?? tierIn(head, reader.tierMember);
  return serviceTier === undefined ? read : { ...read, serviceTier };
}

/** The usage object of a stream that reports it in two parts: members that the end lacks, or has as null, come from the beginning. */
function withBeginning(
  late: JsonObject | undefined,
  reader: UsageReader,
  head: string,
): JsonObject | undefined {
  // A short answer has come whole in its first chunk, the counts of its end included.
  const end = head.indexOf(reader.beginsBefore ?? '');
  const beginning = end < 0 ? head : head.slice(0, end);
  // A beginning that counts nothing may name the tier all the same.
  const early = lastUsage(reader, beginning) ?? lastUsage(reader, beginning, 'any');
  if (early === undefined || late === undefined) return late ?? early;
  const both = { ...early };
  for (const name in late) if (late[name] !== null) both[name] = late[name];
  return both;
}

/** The tier that the last `member` names; undefined when there is none, or when it is null. */
function tierIn(text: string, member: string): string | undefined {
  const at = text.lastIndexOf(`"${member}"`);
  if (at < 0) return undefined;
  return asTier(/^\s*:\s*"([\w-]+)"/.exec(text.slice(at + member.length + 2, at + member.length + 60))?.[1]);
}

/** The last usage object in the text, by default that counts something; undefined when it is cut off or absent. */
function lastUsage(
  reader: UsageReader,
  text: string,
  which: 'counting' | 'any' = 'counting',
): JsonObject | undefined {
  for (const member of reader.members) {
    const name = `"${member}"`;
    let read = 0;
    let at = text.lastIndexOf(name);
    for (; at >= 0 && read < mostRead; at = at === 0 ? -1 : text.lastIndexOf(name, at - 1)) {
      const open = /^\s*:\s*(?=\{)/.exec(text.slice(at + name.length, at + name.length + 20));
      if (open === null) continue;
      read += 1;
      const usage = objectAt(text, at + name.length + open[0].length);
      if (usage !== undefined && (which === 'any' || reader.read(usage) !== undefined)) return usage;
    }
  }
  return undefined;
}

/** Objects of that name that are read: hostile ones may nest as deep as the text is long. */
const mostRead = 8;

/** The JSON object that begins there; undefined when it is cut off. */
function objectAt(text: string, start: number): JsonObject | undefined {
  const end = textValueEnd(text, start);
  const value = end < 0 ? undefined : parseJson(text.slice(start, end));
  return isObject(value) ? value : undefined;
}
