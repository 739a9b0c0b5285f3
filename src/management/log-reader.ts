/**
 * Reads the log that is written to a file: its end, or what has come since a place in it. All who ask get their lines from one
 * end that is kept in memory and goes on with the file; how many lines are made ready a second has a bound, however many are
 * written: while more come, those who ask every second get what there was a few seconds ago.
 */

import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from '../ground/clock.ts';
import { yieldToEventLoop } from '../ground/steps.ts';
import { isObject, parseJson } from '../protocols/json.ts';
import { shownLine } from './log-lines.ts';

export interface ReadLog {
  lines: readonly ReadyLine[];
  /** The place up to which was read. */
  cursor: string;
  /** The file of the cursor that was given is not the one that is written now: these are the last lines of that. */
  reset: boolean;
}

/** A line as it is shown. */
export interface ReadyLine {
  /** Its text as JSON. */
  json: string;
  /** Seconds since the epoch; undefined where the line has no time. */
  at: number | undefined;
}

/** `limit`: the last so many lines. Rejects where there is no log. */
export type LogReader = (
  directory: string,
  asked: { cursor: string | undefined; limit: number },
) => Promise<ReadLog>;

export interface LogReaderOptions {
  /** Ms, of a clock that only goes on. */
  now?: Clock['monotonic'];
  /** So many lines were made ready. */
  onRead?: (lines: number) => void;
}

/** Bytes that are read at once: what was before is left out. */
const mostBytes = 4 * 1024 * 1024;
/** Of a line, to read about as many as are wanted. */
const usualLine = 384;
/** Lines that are made ready in one turn of the event loop. */
const perSlice = 250;
/** Lines that are kept as shown, where no client has asked for more: clients that poll get new lines beside them. */
const usuallyKept = 5000;
/** Bytes before a place by which it is known that the file is still the same up to there. */
const knownBy = 256;
/** Lines that are made ready a second, less than a hundredth of a core, and how many at once after a while in which fewer came. */
const readyPerSecond = 500;
const readyAtOnce = 10_000;

interface PlacedLine extends ReadyLine {
  /** Where it begins in the file. */
  from: number;
}

/** The end of the file as it was shown last. */
interface KeptEnd {
  file: number;
  /** Of the file, when it was looked at last. */
  size: number;
  /** Where the last line ends, and the bytes before that. */
  end: number;
  tail: Buffer;
  lines: readonly PlacedLine[];
  /** Whether these are all lines of the last {@link mostBytes}. */
  isAll: boolean;
}

