/** The SQLite file of kept answers: opened, or made anew where what lies there is no such file. */
import { Database } from 'bun:sqlite';
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';

/** Tells our file from any other SQLite file (sqlite.org/pragma.html#pragma_application_id): "CPAr". */
const applicationId = 0x43504172;

/** Bytes that the write-ahead log keeps on disk once it has been written back. */
const longestLog = 4 * 1024 * 1024;

/** Milliseconds that a call waits for another process at the same file. It holds up everything: so not for long. */
const patience = 250;

export interface OpenedDatabase {
  database: Database;
  /** Where a file went that was not ours or is broken; undefined when there was none. */
  movedAside: string | undefined;
}

/** Throws what SQLite and the file system throw when there can be no such file. */
export function openResponseDatabase(file: string): OpenedDatabase {
  if (file === ':memory:') return { database: open(file), movedAside: undefined };
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    return { database: openFile(file), movedAside: undefined };
  } catch (error) {
    if (!isUseless(error)) throw error;
    const movedAside = `${file}.broken`;
    // SQLite finds the parts of a database by these endings: whoever looks into it has all of it.
    for (const part of ['', '-wal', '-shm'])
      if (existsSync(file + part)) renameSync(file + part, movedAside + part);
    return { database: openFile(file), movedAside };
  }
}

/** Conversations are nobody else's business: SQLite gives its journals the mode of the file. */
function openFile(file: string): Database {
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
  return open(file);
}

function open(file: string): Database {
  const database = new Database(file, { create: true, strict: true });
  try {
    database.run(`PRAGMA busy_timeout = ${patience}`);
    if (!isOurs(database)) throw new ForeignFile(`${file} is a database of something else`);
    // Before the first table: it is a property of the file.
    database.run('PRAGMA auto_vacuum = INCREMENTAL');
    database.run('PRAGMA journal_mode = WAL');
    database.run(`PRAGMA journal_size_limit = ${longestLog}`);
    database.run('PRAGMA synchronous = NORMAL');
    database.run('PRAGMA foreign_keys = ON');
    database.run(`PRAGMA application_id = ${applicationId}`);
    for (const statement of schema) database.run(statement);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

const schema = [
  `CREATE TABLE IF NOT EXISTS responses (
    id TEXT NOT NULL, client TEXT NOT NULL, previous TEXT, native INTEGER NOT NULL, used INTEGER NOT NULL,
    input TEXT NOT NULL, response TEXT NOT NULL, PRIMARY KEY (id, client))`,
  'CREATE INDEX IF NOT EXISTS responses_used ON responses (used)',
  `CREATE TABLE IF NOT EXISTS items (
    id TEXT NOT NULL, client TEXT NOT NULL, response TEXT NOT NULL, PRIMARY KEY (id, client),
    FOREIGN KEY (response, client) REFERENCES responses (id, client) ON DELETE CASCADE)`,
  'CREATE INDEX IF NOT EXISTS items_response ON items (response, client)',
  'CREATE TABLE IF NOT EXISTS owners (id TEXT NOT NULL, client TEXT NOT NULL, PRIMARY KEY (id, client))',
];

class ForeignFile extends Error {}

/** An empty file is anybody's. */
function isOurs(database: Database): boolean {
  const id = database.query<{ application_id: number }, []>('PRAGMA application_id').get()?.application_id;
  return id === applicationId || database.query('SELECT 1 FROM sqlite_master LIMIT 1').get() === null;
}

/** Whether the file itself is the trouble, not the way to it: sqlite.org/rescode.html#notadb, #corrupt. */
function isUseless(error: unknown): boolean {
  if (error instanceof ForeignFile) return true;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT');
}
