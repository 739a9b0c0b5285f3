/** Reads the log that is written to a file: its end, or what has come since a place in it. */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject, parseJson } from '../protocols/json.ts';
import { nextTurn } from '../usage/turns.ts';
import { type ShownLine, shownLine } from './log-lines.ts';

export interface ReadLog {
  lines: readonly ShownLine[];
  /** The place up to which was read. */
  cursor: string;
  /** The file of the cursor that was given is not the one that is written now: these are the last lines of that. */
  reset: boolean;
}

/** `limit`: the last so many lines. Rejects where there is no log. */
export type LogReader = (
  directory: string,
  asked: { cursor: string | undefined; limit: number },
) => Promise<ReadLog>;

/** Bytes that are read at once: what was before is left out. */
const mostBytes = 4 * 1024 * 1024;
/** Of a line, to read about as many as are wanted. */
const usualLine = 384;
/** Lines that are made ready in one turn of the event loop. */
const perTurn = 500;
/** Lines that are kept as they were shown: those who poll get what came since then beside them. */
const mostKept = 5000;
/** Bytes before a place by which it is known that the file is still the same up to there. */
const knownBy = 256;

interface PlacedLine extends ShownLine {
  /** Where it begins in the file. */
  from: number;
}

/** The end of the file as it was shown last. */
interface KeptEnd {
  file: number;
  /** Where the last line ends, and the bytes before that. */
  end: number;
  tail: Buffer;
  lines: readonly PlacedLine[];
  /** Whether there is nothing before them. */
  isAll: boolean;
}

export function logReader(): LogReader {
  let kept: KeptEnd | undefined;

  /** The last lines of the file, of which those that were shown before are not made again. */
  async function lastLines(file: FileHandle, limit: number): Promise<KeptEnd> {
    const { size, ino } = await file.stat();
    const begin = Math.max(0, size - mostBytes);
    const inWindow = ({ from }: PlacedLine): boolean => begin === 0 || from > begin;
    const before = await known(file, ino, begin, limit);
    if (before !== undefined) {
      const more = await bytesOf(file, before.end, size);
      // No gap between what is kept and what came since: the next may ask for more lines.
      const since = await shownLines(more, before.end, Math.max(limit, mostKept));
      const lines = [...before.lines, ...since].filter(inWindow);
      const end = since.length === 0 ? before.end : before.end + endOf(more);
      const tail = Buffer.concat([before.tail, more.subarray(0, end - before.end)]).subarray(-knownBy);
      return { file: ino, end, tail: Buffer.from(tail), lines, isAll: before.isAll && begin === 0 };
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
    const lines = await shownLines(bytes.subarray(first), from + first, limit);
    const tail = Buffer.from(bytes.subarray(Math.max(0, end - knownBy), end));
    return { file: ino, end: from + end, tail, lines, isAll: from === 0 && lines[0]?.from === 0 };
  }

  /** What is kept, where it is of this file and enough. */
  async function known(
    file: FileHandle,
    ino: number,
    begin: number,
    limit: number,
  ): Promise<KeptEnd | undefined> {
    const before = kept;
    if (before === undefined || before.file !== ino || before.end <= begin) return undefined;
    if (before.lines.length < limit && !before.isAll) return undefined;
    // It may have been emptied, and written again.
    const { end, tail } = before;
    return tail.equals(await bytesOf(file, end - tail.length, end)) ? before : undefined;
  }

  return async (directory, { cursor, limit }) => {
    const file = await open(join(directory, 'main.log'), 'r');
    try {
      const place = cursor === undefined ? undefined : placeIn(cursor);
      const { size, ino } = await file.stat();
      if (place !== undefined && place.file === ino && place.offset <= size) {
        const from = Math.max(place.offset, size - mostBytes);
        const bytes = await bytesOf(file, from, size);
        const first = from === place.offset ? 0 : bytes.indexOf(0x0a) + 1;
        const lines = await shownLines(bytes.subarray(first), from + first, limit);
        return { lines, cursor: cursorOf(ino, from + Math.max(first, endOf(bytes))), reset: false };
      }
      const found = await lastLines(file, limit);
      const { lines, isAll } = found;
      kept = { ...found, lines: lines.slice(-mostKept), isAll: isAll && lines.length <= mostKept };
      return {
        lines: lines.slice(-limit),
        cursor: cursorOf(found.file, found.end),
        reset: cursor !== undefined,
      };
    } finally {
      await file.close();
    }
  };
}

/** The last lines of these bytes, at most `limit`, which begin at a place of the file. The last one may still be written. */
async function shownLines(bytes: Buffer, at: number, limit: number): Promise<PlacedLine[]> {
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
    if (index > 0 && index % perTurn === 0) await nextTurn();
    const { text, at: time } = shownLine(bytes.toString('utf8', from, to));
    lines.push({ text, at: time, from: at + from });
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
