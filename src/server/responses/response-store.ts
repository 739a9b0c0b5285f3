/**
 * Answers of the Responses API that clients come back to: by `previous_response_id`, by `GET` and `DELETE`, by items named by
 * their id. An SQLite file, bounded in age and size. Source: platform.openai.com/docs/api-reference/responses.
 */

import { workedAtOnce } from '../../gateway/yield-for.ts';
import type { Clock } from '../../ground/clock.ts';
import type { OpenedDatabase } from '../../ground/database-file.ts';
import { runYielding, yieldToEventLoop } from '../../ground/steps.ts';
import { writingJson } from '../../protocols/json-text-in-steps.ts';
import type { OwnedIds } from '../owned-ids.ts';
import { state } from './protocol.ts';
import { type ResponseReader, responseReader } from './response-reader.ts';
import { idsOf, isLong, keyOf, type StoredResponse } from './stored-response.ts';

export interface ResponseStore extends OwnedIds, Omit<ResponseReader, 'linkOf'> {
  /**
   * Takes an answer; it is found at once and on disk within about a second. Takes nothing once the store is closed. A store that
   * others share gives a promise, which resolves when they find it too: the client has no end of the answer before.
   */
  keep(response: StoredResponse): void | Promise<void>;
  /** Whether `keep` gives promises. */
  shared?: boolean;
  /** Whether the provider may have kept an answer, too; undefined where there is none. Nothing of it is read. */
  native(id: string, client: string): boolean | undefined;
  /**
   * Whether this id, of an answer, an item, a conversation or a container, was given to other clients and never to this one.
   * Known for longer than the answer is kept, since its provider may keep it for longer.
   */
  isForeign(id: string, client: string): boolean;
  /** The client was given these ids: known at once, and on disk within about a second. */
  own(ids: readonly string[], client: string): void;
  /** True when there was one. */
  forget(id: string, client: string): boolean;
  /** Puts other bounds in force. */
  bound(bounds: StoreBounds): void;
  /** Gives all that clients have to those that took their places. */
  takeOver(rotated: readonly { before: string; now: string }[]): void;
  /** Writes what waits, and deletes what is too old or too much. */
  sweep(): void;
  /** Writes what waits and closes the file; gives what could not be written: all of it where the file is `gone` from its place. */
  close(gone?: boolean): Unwritten;
}

/** What was kept, and is in no file. */
export interface Unwritten {
  answers: readonly StoredResponse[];
  /** Ids, and the clients that were given them. */
  owned: readonly { id: string; client: string }[];
}

export interface StoreBounds {
  /** Milliseconds that an answer stays after it was made or last gone on from. */
  ttl: number;
  /** Bytes that all of it takes in the file, indexes included; what was not used for longest goes first. */
  maxBytes: number;
  /** Bytes of an answer with its input; larger ones are not kept. */
  largest: number;
  /** Characters of kept answers that are read for one request. */
  mostRead: number;
}

export interface StoreOptions extends StoreBounds {
  database: OpenedDatabase['database'];
  /** Milliseconds since the epoch. */
  now: Clock['now'];
  /** Runs the function in about a second; gives a function that calls it off. */
  later: (run: () => void) => () => void;
  /** Called with what the database refuses (a full disk, another process that holds it); what it was for goes on without it. */
  onProblem: (error: unknown) => void;
}

/** An answer and its input as JSON. */
interface Texts {
  input: string;
  output: string;
}

/** Answers that wait to be written: more are written at once, or the oldest let go while nothing can be written. */
const mostWaiting = 256;

/** Ids of whose owners that many wait to be written: more are written at once, or the oldest let go while nothing can be. */
const mostOwned = 16_384;

/** Ids whose owners are remembered, at most: about 10 MB. */
const mostOwners = 100_000;

/** Characters that are written before the log is taken back into the file. */
const betweenCheckpoints = 2 * 1024 * 1024;

/** Pages that deleted answers leave free before the file is made shorter. 4 MiB of the usual pages. */
const mostFree = 1024;

