/** The SQLite file of usage: `.usage.sqlite` in the `auth-dir`. */
import type { Database } from 'bun:sqlite';
import { join } from 'node:path';
import {
  type DatabaseFormat,
  isUnwritable,
  type OpenedDatabase,
  openDatabaseFile,
  openSoundFile,
  openToRead,
} from '../ground/database-file.ts';
import { attemptColumns, mediaColumns, requestColumns } from './columns.ts';
import { rollUpColumns } from './roll-up.ts';

export type UsageDatabase = Database;

export function usageFile(authDir: string): string {
  return join(authDir, '.usage.sqlite');
}

const integers = (columns: readonly string[]): string =>
  columns.map((column) => `${column} INTEGER`).join(', ');
const notNull = (columns: readonly string[]): string =>
  columns.map((column) => `${column} INTEGER NOT NULL`).join(', ');

const [requestId = '', ...requestFields] = requestColumns;

export const usageFormat: DatabaseFormat = {
  // "CPAu"
  applicationId: 0x43504175,
  version: 1,
  added: { requests: mediaColumns, attempts: mediaColumns },
  // `checkpoint.ts` is earlier, where much is written; this is for those who write without it.
  checkpointEvery: 2000,
  schema: [
    `CREATE TABLE IF NOT EXISTS names (
      id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL, label TEXT, UNIQUE (kind, name)) STRICT`,
    // No index but the order of time: `columns.ts` explains how an id is one.
    `CREATE TABLE IF NOT EXISTS requests (${requestId} INTEGER PRIMARY KEY, ${integers(requestFields)}) STRICT`,
    `CREATE TABLE IF NOT EXISTS attempts (${integers(attemptColumns)}, PRIMARY KEY (request, n)) STRICT, WITHOUT ROWID`,
    ...(['hour', 'day'] as const).map(
      (step) =>
        `CREATE TABLE IF NOT EXISTS usage_${step} (at INTEGER NOT NULL, ${notNull(rollUpColumns)},
          PRIMARY KEY (at, key, credential, provider, model)) STRICT, WITHOUT ROWID`,
    ),
    'CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT) STRICT',
  ],
};

/** Throws as {@link openDatabaseFile} does. */
export function openUsageDatabase(file: string): OpenedDatabase {
  return openDatabaseFile(file, usageFormat);
}

/**
 * For those who only look: a file that is of no use stays where it is, and throws as {@link openSoundFile} does. Where nothing can be
 * written, as on a read-only file system, it is read as it is.
 */
export function openSoundUsage(file: string): UsageDatabase {
  try {
    return openSoundFile(file, usageFormat);
  } catch (error) {
    if (!isUnwritable(error)) throw error;
    return openToRead(file, usageFormat);
  }
}
