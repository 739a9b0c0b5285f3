/**
 * Usage of a replica on its way to the others, and theirs on its way here: what ends here is in Postgres within a second, or in a
 * spool on the disk while that is away; what ends elsewhere is taken into this replica's own store, so that every replica sees all.
 */
import { createReadStream, existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { UsageCursor, UsageVault } from '../../cluster/ports.ts';
import type { Clock } from '../../ground/clock.ts';
import { isObject, parseJson } from '../../protocols/json.ts';
import { asString } from '../../protocols/json-members.ts';
import { type Digests, sessionText } from '../../usage/digest.ts';
import { recordIn } from '../../usage/kept-record.ts';
import type { UsageRecord } from '../../usage/record.ts';

export interface SharedUsageOptions {
  vault: UsageVault;
  /** The `auth-dir`. */
  directory: string;
  digests: Digests;
  clock: Clock;
  /** Takes in what others have added; false where there is no store. */
  take: (records: readonly UsageRecord[]) => boolean;
  /** How old single requests may become, in ms. */
  keep: () => number;
  onProblem: (error: unknown) => void;
}

export interface SharedUsage {
  add(record: UsageRecord): void;
  /** Takes in what others have added until now, after what waits here was added. */
  catchUp(): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds between a request's end and its place in Postgres, and between two looks at what others have added. */
const writeDelay = 1000;
const lookEvery = 2000;
const sweepEvery = 600_000;
/** Records of one statement: each costs this process half as much among a thousand as among 250. */
const batchSize = 1000;
/** And of one turn in which those of others are taken in: requests go on in between. */
const takenSize = 250;
/** Records in memory where neither Postgres nor the disk takes any. */
const mostWaiting = 20_000;

export function sharedUsage(options: SharedUsageOptions): SharedUsage {
  const { vault, digests, clock, onProblem } = options;
  const folder = join(options.directory, '.cluster');
  const spool = join(folder, 'usage-spool.jsonl');
  const sent = join(folder, 'usage-spool-sent.jsonl');
  const cursorFile = join(folder, 'usage-cursor.json');
  let waiting: UsageRecord[] = [];
  let timer: (() => void) | undefined;
  let closed = false;
  let cursor: UsageCursor | undefined;
  let isCursorRead = false;
  // One at a time: a batch is in one place.
  let turn: Promise<void> = Promise.resolve();

  function serially(work: () => Promise<void>): Promise<void> {
    turn = turn.then(work).catch(onProblem);
    return turn;
  }

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, batchSize);
      if (!(await vault.add(batch))) await toSpool(batch);
      waiting = waiting.slice(batch.length);
    }
  }

  async function toSpool(records: readonly UsageRecord[]): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await appendFile(spool, records.map((record) => `${JSON.stringify(record)}\n`).join(''), { mode: 0o600 });
  }

  /** Adds what is in the spool; a part that was added twice is there once. */
  async function drain(): Promise<void> {
    // One that was begun before a crash first: the next would take its place.
    if (!(await drained(sent))) return;
    if (existsSync(spool)) {
      await rename(spool, sent);
      await drained(sent);
    }
  }

  /** Adds all of a file and deletes it; false where Postgres went away meanwhile. */
  async function drained(file: string): Promise<boolean> {
    if (!existsSync(file)) return true;
    let batch: UsageRecord[] = [];
    const lines = createInterface({ input: createReadStream(file, 'utf8') });
    for await (const line of lines) {
      const record = recordIn(line);
      if (record !== undefined) batch.push(record);
      if (batch.length < batchSize) continue;
      if (!(await vault.add(batch))) return false;
      batch = [];
    }
    if (batch.length > 0 && !(await vault.add(batch))) return false;
    await rm(file, { force: true });
    return true;
  }

  async function look(): Promise<void> {
    if (!isCursorRead) {
      cursor = cursorIn(await readFile(cursorFile, 'utf8').catch(() => ''));
      isCursorRead = true;
    }
    for (;;) {
      const portion = await vault.after(cursor);
      if (portion === undefined) return;
      const { records, more } = portion;
      for (let from = 0; from < records.length; from += takenSize)
        if (!options.take(records.slice(from, from + takenSize))) return;
      const moved = portion.cursor.tx !== cursor?.tx || portion.cursor.id !== cursor.id;
      cursor = portion.cursor;
      if (moved) {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeFile(cursorFile, JSON.stringify(cursor), { mode: 0o600 });
      }
      if (!more || closed) return;
    }
  }

  const endings = [
    clock.every(lookEvery, () => void serially(look)),
    clock.every(sweepEvery, () => void vault.sweep(options.keep())),
    vault.onBack(() => void serially(drain)),
  ];
  // What an earlier run could not send.
  void serially(drain);

  return {
    add(record) {
      if (closed) return;
      waiting.push(sharedRecord(record, digests));
      if (waiting.length > mostWaiting) {
        waiting = waiting.slice(batchSize);
        onProblem(
          new Error('neither Postgres nor the disk takes it: the oldest records are with this replica alone'),
        );
      }
      timer ??= clock.after(writeDelay, () => {
        timer = undefined;
        void serially(flush);
      });
    },
    async catchUp() {
      void serially(flush);
      await serially(look);
    },
    async close() {
      for (const end of endings) end();
      timer?.();
      await serially(flush);
      closed = true;
    },
  };
}

/** What others are given of a request, written out: to copy all but a few fields takes ten times as long, for each request. */
function sharedRecord(record: UsageRecord, digests: Digests): Required<Omit<UsageRecord, 'passing'>> {
  const { id, at, key, session, protocol, operation, streamed, asked, known, served } = record;
  const { status, error, ttft, duration, usage, attempts, choice } = record;
  return {
    id,
    at,
    key: key && { id: digests.key(key.id), name: key.name },
    session: session === undefined ? undefined : sessionText(digests.session(session)),
    protocol,
    operation,
    streamed,
    asked,
    known,
    served,
    status,
    error,
    ttft,
    duration,
    usage,
    attempts,
    choice,
  };
}

function cursorIn(text: string): UsageCursor | undefined {
  const value = parseJson(text);
  if (!isObject(value)) return undefined;
  const [tx, id] = [asString(value.tx), asString(value.id)];
  return tx !== undefined && /^\d+$/.test(tx) && id !== undefined ? { tx, id } : undefined;
}
