/**
 * Keeps finished requests: one writer, in batches, with the sums by hour and day in the same transaction. A request only puts
 * its record into a list; what is written, and when, is no part of its way.
 */
import type { Database } from 'bun:sqlite';
import type { Clock } from '../ground/clock.ts';
import { closeDatabase, isUseless } from '../ground/database-file.ts';
import { errorCode } from '../ground/error-code.ts';
import { sumsChanged } from './changed-sums.ts';
import { checkpoints } from './checkpoint.ts';
import { attemptColumns, perMillisecond, placeOf, readRequestId, requestColumns } from './columns.ts';
import { type Digests, digested } from './digest.ts';
import type { LocalDays } from './local-day.ts';
import { nameWriter } from './names.ts';
import { packedRows } from './packed-rows.ts';
import type { UsageRecord, UsageSink } from './record.ts';
import { batchSums, rollUpWriter } from './roll-up.ts';
import { isComplete, writtenAttempt, writtenRequest } from './rows.ts';
import { recordOfRow } from './stored-records.ts';

/** A record that waits. `digests`: what makes those of its key and its conversation, where it has them already. */
export interface WaitingRecord {
  readonly record: UsageRecord;
  readonly digests: Digests;
}

export interface UsageStore extends UsageSink {
  readonly database: Database;
  /** Writes what waits, yielding to others; resolves when all that was there at the call is written or cannot be. */
  flush(): Promise<void>;
  /** `theirs`: as in {@link take}. */
  add(record: UsageRecord, theirs?: Digests): void;
  /** Writes what waits, now. */
  flushNow(): void;
  /**
   * Takes in requests of elsewhere, yielding to others, and gives how many were not there yet. `theirs`: what makes digests of the keys and
   * conversations in them, where they hold digests already. Throws what SQLite throws.
   */
  take(records: readonly UsageRecord[], theirs?: Digests): number;
  /** Gives what is kept of one client key to another, by their digests; where both have something, each keeps its own. */
  rename(keys: readonly { before: string; now: string }[]): void;
  /** Records that wait, and those that were lost because they could not be written for long. */
  counts(): { waiting: number; lost: number };
  /** Writes what waits, and gives what cannot be written: all of it where the file is `gone` from its place. */
  close(gone?: boolean): readonly WaitingRecord[];
}

export interface UsageStoreOptions {
  database: Database;
  digests: Digests;
  days: LocalDays;
  clock: Clock;
  /** Something cannot be written, for this reason. It is tried again; `useless`: the file itself is broken. */
  onProblem: (error: unknown, useless: boolean) => void;
  /** The file does not take a record, for this reason: it is lost. */
  onRefused?: (error: unknown) => void;
  /** A batch was written, and took so many ms. */
  onWritten?: (ms: number) => void;
  /** It can be written again. */
  onRecovery?: () => void;
}

/** Milliseconds between a request's end and its place on disk: what a crash loses at most. */
const writeDelay = 1000;
/** Records of one transaction at most; so many that wait are written before the second is over. */
const batchSize = 500;
/** Milliseconds between two looks whether a checkpoint is over. */
const checkpointPause = 10;
/** Records that wait where nothing can be written: the oldest go first. A quarter of a kilobyte each, a whole one with several attempts. */
const mostWaiting = 20_000;

