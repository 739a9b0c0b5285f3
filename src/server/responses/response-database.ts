/** What the SQLite file of kept answers is. */
import { type DatabaseFormat, type OpenedDatabase, openDatabaseFile } from '../../ground/database-file.ts';

export const responseFormat: DatabaseFormat = {
  // "CPAr"
  applicationId: 0x43504172,
  // The store makes checkpoints itself, in turns of their own; this is for what it does not get to.
  checkpointEvery: 16_384,
  schema: [
    `CREATE TABLE IF NOT EXISTS responses (
      id TEXT NOT NULL, client TEXT NOT NULL, previous TEXT, native INTEGER NOT NULL, used INTEGER NOT NULL,
      input TEXT NOT NULL, response TEXT NOT NULL, PRIMARY KEY (id, client))`,
    'CREATE INDEX IF NOT EXISTS responses_used ON responses (used)',
    `CREATE TABLE IF NOT EXISTS items (
      id TEXT NOT NULL, client TEXT NOT NULL, response TEXT NOT NULL, PRIMARY KEY (id, client),
      FOREIGN KEY (response, client) REFERENCES responses (id, client) ON DELETE CASCADE)`,
    'CREATE INDEX IF NOT EXISTS items_response ON items (response, client)',
    'CREATE TABLE IF NOT EXISTS owners (id TEXT NOT NULL, client TEXT NOT NULL, PRIMARY KEY (id, client))',
  ],
};

/** Throws what SQLite and the file system throw when there can be no such file. */
export function openResponseDatabase(file: string): OpenedDatabase {
  return openDatabaseFile(file, responseFormat);
}
