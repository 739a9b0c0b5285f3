/** The log as files: `main.log`, and what was in it before as `main-<time>.log`. */

import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../ground/clock.ts';
import type { Sink } from './log.ts';
import { keepWithin } from './log-retention.ts';

export interface LogFile extends Sink {
  readonly directory: string;
  /** Writes what is buffered. */
  flush(): void;
  close(): void;
}

export interface LogFileOptions {
  directory: string;
  /** Bytes after which a new file begins. */
  rotateAt?: number;
  /** Bytes that all log files of the directory come to at most. */
  mostBytes: number;
  now?: Clock['now'];
}

/** As large as the peer lets one become. */
const usualRotation = 10 * 1024 * 1024;
/** Lines wait at most this long before they are written, in ms. */
const flushInterval = 100;
const flushSize = 16_384;

/** Throws the file system's error where the file cannot be opened. Later failures (a full disk) lose lines, never a request. */
export function openLogFile(options: LogFileOptions): LogFile {
  const { directory, rotateAt = usualRotation, mostBytes, now = Date.now } = options;
  const name = 'main.log';
  const path = join(directory, name);
  let file = openSync(path, 'a', 0o600);
  let size = fstatSync(file).size;
  let pending = '';
  let timer: ReturnType<typeof setTimeout> | undefined;

  function rotate(): void {
    const time = new Date(now()).toISOString().replaceAll(':', '-');
    renameSync(path, join(directory, `main-${time}.log`));
    // Where no other can be opened, lines go on into the one that was moved away: a number that was closed may be another file's.
    const next = openSync(path, 'a', 0o600);
    closeSync(file);
    file = next;
    size = 0;
    keepWithin(directory, Math.max(0, mostBytes - rotateAt), name);
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (pending === '') return;
    const bytes = Buffer.from(pending);
    pending = '';
    try {
      if (size > 0 && size + bytes.length > rotateAt) rotate();
      writeSync(file, bytes);
      size += bytes.length;
    } catch {
      // There is no place left to report it.
    }
  }

  return {
    directory,
    write(text) {
      pending += text;
      if (pending.length >= flushSize) flush();
      else timer ??= setTimeout(flush, flushInterval);
    },
    flush,
    close() {
      flush();
      closeSync(file);
    },
  };
}
