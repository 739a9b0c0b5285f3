/** An SQLite file of ours beside the accounts: opened, or made anew where what lies there is no such file. */
import { constants, Database } from 'bun:sqlite';
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorCode } from './error-code.ts';

/** What a file of a kind is. */
export interface DatabaseFormat {
  /** Distinguishes this kind from any other SQLite file: sqlite.org/pragma.html#pragma_application_id. */
  applicationId: number;
  /** Goes up with each change that earlier versions of the program cannot read; 0 before the first. */
  version?: number;
  /** Statements that make what is not there yet. */
  schema: readonly string[];
  /** Columns that came later, by their tables: earlier versions of the program use a file with them as one without. */
  added?: Readonly<Record<string, readonly string[]>>;
  /** Pages of the write-ahead log after which it is written back; SQLite's own number without it. */
  checkpointEvery?: number;
}

/** Bytes that the write-ahead log keeps on disk once it has been written back. */
const longestLog = 4 * 1024 * 1024;

/** Milliseconds that a call waits for another process at the same file. It holds up everything: so not for long. */
export const patience = 250;

export interface OpenedDatabase {
  database: Database;
  /** Where a file went that was not ours or is broken; undefined when there was none. */
  movedAside: string | undefined;
  /**
   * Whether the file still stands where it was opened. Else it was deleted or restored, or its file system was mounted anew: SQLite
   * goes on with the one that it has open, whose end is that of the process. True where that cannot be known.
   */
  isInPlace(): boolean;
}

/** A file that a later version of the program has written: it is left as it is. */
export class NewerDatabase extends Error {}

/** Throws what SQLite and the file system throw when there can be no such file, and {@link NewerDatabase}. */
export function openDatabaseFile(file: string, format: DatabaseFormat): OpenedDatabase {
  if (file === ':memory:')
    return { database: open(file, format), movedAside: undefined, isInPlace: () => true };
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    return openedInPlace(file, format);
  } catch (error) {
    if (!isUseless(error)) throw error;
    const movedAside = moveAside(file);
    return openedInPlace(file, format, movedAside);
  }
}

function openedInPlace(file: string, format: DatabaseFormat, movedAside?: string): OpenedDatabase {
  const database = openSoundFile(file, format);
  const opened = inodeOf(file);
  const isInPlace = (): boolean => {
    const now = inodeOf(file);
    return opened === undefined || now === undefined || now === opened;
  };
  return { database, movedAside, isInPlace };
}

/** Gives a file that is of no use another name, and returns that. One that had it before is gone. */
export function moveAside(file: string): string {
  const aside = `${file}.broken`;
  // SQLite finds the parts of a database by these endings: all of them move.
  for (const part of ['', '-wal', '-shm']) if (existsSync(file + part)) renameSync(file + part, aside + part);
  return aside;
}

/**
 * As {@link openDatabaseFile}, but what is there stays, and throws where it is of no use. Only its owner may read it:
 * SQLite gives its journals the mode of the file.
 */
export function openSoundFile(file: string, format: DatabaseFormat): Database {
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
  return open(file, format);
}

