/**
 * Takes what the write-ahead log of a database holds back into its file without the loop waiting for the disk: SQLite copies pages,
 * and what waits until they are on the disk goes on beside. The order is SQLite's own (sqlite.org/wal.html#checkpointing).
 */
import type { Database } from 'bun:sqlite';
import { closeSync, fstatSync, fsync, fsyncSync, openSync } from 'node:fs';
import { patience } from '../ground/database-file.ts';

export interface Checkpoints {
  /** Something was written. */
  wrote(): void;
  /** One checkpoint where it is time for one; nothing should be written until then. Undefined where it is not. */
  begin(): Promise<void> | undefined;
  /** Waits for the disk now, where a checkpoint is under way: before something is written all the same. */
  settle(): void;
  /** To be called when the database is closed. */
  close(): void;
}

/** Bytes that the log grows by between two checkpoints: 250 pages. */
const between = 1_030_000;

/** `database` is open, and has a write-ahead log. */
export function checkpoints(database: Database): Checkpoints {
  // Held as long as the database is open: closing any handle of a file ends SQLite's locks on it (sqlite.org/howtocorrupt.html §2.2).
  const handles = opened(database.filename);
  /** Bytes of the log after the last one: none, unless somebody was reading. */
  let before = 0;
  /** What was changed and may not be on the disk yet. */
  let unsure: number | undefined;
  /** The log is empty, on the disk too. */
  let isEmpty = false;
  let closed = false;

  async function run({ file, log }: Handles): Promise<void> {
    let truncated = false;
    try {
      await synced(log);
      database.run('PRAGMA synchronous = OFF');
      database.run('PRAGMA wal_checkpoint(PASSIVE)');
      unsure = file;
      await synced(file);
      // Other readers and writers are not waited for.
      database.run('PRAGMA busy_timeout = 0');
      truncated = database.query<{ busy: number }, []>('PRAGMA wal_checkpoint(TRUNCATE)').get()?.busy === 0;
      unsure = log;
      await synced(log);
    } catch {
      // What the disk refuses now it is asked for again with the next.
      truncated = false;
    }
    unsure = undefined;
    if (closed) return;
    before = truncated ? 0 : fstatSync(log).size;
    // The first commit into an empty log need not wait until its head is on the disk: there is nothing that it could be mixed up with.
    isEmpty = truncated;
    if (!isEmpty) database.run('PRAGMA synchronous = NORMAL');
    database.run(`PRAGMA busy_timeout = ${patience}`);
  }

  return {
    wrote() {
      if (!isEmpty) return;
      isEmpty = false;
      database.run('PRAGMA synchronous = NORMAL');
    },
    begin() {
      if (handles === undefined || fstatSync(handles.log).size - before < between) return undefined;
      return run(handles);
    },
    settle() {
      if (unsure === undefined) return;
      try {
        fsyncSync(unsure);
      } catch {
        // As above.
      }
      unsure = undefined;
    },
    close() {
      closed = true;
      if (handles === undefined) return;
      closeSync(handles.log);
      closeSync(handles.file);
    },
  };
}

interface Handles {
  file: number;
  log: number;
}

function opened(file: string): Handles | undefined {
  if (file === '' || file === ':memory:') return undefined;
  try {
    return { file: openSync(file, 'r'), log: openSync(`${file}-wal`, 'r') };
  } catch {
    // SQLite makes its checkpoints itself then.
    return undefined;
  }
}

function synced(handle: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fsync(handle, (error) => (error ? reject(error) : resolve()));
  });
}
