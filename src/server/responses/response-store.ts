/**
 * Answers of the Responses API that clients come back to: by `previous_response_id`, by `GET` and `DELETE`, by items named by
 * their id. An SQLite file, bounded in age and size. Source: platform.openai.com/docs/api-reference/responses.
 */
import { Database } from 'bun:sqlite';
import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { asObjects, asString, isObject, type JsonObject, parseJson } from '../../protocols/json.ts';

/** One answer, with what was asked for it. */
export interface StoredResponse {
  id: string;
  /** The client whose it is; nobody else sees it. */
  client: string;
  /** The answer that it goes on from. */
  previous: string | undefined;
  /** The provider may have kept it too, under the same id. */
  native: boolean;
  /** What this request added, as input items; read when it is needed. */
  input: () => JsonObject[];
  /** The response object as the client got it. */
  response: JsonObject;
}

export interface ResponseStore {
  /** Takes an answer; it is found at once and on disk within a second. */
  keep(response: StoredResponse): void;
  find(id: string, client: string): StoredResponse | undefined;
  /** Everything said up to and with an answer, oldest first; undefined when any of it is gone. */
  conversation(id: string, client: string): JsonObject[] | undefined;
  /** An item of an answer by its own id. */
  item(id: string, client: string): JsonObject | undefined;
  /** True when there was one. */
  forget(id: string, client: string): boolean;
  /** Puts other bounds in force. */
  bound(bounds: StoreBounds): void;
  /** Writes what waits and closes the file. */
  close(): void;
}

export interface StoreBounds {
  /** Milliseconds that an answer stays after it was made or last gone on from. */
  ttl: number;
  /** Bytes of requests and answers together; the oldest go first. */
  maxBytes: number;
}

export interface StoreOptions extends StoreBounds {
  /** `:memory:` keeps nothing beyond the process. */
  file: string;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Runs the function in about a second; gives a function that calls it off. */
  later: (run: () => void) => () => void;
}

interface Row {
  id: string;
  previous: string | null;
  native: number;
  input: string;
  response: string;
}

/** Longest chain of answers that is followed back: a guard, far above any conversation. */
const longestChain = 10_000;