export function createResponseStore(options: StoreOptions): ResponseStore {
  const { database, now, later, onProblem } = options;
  let { ttl, maxBytes, largest, mostRead } = options;
  const insertRow = database.query(
    'INSERT OR REPLACE INTO responses (id, client, previous, native, used, input, response) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const insertItem = database.query('INSERT OR REPLACE INTO items (id, client, response) VALUES (?, ?, ?)');
  const useRow = database.query('UPDATE responses SET used = ? WHERE id = ? AND client = ?');
  const deleteRow = database.query('DELETE FROM responses WHERE id = ? AND client = ?');
  const deleteOld = database.query('DELETE FROM responses WHERE used <= ?');
  const oldest = database.query<{ id: string; client: string; bytes: number }, []>(
    'SELECT id, client, octet_length(input) + octet_length(response) AS bytes FROM responses ORDER BY used, rowid LIMIT 100',
  );
  const insertOwner = database.query('INSERT OR IGNORE INTO owners (id, client) VALUES (?, ?)');
  const deleteOwners = database.query(
    `DELETE FROM owners WHERE rowid <= (SELECT max(rowid) FROM owners) - ${mostOwners}`,
  );
  const selectOwner = database.query<{ mine: number | null }, [string, string]>(
    'SELECT max(client = ?) AS mine FROM owners WHERE id = ?',
  );
  const pages = database.query<{ used: number; free: number; size: number }, []>(
    'SELECT page_count - freelist_count AS used, freelist_count AS free, page_size AS size FROM pragma_page_count, pragma_freelist_count, pragma_page_size',
  );
  const waiting = new Map<string, StoredResponse>();
  /** Ids that wait to be written, and whose they are. */
  const owned = new Map<string, Set<string>>();
  /** Answers that were gone on from, by their keys, with the time. */
  const touched = new Map<string, { id: string; client: string; at: number }>();
  /** Those of the long one that is written next, and whether they are being made. */
  const textsOfLong = new WeakMap<StoredResponse, Texts>();
  let isMakingTexts = false;
  let callOff: (() => void) | undefined;
  let closed = false;
  /** Characters of answers that were written since the last checkpoint. */
  let inLog = 0;
  /** The same since it was looked for what is too old or too much. */
  let sinceLetGo = 0;

  /** Writes what waits, of answers about as many characters as `most`; gives those that it has written. */
  const write = database.transaction((most: number): [key: string, stored: StoredResponse][] => {
    const written: [string, StoredResponse][] = [];
    let size = 0;
    for (const [key, stored] of waiting) {
      const made = textsOfLong.get(stored);
      // A long one comes first in the next portion, when its texts are there.
      if (
        size >= most ||
        (size > 0 && made === undefined && most < Number.POSITIVE_INFINITY && isLong(stored))
      )
        break;
      const { id, client, previous, native, response } = stored;
      const { input, output } = made ?? { input: stored.input.json(), output: JSON.stringify(response) };
      size += input.length + output.length;
      written.push([key, stored]);
      if (input.length + output.length <= largest) {
        insertRow.run(id, client, previous ?? null, native ? 1 : 0, now(), input, output);
        for (const item of state.itemsOf(response))
          if (typeof item.id === 'string') insertItem.run(item.id, client, id);
      } else onProblem(new Error('an answer is larger than may be kept (bounds.stored-response)'));
    }
    for (const [id, clients] of owned) for (const client of clients) insertOwner.run(id, client);
    for (const { id, client, at } of touched.values()) useRow.run(at, id, client);
    inLog += size;
    sinceLetGo += size;
    // Once behind all that waits; now and then where more always comes.
    if (written.length === waiting.size || sinceLetGo >= betweenCheckpoints) {
      sinceLetGo = 0;
      deleteOwners.run();
      deleteOld.run(now() - ttl);
      deleteExcess();
    }
    return written;
  });

  /** Deletes the oldest until the rest fits. Rows give the approximate size, the pages the exact one. */
  function deleteExcess(): void {
    for (;;) {
      let excess = bytesInUse() - maxBytes;
      if (excess <= 0) return;
      const rows = oldest.all();
      if (rows.length === 0) return;
      for (const { id, client, bytes } of rows) {
        if (excess <= 0) break;
        deleteRow.run(id, client);
        excess -= bytes;
      }
    }
  }

  function bytesInUse(): number {
    const { used, size } = pages.get() ?? { used: 0, size: 0 };
    return used * size;
  }

  function attempt<Result>(run: () => Result): Result | undefined {
    try {
      return run();
    } catch (error) {
      onProblem(error);
      return undefined;
    }
  }

  /** What one client has is that of another from now on; where both have the same, the newer owner's stays. */
  function giveTo({ before, now: next }: { before: string; now: string }): void {
    // Items name their answer by its client: both change before it is looked at whether they fit.
    database.run('PRAGMA defer_foreign_keys = ON');
    for (const table of ['items', 'responses', 'owners'])
      database.run(`UPDATE OR IGNORE ${table} SET client = ? WHERE client = ?`, [next, before]);
  }

  /** Writes what waits; of more than `most` characters of answers the rest when others have had their turn. */
  function flush(most = Number.POSITIVE_INFINITY): void {
    callOff?.();
    callOff = undefined;
    const written = attempt(() => write.immediate(most));
    touched.clear();
    if (written !== undefined) {
      for (const [key, stored] of written) if (waiting.get(key) === stored) waiting.delete(key);
      owned.clear();
      if (most === Number.POSITIVE_INFINITY) tidy('PRAGMA incremental_vacuum');
      else void yieldToEventLoop().then(tidySome);
      return;
    }
    for (const key of waiting.keys()) {
      if (waiting.size < mostWaiting) break;
      waiting.delete(key);
    }
    for (const key of owned.keys()) {
      if (owned.size < mostOwned) break;
      owned.delete(key);
    }
    soon();
  }

  function flushSome(): void {
    if (closed || isMakingTexts) return;
    const [next] = waiting.values();
    if (next !== undefined && isLong(next) && !textsOfLong.has(next)) void flushLong(next);
    else flush(workedAtOnce);
  }

  /** The same where the next one is long: it is written out in turns before, and then by itself. */
  async function flushLong(stored: StoredResponse): Promise<void> {
    isMakingTexts = true;
    try {
      await yieldToEventLoop();
      const input = stored.input.json();
      await yieldToEventLoop();
      const output = await runYielding(writingJson(stored.response));
      textsOfLong.set(stored, { input, output });
      await yieldToEventLoop();
    } catch (error) {
      onProblem(error);
      waiting.delete(keyOf(stored.id, stored.client));
    } finally {
      isMakingTexts = false;
    }
    if (!closed) flush(workedAtOnce);
  }

  function tidySome(): void {
    if (closed) return;
    tidy(`PRAGMA incremental_vacuum(${mostFree})`);
    if (waiting.size > 0) void yieldToEventLoop().then(flushSome);
  }

  /** Takes the log back into the file, and gives back what deleted answers left free. */
  function tidy(vacuum: string): void {
    attempt(() => {
      if ((pages.get()?.free ?? 0) > mostFree) database.run(vacuum);
      if (inLog < betweenCheckpoints) return;
      inLog = 0;
      database.run('PRAGMA wal_checkpoint(PASSIVE)');
    });
  }

  function soon(): void {
    if (!closed) callOff ??= later(flushSome);
  }

  function addOwner(id: string, client: string): void {
    const clients = owned.get(id);
    if (clients === undefined) owned.set(id, new Set([client]));
    else clients.add(client);
  }

  const reader = responseReader({
    ...{ database, waiting, now, attempt },
    isClosed: () => closed,
    ttl: () => ttl,
    mostRead: () => mostRead,
    onUsed(ids, client) {
      for (const id of ids) touched.set(keyOf(id, client), { id, client, at: now() });
      soon();
    },
  });

  return {
    keep(stored) {
      if (closed) return;
      waiting.set(keyOf(stored.id, stored.client), stored);
      for (const id of idsOf(stored)) addOwner(id, stored.client);
      if (waiting.size >= mostWaiting || owned.size >= mostOwned) flush(workedAtOnce);
      else soon();
    },
    find: reader.find,
    knows: reader.knows,
    conversation: reader.conversation,
    items: reader.items,
    native: (id, client) => reader.linkOf(id, client)?.native,
    own(ids, client) {
      if (closed) return;
      for (const id of ids) addOwner(id, client);
      if (owned.size >= mostOwned) flush(workedAtOnce);
      else soon();
    },
    isForeign(id, client) {
      const fresh = owned.get(id);
      if (fresh?.has(client)) return false;
      const known = closed ? undefined : attempt(() => selectOwner.get(client, id))?.mine;
      return known === 1 ? false : known === 0 || fresh !== undefined;
    },
    forget(id, client) {
      const known = reader.linkOf(id, client) !== undefined;
      waiting.delete(keyOf(id, client));
      if (!closed) attempt(() => deleteRow.run(id, client));
      return known;
    },
    bound(bounds) {
      ({ ttl, maxBytes, largest, mostRead } = bounds);
      soon();
    },
    takeOver(rotated) {
      if (closed) return;
      flush();
      attempt(() => database.transaction(() => void rotated.forEach(giveTo)).immediate());
    },
    sweep() {
      if (!closed) flush();
    },
    close(gone = false) {
      if (closed) return { answers: [], owned: [] };
      closed = true;
      if (gone) callOff?.();
      else flush();
      const left: Unwritten = {
        answers: [...waiting.values()],
        owned: [...owned].flatMap(([id, clients]) => [...clients].map((client) => ({ id, client }))),
      };
      waiting.clear();
      owned.clear();
      database.close();
      return left;
    },
  };
}
