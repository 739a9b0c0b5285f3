/**
 * Keeps finished requests: one writer, in batches, with the sums by hour and day in the same transaction. A request only puts
 * its record into a list; what is written, and when, is no part of its way.
 */
import type { Database } from 'bun:sqlite';
import type { Clock } from '../ground/clock.ts';
import { closeDatabase, isUseless } from '../ground/database-file.ts';
import { sumsChanged } from './changed-sums.ts';
import { checkpoints } from './checkpoint.ts';
import { attemptColumns, perMillisecond, placeOf, readRequestId, requestColumns } from './columns.ts';
import type { Digests } from './digest.ts';
import type { LocalDays } from './local-day.ts';
import { nameWriter } from './names.ts';
import type { UsageRecord, UsageSink } from './record.ts';
import { type RolledUp, rollUpBatch, rollUpWriter } from './roll-up.ts';
import { saysItAll, type Values, type WrittenRequest, writtenAttempt, writtenRequest } from './rows.ts';

export interface UsageStore extends UsageSink {
  readonly database: Database;
  /** Writes what waits, in turns; resolves when all that was there at the call is written or cannot be. */
  flush(): Promise<void>;
  /** Writes what waits, now. */
  flushNow(): void;
  /**
   * Takes in requests of elsewhere, in turns, and gives how many were not there yet. `theirs`: what makes digests of the keys and
   * conversations in them, where they hold digests already. Throws what SQLite throws.
   */
  take(records: readonly UsageRecord[], theirs?: Digests): number;
  /** Gives what is kept of one client key to another, by their digests; where both have something, each keeps its own. */
  rename(keys: readonly { before: string; now: string }[]): void;
  /** Records that wait, and those that were lost because they could not be written for long. */
  counts(): { waiting: number; lost: number };
  /** Writes what waits, and gives what cannot be written. */
  close(): readonly UsageRecord[];
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
/** Records of one transaction; so many write themselves before the second is over. */
const batchSize = 250;
/** Milliseconds between two looks whether a checkpoint is over. */
const checkpointPause = 10;
/** Records that wait where nothing can be written: the oldest go first. About a kilobyte each. */
const mostWaiting = 20_000;

export function createUsageStore(options: UsageStoreOptions): UsageStore {
  const { database, digests, days, clock } = options;
  const names = nameWriter(database);
  const insertRequest = inserter(database, 'requests', requestColumns);
  const insertAttempt = inserter(database, 'attempts', attemptColumns);
  const addHours = rollUpWriter(database, 'hour');
  const addDays = rollUpWriter(database, 'day');
  let waiting: UsageRecord[] = [];
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

  const write = database.transaction((records: readonly UsageRecord[], theirs = digests) => {
    const rolledUp: RolledUp[] = [];
    for (const record of records) {
      const written = writtenRequest(record, names, theirs);
      const place = free(written);
      if (!saysItAll(record))
        for (const [n, attempt] of record.attempts.entries())
          insertAttempt(writtenAttempt(attempt, place, n, names));
      rolledUp.push(written.rolledUp);
    }
    const { hours, days: ofDays } = rollUpBatch(rolledUp, days.dayOf);
    addHours(hours);
    addDays(ofDays);
    sumsChanged(database, { hour: earliest(hours), day: earliest(ofDays) });
  });

  /** Puts the row where nobody is, and gives its place: requests of one millisecond may have drawn the same place. */
  function free({ place, request }: WrittenRequest): number {
    let next = place;
    while (insertRequest(request) === 0) {
      next += 1;
      request[0] = next;
    }
    return next;
  }

  /** Writes one batch; false when that was not possible. */
  function writeBatch(): boolean {
    checkpoint.settle();
    const batch = waiting.slice(0, batchSize);
    if (batch.length === 0) return true;
    const began = clock.monotonic();
    try {
      writeAll(batch);
    } catch (error) {
      failing = true;
      options.onProblem(error, isUseless(error));
      return false;
    }
    waiting = waiting.slice(batch.length);
    checkpoint.wrote(batch.length);
    options.onWritten?.(clock.monotonic() - began);
    if (failing) {
      failing = false;
      options.onRecovery?.();
    }
    return true;
  }

  /** One that the file does not take takes no others with it: it is left out, and counted. Throws where nothing can be written. */
  function writeAll(batch: readonly UsageRecord[]): void {
    try {
      write.immediate(batch);
    } catch (error) {
      names.forget();
      if (!isOfRecord(error)) throw error;
      if (batch.length === 1) {
        lost += 1;
        options.onRefused?.(error);
        return;
      }
      const half = Math.ceil(batch.length / 2);
      writeAll(batch.slice(0, half));
      writeAll(batch.slice(half));
    }
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
      if (waiting.length > 0 && !closed) later(wrote ? 0 : writeDelay);
    });
  }

  return {
    database,
    add(record) {
      if (closed) return;
      waiting.push(record);
      if (waiting.length > mostWaiting) {
        // In bulk: one by one would move the whole list each time.
        lost += batchSize;
        waiting = waiting.slice(batchSize);
      }
      if (timer === undefined) later(writeDelay);
      else if (waiting.length >= 2 * batchSize && !hurried && !failing) {
        hurried = true;
        later(0);
      }
    },
    async flush() {
      // Each batch is a turn of its own: others go on in between.
      for (let left = waiting.length; left > 0; left -= batchSize) {
        await checkpointing;
        if (closed || !writeBatch()) return;
        beginCheckpoint();
        if (left > batchSize) await new Promise<void>((resolve) => void clock.after(0, resolve));
      }
    },
    flushNow() {
      while (waiting.length > 0 && writeBatch());
    },
    take(records, theirs) {
      const byId = new Map(records.map((record) => [record.id, record]));
      const fresh = [...byId.values()].filter((record) => !isKept(record.id));
      checkpoint.settle();
      try {
        if (fresh.length > 0) write.immediate(fresh, theirs);
      } catch (error) {
        names.forget();
        throw error;
      }
      checkpoint.wrote(fresh.length);
      return fresh.length;
    },
    rename(keys) {
      names.rename('key', keys);
    },
    counts: () => ({ waiting: waiting.length, lost }),
    close() {
      if (closed) return [];
      timer?.();
      while (waiting.length > 0 && writeBatch());
      const rest = waiting;
      waiting = [];
      closed = true;
      closeDatabase(database);
      checkpoint.close();
      return rest;
    },
  };
}

/** Whether a record is the trouble, and no other would be: sqlite.org/rescode.html#constraint, #mismatch, #toobig. */
function isOfRecord(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^SQLITE_(?:CONSTRAINT|MISMATCH|TOOBIG|RANGE)/.test(code);
}

/** The first time of rows of sums. */
function earliest(rows: readonly number[][]): number {
  return rows.reduce((least, [at = least]) => Math.min(least, at), Number.POSITIVE_INFINITY);
}

/** Inserts a row; 0 where its place is taken. */
function inserter<Columns extends readonly string[]>(
  database: Database,
  table: string,
  columns: Columns,
): (row: Values<Columns>) => number {
  const statement = database.prepare<null, (number | null)[]>(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')}) ON CONFLICT DO NOTHING`,
  );
  return (row) => statement.run(...row).changes;
}