function open(file: string, format: DatabaseFormat): Database {
  const { applicationId, version = 0, schema, added, checkpointEvery } = format;
  const database = new Database(file, { create: true, strict: true });
  try {
    database.run(`PRAGMA busy_timeout = ${patience}`);
    const written = versionOf(database, file, format);
    // Before the first table: it is a property of the file.
    database.run('PRAGMA auto_vacuum = INCREMENTAL');
    database.run('PRAGMA journal_mode = WAL');
    database.run(`PRAGMA journal_size_limit = ${longestLog}`);
    database.run('PRAGMA synchronous = NORMAL');
    database.run('PRAGMA foreign_keys = ON');
    if (checkpointEvery !== undefined) database.run(`PRAGMA wal_autocheckpoint = ${checkpointEvery}`);
    database.run(`PRAGMA application_id = ${applicationId}`);
    for (const statement of schema) database.run(statement);
    if (added !== undefined) addColumns(database, added);
    if (written !== version) database.run(`PRAGMA user_version = ${version}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Adds the columns that an earlier version of the program has not made. Another process that opens the file meanwhile waits for it. */
function addColumns(database: Database, added: NonNullable<DatabaseFormat['added']>): void {
  if (missingColumns(database, added).length === 0) return;
  database
    .transaction(() => {
      for (const { table, column } of missingColumns(database, added))
        database.run(`ALTER TABLE ${table} ADD COLUMN ${column} INTEGER`);
    })
    .immediate();
}

function missingColumns(
  database: Database,
  added: NonNullable<DatabaseFormat['added']>,
): { table: string; column: string }[] {
  return Object.entries(added).flatMap(([table, columns]) => {
    const rows = database.query<{ name: string }, []>(`PRAGMA table_info(${table})`).all();
    const there = new Set(rows.map(({ name }) => name));
    return columns.filter((column) => !there.has(column)).map((column) => ({ table, column }));
  });
}

/**
 * A file to be looked into, which nothing is changed of: also where nothing can be, as on a read-only file system. Throws what
 * SQLite throws, and a sentence for a file of another version.
 */
export function openToRead(file: string, format: DatabaseFormat): Database {
  const database = openUnchanged(file);
  try {
    versionOf(database, file, format);
    if (missingColumns(database, format.added ?? {}).length > 0)
      throw new Error(
        `it was written by an earlier version of this program, and cannot be brought to this one where nothing can be written`,
      );
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The database with its write-ahead log where that is there; without one SQLite wants to make it, and does not in a file that is called immutable. */
export function openUnchanged(file: string): Database {
  try {
    return readable(new Database(file, { readonly: true }));
  } catch (error) {
    if (!/^SQLITE_(?:CANTOPEN|READONLY)/.test(errorCode(error) ?? '')) throw error;
    const { SQLITE_OPEN_READONLY: readonly, SQLITE_OPEN_URI: uri } = constants;
    return readable(new Database(`${pathToFileURL(file).href}?immutable=1`, readonly | uri));
  }
}

/** Opening a file reads nothing of it. */
function readable(database: Database): Database {
  try {
    database.query('SELECT 1 FROM sqlite_master LIMIT 1').get();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The version that the file has. Throws for one of something else, and for one of a later version. */
function versionOf(database: Database, file: string, { applicationId, version = 0 }: DatabaseFormat): number {
  if (!isOf(database, applicationId)) throw new ForeignFile(`${file} is a database of something else`);
  const written = pragma(database, 'user_version');
  if (written > version)
    throw new NewerDatabase(
      `${file} was written by a later version of this program (format ${written}, this one supports ${version})`,
    );
  return written;
}

/** Whether the bytes of a database are of this format, and of a later version than is known here. Source: sqlite.org/fileformat2.html, 1.3. */
export function isLater(bytes: Uint8Array, { applicationId, version = 0 }: DatabaseFormat): boolean {
  if (bytes.length < 100) return false;
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return header.getUint32(68) === applicationId && header.getUint32(60) > version;
}

/**
 * Closes it with all its statements: else SQLite keeps it, its locks and its log until the garbage of the engine is collected, and
 * who opens the file again meanwhile believes that they hold locks which closing another handle of the file has ended.
 */
export function closeDatabase(database: Database): void {
  try {
    database.close(true);
  } catch {
    database.close();
  }
}

/** Which file stands there: empty where none does, undefined where that cannot be known. */
function inodeOf(file: string): string | undefined {
  try {
    const found = statSync(file, { bigint: true, throwIfNoEntry: false });
    return found === undefined ? '' : `${found.dev} ${found.ino}`;
  } catch {
    return undefined;
  }
}

/** The number that a pragma has: one of ours, never a text from outside. */
export function pragma(database: Database, name: string): number {
  const row: unknown = database.query(`PRAGMA ${name}`).get();
  const value: unknown = typeof row === 'object' && row !== null ? Object.values(row)[0] : undefined;
  return typeof value === 'number' ? value : 0;
}

class ForeignFile extends Error {}

/** An empty file is anybody's. */
function isOf(database: Database, applicationId: number): boolean {
  return (
    pragma(database, 'application_id') === applicationId ||
    database.query('SELECT 1 FROM sqlite_master LIMIT 1').get() === null
  );
}

/** Whether nothing can be written where the file is, though it may be read: a read-only file system, another owner's, a full disk. */
export function isUnwritable(error: unknown): boolean {
  return /^(?:EROFS|EACCES|EPERM|ENOSPC|EDQUOT)$|^SQLITE_(?:READONLY|CANTOPEN|FULL|IOERR)/.test(
    errorCode(error) ?? '',
  );
}

/** Whether the file itself is the trouble, not the way to it: sqlite.org/rescode.html#notadb, #corrupt. */
export function isUseless(error: unknown): boolean {
  return error instanceof ForeignFile || /^SQLITE_(?:NOTADB|CORRUPT)/.test(errorCode(error) ?? '');
}