export function logReader({ now = systemClock.monotonic, onRead }: LogReaderOptions = {}): LogReader {
  let kept: KeptEnd | undefined;
  /** The most that anybody has asked for. */
  let wanted = usuallyKept;
  /** Lines that may be made ready; below nothing after a read that could not wait. */
  let allowance = readyAtOnce;
  let since = now();
  /** Who has asked last: one reads at a time, and those who come meanwhile get the same. */
  let turn: Promise<unknown> = Promise.resolve();

  function mayRead(): boolean {
    const time = now();
    allowance = Math.min(readyAtOnce, allowance + ((time - since) / 1000) * readyPerSecond);
    since = time;
    return allowance > 0;
  }

  async function madeReady(bytes: Buffer, at: number, limit: number): Promise<PlacedLine[]> {
    const lines = await readyLines(bytes, at, limit);
    allowance -= lines.length;
    onRead?.(lines.length);
    return lines;
  }

  /** The last lines of the file, of which those that were shown before are not made again. */
  async function lastLines(file: FileHandle, limit: number): Promise<KeptEnd> {
    const { size, ino } = await file.stat();
    const begin = Math.max(0, size - mostBytes);
    const before = await known(file, ino, size);
    const isEnough = before !== undefined && (before.isAll || before.lines.length >= limit);
    if (isEnough && (size === before.end || !mayRead())) return { ...before, size };
    if (isEnough && before.end > begin) {
      const more = await bytesOf(file, before.end, size);
      // No gap between what is kept and what came since: the next may ask for more lines.
      const fresh = await madeReady(more, before.end, wanted);
      const lines = [...before.lines, ...fresh].filter(({ from }) => begin === 0 || from > begin);
      const end = fresh.length === 0 ? before.end : before.end + endOf(more);
      const tail = Buffer.concat([before.tail, more.subarray(0, end - before.end)]).subarray(-knownBy);
      return { file: ino, size, end, tail: Buffer.from(tail), lines, isAll: before.isAll };
    }
    let from = Math.max(begin, size - limit * usualLine);
    let bytes = await bytesOf(file, from, size);
    while (from > begin && linesIn(bytes, limit + 2) < limit + 2) {
      from = Math.max(begin, size - 4 * (size - from));
      bytes = await bytesOf(file, from, size);
    }
    // Where the read begins within a line, that is left out.
    const first = from === 0 ? 0 : bytes.indexOf(0x0a) + 1;
    const end = Math.max(first, endOf(bytes));
    const lines = await madeReady(bytes.subarray(first), from + first, limit);
    const tail = Buffer.from(bytes.subarray(Math.max(0, end - knownBy), end));
    const isAll = from === begin && lines[0]?.from === from + first;
    return { file: ino, size, end: from + end, tail, lines, isAll };
  }

  /** What is kept, where it is of this file. */
  async function known(file: FileHandle, ino: number, size: number): Promise<KeptEnd | undefined> {
    const before = kept;
    if (before === undefined || before.file !== ino || before.end > size) return undefined;
    // It may have been emptied, and written again.
    const { end, tail } = before;
    return tail.equals(await bytesOf(file, end - tail.length, end)) ? before : undefined;
  }

  async function read(directory: string, limit: number): Promise<KeptEnd> {
    const file = await open(join(directory, 'main.log'), 'r');
    try {
      wanted = Math.max(wanted, limit);
      const found = await lastLines(file, limit);
      const { lines } = found;
      if (lines.length <= wanted) kept = found;
      else kept = { ...found, lines: lines.slice(-wanted), isAll: false };
      return kept;
    } finally {
      await file.close();
    }
  }

  return async (directory, { cursor, limit }) => {
    const reading = turn.then(() => read(directory, limit));
    turn = reading.catch(() => {});
    const { file, size, end, lines } = await reading;
    const place = cursor === undefined ? undefined : placeIn(cursor);
    if (place?.file !== file || place.offset > size)
      return { lines: latest(lines, limit), cursor: cursorOf(file, end), reset: cursor !== undefined };
    const news = lines.filter(({ from }) => from >= place.offset);
    return { lines: news.slice(-limit), cursor: cursorOf(file, Math.max(end, place.offset)), reset: false };
  };
}

/** The same list if it has no more: a caller sees that its answer is unchanged. */
function latest(lines: readonly PlacedLine[], limit: number): readonly PlacedLine[] {
  return lines.length <= limit ? lines : lines.slice(-limit);
}

/** The last lines of these bytes, at most `limit`, which begin at a place of the file. The last one may still be written. */
async function readyLines(bytes: Buffer, at: number, limit: number): Promise<PlacedLine[]> {
  let end = endOf(bytes);
  const places: [from: number, end: number][] = [];
  while (end > 0 && places.length < limit) {
    const from = end === 1 ? 0 : bytes.lastIndexOf(0x0a, end - 2) + 1;
    places.push([from, end - 1]);
    end = from;
  }
  places.reverse();
  const lines: PlacedLine[] = [];
  for (const [index, [from, to]] of places.entries()) {
    if (index > 0 && index % perSlice === 0) await yieldToEventLoop();
    const { text, at: time } = shownLine(bytes.toString('utf8', from, to));
    lines.push({ json: JSON.stringify(text), at: time, from: at + from });
  }
  return lines;
}

/** Where the last line that is whole ends. */
function endOf(bytes: Buffer): number {
  return bytes.lastIndexOf(0x0a) + 1;
}

/** How many ends of lines there are, as far as `most`. */
function linesIn(bytes: Buffer, most: number): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0 && count < most; at = bytes.indexOf(0x0a, at + 1)) count += 1;
  return count;
}

async function bytesOf(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.max(0, to - from));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
  return buffer.subarray(0, bytesRead);
}

function cursorOf(file: number, offset: number): string {
  return Buffer.from(JSON.stringify({ file, offset })).toString('base64url');
}

function placeIn(cursor: string): { file: number; offset: number } | undefined {
  const read = parseJson(Buffer.from(cursor, 'base64url').toString());
  if (!isObject(read)) return undefined;
  const { file, offset } = read;
  return typeof file === 'number' && typeof offset === 'number' && offset >= 0 ? { file, offset } : undefined;
}