/** Opens the store. Throws what SQLite throws when the file cannot be opened or is no database. */
export function openResponseStore(options: StoreOptions): ResponseStore {
  const { now, later } = options;
  let { ttl, maxBytes } = options;
  const database = openDatabase(options.file);
  const selectRow = database.query<Row, [string, string, number]>(
    'SELECT id, previous, native, input, response FROM responses WHERE id = ? AND client = ? AND used > ?',
  );
  const insertRow = database.query(
    'INSERT OR REPLACE INTO responses (id, client, previous, native, input, response, bytes, used) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const insertItem = database.query('INSERT OR REPLACE INTO items (id, client, response) VALUES (?, ?, ?)');
  const selectItem = database.query<{ response: string }, [string, string]>(
    'SELECT response FROM items WHERE id = ? AND client = ?',
  );
  const useRow = database.query('UPDATE responses SET used = ? WHERE id = ? AND client = ?');
  const deleteRow = database.query('DELETE FROM responses WHERE id = ? AND client = ?');
  const deleteOld = database.query('DELETE FROM responses WHERE used <= ?');
  const total = database.query<{ bytes: number }, []>(
    'SELECT COALESCE(SUM(bytes), 0) AS bytes FROM responses',
  );
  const oldest = database.query<{ id: string; client: string; bytes: number }, []>(
    'SELECT id, client, bytes FROM responses ORDER BY used LIMIT 100',
  );
  const waiting = new Map<string, StoredResponse>();
  let callOff: (() => void) | undefined;

  const write = database.transaction(() => {
    for (const stored of waiting.values()) {
      const input = JSON.stringify(stored.input());
      const response = JSON.stringify(stored.response);
      const bytes = input.length + response.length;
      insertRow.run(
        stored.id,
        stored.client,
        stored.previous ?? null,
        stored.native ? 1 : 0,
        input,
        response,
        bytes,
        now(),
      );
      for (const item of asObjects(stored.response.output)) {
        if (typeof item.id === 'string') insertItem.run(item.id, stored.client, stored.id);
      }
    }
    deleteOld.run(now() - ttl);
    let excess = (total.get()?.bytes ?? 0) - maxBytes;
    while (excess > 0) {
      const rows = oldest.all();
      if (rows.length === 0) break;
      for (const row of rows) {
        if (excess <= 0) break;
        deleteRow.run(row.id, row.client);
        excess -= row.bytes;
      }
    }
  });

  function flush(): void {
    callOff?.();
    callOff = undefined;
    write();
    waiting.clear();
  }

  function find(id: string, client: string): StoredResponse | undefined {
    const fresh = waiting.get(id);
    if (fresh !== undefined) return fresh.client === client ? fresh : undefined;
    const row = selectRow.get(id, client, now() - ttl);
    const response = row === null ? undefined : parseJson(row.response);
    if (row === null || !isObject(response)) return undefined;
    return {
      id,
      client,
      previous: row.previous ?? undefined,
      native: row.native === 1,
      input: () => asObjects(parseJson(row.input)),
      response,
    };
  }

  return {
    keep(stored) {
      waiting.set(stored.id, stored);
      callOff ??= later(flush);
    },
    find,
    conversation(id, client) {
      const turns: JsonObject[][] = [];
      let next: string | undefined = id;
      while (next !== undefined) {
        const stored = find(next, client);
        if (stored === undefined || turns.length > longestChain) return undefined;
        useRow.run(now(), stored.id, client);
        turns.push([...stored.input(), ...asObjects(stored.response.output)]);
        next = stored.previous;
      }
      return turns.reverse().flat();
    },
    item(id, client) {
      const named = (item: JsonObject): boolean => item.id === id;
      for (const stored of waiting.values()) {
        const found = stored.client === client && asObjects(stored.response.output).find(named);
        if (found) return found;
      }
      const row = selectItem.get(id, client);
      const stored = row === null ? undefined : find(row.response, client);
      return stored && asObjects(stored.response.output).find(named);
    },
    forget(id, client) {
      const known = find(id, client) !== undefined;
      if (known) waiting.delete(id);
      deleteRow.run(id, client);
      return known;
    },
    bound(bounds) {
      ({ ttl, maxBytes } = bounds);
    },
    close() {
      flush();
      database.close();
    },
  };
}

function openDatabase(file: string): Database {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const database = new Database(file, { create: true, strict: true });
  // Conversations are nobody else's business.
  if (file !== ':memory:') chmodSync(file, 0o600);
  database.run('PRAGMA journal_mode = WAL');
  database.run('PRAGMA synchronous = NORMAL');
  database.run('PRAGMA foreign_keys = ON');
  database.run(`CREATE TABLE IF NOT EXISTS responses (
    id TEXT NOT NULL, client TEXT NOT NULL, previous TEXT, native INTEGER NOT NULL, input TEXT NOT NULL, response TEXT NOT NULL,
    bytes INTEGER NOT NULL, used INTEGER NOT NULL, PRIMARY KEY (id, client))`);
  database.run('CREATE INDEX IF NOT EXISTS responses_used ON responses (used)');
  database.run(`CREATE TABLE IF NOT EXISTS items (
    id TEXT NOT NULL, client TEXT NOT NULL, response TEXT NOT NULL, PRIMARY KEY (id, client),
    FOREIGN KEY (response, client) REFERENCES responses (id, client) ON DELETE CASCADE)`);
  database.run('CREATE INDEX IF NOT EXISTS items_response ON items (response, client)');
  return database;
}

/** The `input` of a request as a list of items: a text is the user's message. */
export function inputItems(input: JsonObject['input']): JsonObject[] {
  const text = asString(input);
  return text === undefined ? asObjects(input) : [{ role: 'user', content: text }];
}