export function createUsageStore(options: UsageStoreOptions): UsageStore {
  const { database, digests, days, clock } = options;
  const names = nameWriter(database);
  const insertRequest = inserter(database, 'requests', requestColumns);
  const insertAttempt = inserter(database, 'attempts', attemptColumns);
  const addHours = rollUpWriter(database, 'hour');
  const addDays = rollUpWriter(database, 'day');
  /** Of requests that need no more than their row, and whose names are known: most. */
  const rows = packedRows(requestColumns.length);
  /** The one that is read. */
  const row: (number | null)[] = [];
  let records: WaitingRecord[] = [];
  let lost = 0;
  let timer: (() => void) | undefined;
  let hurried = false;
  let failing = false;
  const checkpoint = checkpoints(database);
  /** Until it is over nothing is written that can wait. */
  let checkpointing: Promise<void> | undefined;
  let closed = false;

  const found = database.query<{ id: number }, [number, number, number]>(
    'SELECT id FROM requests WHERE id >= ? AND id < ? AND rnd = ?',
  );

  function isKept(id: string): boolean {
    const said = readRequestId(id);
    if (said === undefined) return false;
    const from = placeOf(said.at);
    return found.get(from, from + perMillisecond, said.rnd) !== null;
  }

  const waiting = (): number => rows.length() + records.length;

  const write = database.transaction((batch: Batch) => {
    const sums = batchSums();
    for (let index = 0; index < batch.rows; index += 1) {
      rows.read(index, row);
      insertFree(row);
      sums.add(row);
    }
    for (const { record, digests } of batch.records) {
      const values = writtenRequest(record, names, digests);
      insertFree(values);
      sums.add(values);
      if (!isComplete(record))
        for (const [n, attempt] of record.attempts.entries())
          insertAttempt(writtenAttempt(attempt, values[0] ?? 0, n, names));
    }
    const hours = sums.hours();
    const ofDays = sums.days(days.dayOf);
    addHours(hours);
    addDays(ofDays);
    sumsChanged(database, { hour: earliest(hours), day: earliest(ofDays) });
  });

  /** Puts the row into a free place, and the place into the row: requests of one millisecond may have drawn the same place. */
  function insertFree(request: (number | null)[]): void {
    while (insertRequest(request) === 0) request[0] = (request[0] ?? 0) + 1;
  }

  /** Writes one batch; false when that was not possible. */
  function writeBatch(): boolean {
    checkpoint.settle();
    const to = Math.min(rows.length(), batchSize);
    const some = records.slice(0, batchSize - to);
    if (to + some.length === 0) return true;
    const began = clock.monotonic();
    try {
      write.immediate({ rows: to, records: some });
      rows.drop(to);
      records = records.slice(some.length);
    } catch (error) {
      forgetNames();
      if (!isOfRecord(error)) return failed(error);
      try {
        writeEach(Math.min(records.length, batchSize));
      } catch (error) {
        return failed(error);
      }
    }
    checkpoint.wrote();
    options.onWritten?.(clock.monotonic() - began);
    if (failing) {
      failing = false;
      options.onRecovery?.();
    }
    return true;
  }

  function failed(error: unknown): false {
    failing = true;
    options.onProblem(error, isUseless(error));
    return false;
  }

  /**
   * Writes the first records. One that the file does not take takes no others with it: it is left out, and counted. Throws where
   * nothing can be written; what was written by then waits no more.
   */
  function writeEach(count: number): void {
    const batch = records.slice(0, count);
    try {
      write.immediate({ rows: 0, records: batch });
    } catch (error) {
      forgetNames();
      if (!isOfRecord(error)) throw error;
      if (count > 1) {
        const half = Math.ceil(count / 2);
        writeEach(half);
        writeEach(count - half);
        return;
      }
      lost += 1;
      options.onRefused?.(error);
    }
    records = records.slice(count);
  }

  /** Numbers of names that a transaction has written hold no more; rows have numbers only, and become records again before. */
  function forgetNames(): void {
    const known = names.byNumber();
    const found: WaitingRecord[] = [];
    for (let index = 0; index < rows.length(); index += 1) {
      rows.read(index, row);
      const record = recordOfRow(row, known);
      if (record === undefined) lost += 1;
      else found.push({ record, digests: digested });
    }
    rows.drop(rows.length());
    records = [...found, ...records];
    names.forget();
  }

  function beginCheckpoint(): void {
    checkpointing = checkpoint.begin()?.finally(() => {
      checkpointing = undefined;
    });
  }

  function later(delay: number): void {
    timer?.();
    timer = clock.after(delay, () => {
      timer = undefined;
      hurried = false;
      if (checkpointing !== undefined) {
        later(checkpointPause);
        return;
      }
      const wrote = writeBatch();
      beginCheckpoint();
      if (waiting() > 0 && !closed) later(wrote ? 0 : writeDelay);
    });
  }

  return {
    database,
    add(record, theirs = digests) {
      if (closed) return;
      const known = isComplete(record) ? writtenRequest(record, names.written, theirs) : undefined;
      if (known !== undefined && !known.includes(Number.NaN)) rows.push(known);
      else records.push({ record, digests: theirs });
      if (waiting() > mostWaiting) {
        // In bulk: one by one would move the whole list each time.
        lost += batchSize;
        if (rows.length() >= batchSize) rows.drop(batchSize);
        else records = records.slice(batchSize);
      }
      if (timer === undefined) later(writeDelay);
      else if (waiting() >= batchSize && !hurried && !failing) {
        hurried = true;
        later(0);
      }
    },
    async flush() {
      // Each batch is a turn of its own: others go on in between.
      for (let left = waiting(); left > 0; left -= batchSize) {
        await checkpointing;
        if (closed || !writeBatch()) return;
        beginCheckpoint();
        if (left > batchSize) await new Promise<void>((resolve) => void clock.after(0, resolve));
      }
    },
    flushNow() {
      while (waiting() > 0 && writeBatch());
    },
    take(records, theirs = digests) {
      const byId = new Map(records.map((record) => [record.id, record]));
      const fresh = [...byId.values()].filter((record) => !isKept(record.id));
      checkpoint.settle();
      try {
        const batch = fresh.map((record) => ({ record, digests: theirs }));
        if (batch.length > 0) write.immediate({ rows: 0, records: batch });
      } catch (error) {
        forgetNames();
        throw error;
      }
      checkpoint.wrote();
      return fresh.length;
    },
    rename(keys) {
      names.rename('key', keys);
    },
    counts: () => ({ waiting: waiting(), lost }),
    close(gone = false) {
      if (closed) return [];
      timer?.();
      if (gone) forgetNames();
      else while (waiting() > 0 && writeBatch());
      // What could not be written is no row any more.
      const left = records;
      records = [];
      closed = true;
      closeDatabase(database);
      checkpoint.close();
      return left;
    },
  };
}

/** So many of the first rows that wait, and some of the records. */
interface Batch {
  rows: number;
  records: readonly WaitingRecord[];
}

/** Whether a record is the trouble, and no other would be: sqlite.org/rescode.html#constraint, #mismatch, #toobig. */
function isOfRecord(error: unknown): boolean {
  const code = errorCode(error) ?? '';
  return /^SQLITE_(?:CONSTRAINT|MISMATCH|TOOBIG|RANGE)/.test(code);
}

/** The first time of rows of sums. */
function earliest(rows: readonly number[][]): number {
  return rows.reduce((least, [at = least]) => Math.min(least, at), Number.POSITIVE_INFINITY);
}

/** Inserts a row; 0 where its place is taken. */
function inserter(
  database: Database,
  table: string,
  columns: readonly string[],
): (row: readonly (number | null)[]) => number {
  const statement = database.prepare<null, (number | null)[]>(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')}) ON CONFLICT DO NOTHING`,
  );
  return (row) => statement.run(...row).changes;
}
