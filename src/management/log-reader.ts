/** Reads the log that is written to a file: its end, or what has come since a place in it. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject, parseJson } from '../protocols/json.ts';
import { nextTurn } from '../usage/turns.ts';
import { type ShownLine, shownLine } from './log-lines.ts';

export interface ReadLog {
  lines: ShownLine[];
  /** The place up to which was read. */
  cursor: string;
  /** The file of the cursor that was given is not the one that is written now: these are the last lines of that. */
  reset: boolean;
}

/** Bytes that are read at once: what was before is left out. */
const mostBytes = 4 * 1024 * 1024;
/** Lines that are made ready in one turn of the event loop. */
const perTurn = 500;

/** `limit`: the last so many lines. */
export async function readLog(
  directory: string,
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<ReadLog> {
  const file = await open(join(directory, 'main.log'), 'r');
  try {
    const { size, ino } = await file.stat();
    const place = cursor === undefined ? undefined : placeIn(cursor);
    const goesOn = place !== undefined && place.file === ino && place.offset <= size;
    const from = goesOn ? Math.max(place.offset, size - mostBytes) : Math.max(0, size - mostBytes);
    const buffer = Buffer.alloc(size - from);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
    const bytes = buffer.subarray(0, bytesRead);
    // The last line may still be written.
    const end = bytes.lastIndexOf(0x0a) + 1;
    // Where the read begins within a line, that is left out.
    const begin = from === 0 || (goesOn && from === place.offset) ? 0 : bytes.indexOf(0x0a) + 1;
    const texts = bytes.toString('utf8', begin, Math.max(begin, end)).split('\n').slice(0, -1).slice(-limit);
    const lines: ShownLine[] = [];
    for (let start = 0; start < texts.length; start += perTurn) {
      if (start > 0) await nextTurn();
      for (const text of texts.slice(start, start + perTurn)) lines.push(shownLine(text));
    }
    return {
      lines,
      cursor: Buffer.from(JSON.stringify({ file: ino, offset: from + end })).toString('base64url'),
      reset: cursor !== undefined && !goesOn,
    };
  } finally {
    await file.close();
  }
}

function placeIn(cursor: string): { file: number; offset: number } | undefined {
  const read = parseJson(Buffer.from(cursor, 'base64url').toString());
  if (!isObject(read)) return undefined;
  const { file, offset } = read;
  return typeof file === 'number' && typeof offset === 'number' && offset >= 0 ? { file, offset } : undefined;
}
