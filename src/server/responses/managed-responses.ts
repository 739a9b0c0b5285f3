/** The store of kept answers as the configuration wants it: opened with the first answer, bounded anew on a reload. */
import { join } from 'node:path';
import type { ResponseVault } from '../../cluster/ports.ts';
import { rotatedKeys } from '../../config/client-keys.ts';
import type { Config } from '../../config/schema.ts';
import { type Clock, systemClock } from '../../ground/clock.ts';
import { reasonOf } from '../../ground/reason.ts';
import type { Log } from '../../telemetry/log.ts';
import type { OwnedIds } from '../owned-ids.ts';
import { openResponseDatabase } from './response-database.ts';
import {
  createResponseStore,
  type ResponseStore,
  type StoreBounds,
  type Unwritten,
} from './response-store.ts';
import { sharedResponses } from './shared-responses.ts';

export interface ManagedResponses {
  /** Undefined when none are kept. */
  store: () => ResponseStore | undefined;
  /** Whose ids are whose, also where no answers are kept: in the same file, or in memory where that cannot be used. */
  owners: () => OwnedIds;
  configure(config: Config): void;
  close(): void;
}

/** Milliseconds between an answer and its place on disk. */
const writeDelay = 1000;

/** Milliseconds after which a file that could not be opened is tried again: disks have room again. */
const retryAfter = 60_000;

/** Milliseconds after which answers that have become too old are deleted, though nothing new comes. */
const sweepInterval = 600_000;

interface Settings extends StoreBounds {
  file: string;
  /** Whether answers are kept. */
  keeps: boolean;
}

/** Of a store that holds no answers. */
const memoryBounds: StoreBounds = {
  ttl: sweepInterval,
  maxBytes: 32 * 1024 * 1024,
  largest: 0,
  mostRead: 0,
};

const writtenLater = (run: () => void): (() => void) => systemClock.after(writeDelay, run);

/** `vault`: what all replicas of a cluster keep; asked for when the store is opened. */
export function managedResponses(
  log: Log,
  vault?: () => ResponseVault | undefined,
  clock: Clock = systemClock,
): ManagedResponses {
  let settings: Settings | undefined;
  let opened: { file: string; store: ResponseStore; endSweeps: () => void } | undefined;
  /** Of a store whose file is gone: it waits for the next. */
  let unwritten: Unwritten | undefined;
  let inMemory: ResponseStore | undefined;
  let rotated: ReturnType<typeof rotatedKeys> = [];
  // A file that cannot be opened is reported once, and answers go on without it.
  let unusable: { file: string; until: number } | undefined;
  let lastProblem: string | undefined;

  /** `gone`: the file that is open is not the one in its place any more. */
  function close(gone = false): void {
    if (opened === undefined) return;
    opened.endSweeps();
    const left = opened.store.close(gone);
    if (gone) unwritten = left;
    opened = undefined;
  }

  function warn(sentence: string, file: string, error: unknown): void {
    const reason = reasonOf(error);
    if (reason === lastProblem) return;
    lastProblem = reason;
    log.warn(sentence, { file, error: reason });
  }

  function open({ file, keeps: _keeps, ...bounds }: Settings): ResponseStore {
    const { database, movedAside, isInPlace } = openResponseDatabase(file);
    if (movedAside !== undefined)
      log.warn('the file of kept responses could not be read; it was moved aside', { file, movedAside });
    const onProblem = (error: unknown) => {
      warn('kept responses cannot be read or written', file, error);
      if (!isInPlace()) followPlace(store);
    };
    const own = createResponseStore({
      ...bounds,
      database,
      now: systemClock.now,
      later: writtenLater,
      onProblem,
    });
    // Other replicas have it: it is for this file alone.
    for (const answer of unwritten?.answers ?? []) own.keep(answer);
    for (const { id, client } of unwritten?.owned ?? []) own.own([id], client);
    unwritten = undefined;
    const shared = vault?.();
    const store: ResponseStore =
      shared === undefined
        ? own
        : sharedResponses({
            vault: shared,
            own,
            ttl: () => settings?.ttl ?? bounds.ttl,
            largest: () => settings?.largest ?? bounds.largest,
            onProblem,
          });
    if (rotated.length > 0) store.takeOver(rotated);
    const endSweeps = clock.every(sweepInterval, () => {
      if (isInPlace()) store.sweep();
      else followPlace(store);
    });
    opened = { file, store, endSweeps };
    return store;
  }

  /** Where another file stands in the place of that of the store, or none, that is opened, and what waits goes there. */
  function followPlace(store: ResponseStore): void {
    // In a turn of its own: the store may be in the middle of what has shown it.
    clock.after(0, () => {
      if (opened?.store !== store) return;
      log.warn(
        'the file of kept responses is not the one that was opened any more: what is there now is used',
        { file: opened.file },
      );
      close(true);
      if (settings !== undefined) inFile(settings);
    });
  }

  /** The store in the file; undefined when that cannot be used. */
  function inFile(wanted: Settings): ResponseStore | undefined {
    if (opened !== undefined) return opened.store;
    if (unusable?.file === wanted.file && clock.monotonic() < unusable.until) return undefined;
    try {
      const store = open(wanted);
      if (unusable !== undefined) log.info('responses are kept again', { file: wanted.file });
      unusable = undefined;
      lastProblem = undefined;
      return store;
    } catch (error) {
      unusable = { file: wanted.file, until: clock.monotonic() + retryAfter };
      warn('responses are not kept: the file cannot be opened', wanted.file, error);
      return undefined;
    }
  }

  return {
    store: () => (settings?.keeps ? inFile(settings) : undefined),
    owners() {
      const stored = settings && inFile(settings);
      if (stored !== undefined) return inMemory === undefined ? stored : inBoth(stored, inMemory);
      inMemory ??= createResponseStore({
        ...memoryBounds,
        database: openResponseDatabase(':memory:').database,
        now: systemClock.now,
        later: writtenLater,
        onProblem: (error) => warn('whose ids are whose cannot be kept', ':memory:', error),
      });
      return inMemory;
    },
    configure({ responses, bounds, 'auth-dir': directory, 'api-keys': keys }) {
      rotated = rotatedKeys(keys);
      const file = join(directory, '.responses.sqlite');
      settings = {
        file,
        keeps: responses.store,
        ttl: responses.ttl,
        maxBytes: responses['max-bytes'],
        largest: bounds['stored-response'],
        mostRead: bounds['unpacked-request'],
      };
      unusable = undefined;
      lastProblem = undefined;
      if (opened !== undefined && opened.file !== file) close();
      else opened?.store.bound(settings);
      if (rotated.length > 0) opened?.store.takeOver(rotated);
    },
    close: () => close(),
  };
}

/** What was given while there was no file stays with whom it was given to; what is given now goes into the file. */
function inBoth(stored: OwnedIds, before: OwnedIds): OwnedIds {
  return {
    ...stored,
    isForeign: (id, client) => stored.isForeign(id, client) || before.isForeign(id, client),
  };
}
