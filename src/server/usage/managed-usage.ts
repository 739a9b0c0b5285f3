/** The usage store as the configuration wants it: opened with it, written and swept in the background, closed at the end. */
import type { UsageVault } from '../../cluster/ports.ts';
import { rotatedKeys } from '../../config/client-keys.ts';
import { keyId } from '../../config/hashed-key.ts';
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../ground/clock.ts';
import {
  closeDatabase,
  isUseless,
  moveAside,
  NewerDatabase,
  type OpenedDatabase,
} from '../../ground/database-file.ts';
import { reasonOf } from '../../ground/reason.ts';
import type { Log } from '../../telemetry/log.ts';
import { rebuildDays } from '../../usage/day-rebuild.ts';
import {
  clusterSecret,
  type Digests,
  digested,
  digestsWith,
  installSecret,
  knownSecret,
  secretFor,
} from '../../usage/digest.ts';
import { type LocalDays, localDays, ownTimezone } from '../../usage/local-day.ts';
import type { OwnUsageStore, UsageMissing } from '../../usage/open-usage.ts';
import { type PriceList, priceList } from '../../usage/price-list.ts';
import type { UsageRecord, UsageSink } from '../../usage/record.ts';
import { sweep } from '../../usage/retention.ts';
import { openUsageDatabase, usageFile } from '../../usage/usage-database.ts';
import { createUsageStore, type UsageStore, type WaitingRecord } from '../../usage/usage-store.ts';
import type { SharedUsage } from './shared-usage.ts';

export interface ManagedUsage extends UsageSink {
  configure(config: UsageConfig): Promise<void>;
  /** The store with all that has ended until now in it, or why there is none. */
  open(): Promise<OwnUsageStore | UsageMissing>;
  /** Takes in requests of elsewhere that are not there yet, and gives how many; undefined where there is no store. */
  take(records: readonly UsageRecord[]): number | undefined;
  /** The prices in force. */
  prices(): PriceList;
  /** A secret of this installation, of a cluster the same for all replicas: also where no usage is kept. */
  secretFor(purpose: string): Promise<Uint8Array>;
  /** Records that were lost because they could not be written for long. */
  lost(): number;
  /** Called with the ms that each batch took to be written, from now on. */
  onWritten(handler: (ms: number) => void): void;
  /** Resolves when what ended here is with the other replicas, or on the disk. */
  close(): Promise<void>;
}

export type UsageConfig = Pick<Config, 'usage' | 'auth-dir' | 'prices'> &
  Partial<Pick<Config, 'api-keys' | 'auth-encryption-key' | 'model-routes'>>;

/** Milliseconds between looks for what is too old, and between two portions of it. */
const sweepEvery = 60_000;
const sweepPause = 1000;
/** Records that wait for a file that cannot be opened: beyond that the older half goes. */
const mostEarly = 20_000;
/** Milliseconds after which a file that could not be opened is tried again. */
const retryAfter = 60_000;

interface Place {
  directory: string;
  timezone: string;
}

/** What ended while no store was open; with `digests` it was in one before, which could not write it. */
type EarlyRecord = Pick<WaitingRecord, 'record'> & Partial<WaitingRecord>;

interface Opened extends Pick<OpenedDatabase, 'isInPlace'> {
  store: UsageStore;
  days: LocalDays;
  digests: Digests;
  place: Place;
  /** Of a replica: what goes to the others, and comes from them. */
  shared?: SharedUsage;
  /** All that it consists of is there: it takes what ends. */
  ready?: boolean;
}

/** `vault`: the usage of all replicas of a cluster. */
export function managedUsage(log: Log, clock: Clock, vault?: () => UsageVault | undefined): ManagedUsage {
  let settings: UsageConfig | undefined;
  let prices = priceList({});
  let opened: Opened | undefined;
  let missing: UsageMissing = disabled;
  let warned: string | undefined;
  let retry: (() => void) | undefined;
  /** The file that could not be opened at the last try: once it can be, that is logged. */
  let unopened: string | undefined;
  /** A file that was opened again because it was broken. */
  let suspect: string | undefined;
  let sweeper: (() => void) | undefined;
  let closed = false;
  /** How often a store was to be opened or closed: only the last counts. */
  let opening = 0;
  /** By stores that are closed, and of what never came into one. */
  let lostBefore = 0;
  /** That could not be written down: it holds for this run. */
  let unwritten: { directory: string; secret: Uint8Array } | undefined;
  let written: ((ms: number) => void) | undefined;
  /** Ended while no store was open, though there shall be one. */
  let early: EarlyRecord[] = [];

  function warn(sentence: string, file: string, error: unknown): void {
    const reason = reasonOf(error);
    // A full disk stays full: once is enough.
    if (warned === reason) return;
    warned = reason;
    log.warn(sentence, { file, error: reason });
  }

  /** What ends while the file cannot be opened, or is being opened, waits for it as what cannot be written does. */
  function keepForStore(record: UsageRecord): void {
    if (closed || settings?.usage.enable !== true) return;
    early.push({ record });
    if (early.length <= mostEarly) return;
    lostBefore += early.length - mostEarly / 2;
    early = early.slice(-mostEarly / 2);
  }

  function takeEarly(): void {
    if (opened === undefined) return;
    opened.ready = true;
    const waited = early;
    early = [];
    for (const { record, digests } of waited)
      if (digests === undefined) addTo(opened, record);
      else opened.store.add(record, digests);
  }

  function addTo({ store, shared }: Opened, record: UsageRecord): void {
    store.add(record);
    shared?.add(record);
  }

  function loseEarly(): void {
    lostBefore += early.length;
    early = [];
  }

  /** `gone`: the file that is open is not the one in its place any more. */
  function closeStore(gone = false): Promise<void> {
    const sharing = opened?.shared?.close() ?? Promise.resolve();
    sweeper?.();
    retry?.();
    sweeper = undefined;
    retry = undefined;
    opening += 1;
    if (opened !== undefined) {
      const { store } = opened;
      early = [...store.close(gone), ...early];
      lostBefore += store.counts().lost;
      opened = undefined;
    }
    return sharing;
  }

  /** What all replicas make digests with, or this process alone. */
  async function secretOf(directory: string): Promise<Uint8Array> {
    const setting = vault?.() === undefined ? undefined : settings?.['auth-encryption-key'];
    if (setting !== undefined) {
      const { readEncryptionKey } = await import('../../accounts/encryption-key.ts');
      const read = await readEncryptionKey(setting);
      if (read.ok) return clusterSecret(read.key);
    }
    const before = unwritten?.directory === directory ? unwritten.secret : undefined;
    let isWritten = true;
    const secret = await installSecret(
      directory,
      (sentence) => {
        isWritten = false;
        if (before === undefined) log.warn(sentence);
      },
      before,
    );
    unwritten = isWritten ? undefined : { directory, secret };
    return secret;
  }

  async function share({ store, digests, place }: Opened): Promise<void> {
    const shared = vault?.();
    if (shared === undefined) return;
    const { sharedUsage } = await import('./shared-usage.ts');
    if (opened?.store !== store) return;
    opened.shared = sharedUsage({
      vault: shared,
      directory: place.directory,
      digests,
      clock,
      take(records) {
        if (opened?.store !== store) return false;
        store.take(records, digested);
        return true;
      },
      keep: () => settings?.usage['keep-requests'] ?? Number.POSITIVE_INFINITY,
      onProblem: (error) => warn('usage of other replicas cannot be taken in', place.directory, error),
    });
  }

  async function openStore(place: Place): Promise<void> {
    const file = usageFile(place.directory);
    opening += 1;
    const turn = opening;
    const secret = await secretOf(place.directory);
    // Another was opened meanwhile, or none shall be.
    if (turn !== opening) return;
    try {
      opened = openedAt(place, secret);
      await share(opened);
      takeEarly();
      sweeper = clock.every(sweepEvery, sweepAll);
      if (unopened === file) writtenAgain(file);
      unopened = undefined;
    } catch (error) {
      unopened = file;
      // A file of a later version stays as it is until that version is back.
      if (error instanceof NewerDatabase) loseEarly();
      missing = {
        ok: false,
        code: 'usage_unavailable',
        sentence: `Usage is not kept: ${reasonOf(error)}.`,
      };
      warn(
        error instanceof NewerDatabase
          ? 'usage is not kept: the file is of a later version of this program; it is left as it is'
          : 'usage is not kept: the file cannot be opened',
        file,
        error,
      );
      retry = clock.after(retryAfter, () => void openStore(place));
    }
  }

  /** The store in the file that is there, or in a new one where that is of no use. */
  function openedAt(place: Place, secret: Uint8Array): Opened {
    const file = usageFile(place.directory);
    const found = openUsageDatabase(file);
    if (found.movedAside !== undefined) warnMoved(file, found.movedAside);
    try {
      return storeIn(found, place, secret);
    } catch (error) {
      closeDatabase(found.database);
      // The beginning of the file is sound, and what comes behind it is not.
      if (!isUseless(error)) throw error;
      warnMoved(file, moveAside(file));
      return storeIn(openUsageDatabase(file), place, secret);
    }
  }

  function storeIn({ database, isInPlace }: OpenedDatabase, place: Place, secret: Uint8Array): Opened {
    const file = usageFile(place.directory);
    const days = localDays(place.timezone);
    const digests = digestsWith(secret);
    const store: UsageStore = createUsageStore({
      database,
      digests,
      days,
      clock,
      onWritten: (ms) => written?.(ms),
      onProblem(error, useless) {
        warn('usage cannot be written; requests go on, and it is tried again', file, error);
        if (useless) reopen(place);
        else if (opened?.store === store) followPlace(opened);
      },
      onRefused: (error) =>
        warn('a request cannot be written into the usage history: it is left out', file, error),
      onRecovery: () => writtenAgain(file),
    });
    rebuildDays(database, days, clock);
    return { store, isInPlace, days, digests, place };
  }

  /**
   * Another file may stand where the one was that is open, or none: it was deleted, restored, or its file system was repaired and mounted anew. Then
   * that is opened, and what waits goes there.
   */
  function followPlace({ store, isInPlace, place }: Opened): void {
    if (isInPlace()) return;
    const file = usageFile(place.directory);
    clock.after(0, () => {
      if (opened?.store !== store || closed) return;
      log.warn('the file of usage is not the one that was opened any more: what is there now is used', {
        file,
      });
      warned = undefined;
      void closeStore(true);
      void openStore(place);
    });
  }

  function writtenAgain(file: string): void {
    warned = undefined;
    log.info('usage is written again', { file });
  }

  function warnMoved(file: string, movedAside: string): void {
    log.warn('the file of usage could not be read; it was moved aside, and a new one begins', {
      file,
      movedAside,
    });
  }

  /**
   * A file that has broken while it was in use goes aside as one that was found so: at once where opening it shows that it is
   * broken, else when it could not be written again.
   */
  function reopen(place: Place): void {
    clock.after(0, () => {
      if (opened?.place !== place || closed) return;
      void closeStore();
      const file = usageFile(place.directory);
      if (suspect === file) warnMoved(file, moveAside(file));
      suspect = suspect === file ? undefined : file;
      void openStore(place);
    });
  }

  function sweepAll(): void {
    if (opened === undefined || settings === undefined) return;
    followPlace(opened);
    const { 'keep-requests': keepRequests, 'keep-hours': keepHours, 'max-size': maxSize } = settings.usage;
    try {
      if (sweep(opened.store.database, { keepRequests, keepHours, maxSize }, clock.now()))
        clock.after(sweepPause, sweepAll);
    } catch (error) {
      warn('old usage cannot be deleted', usageFile(opened.place.directory), error);
    }
  }

  /** What this process has kept before it was a replica is that of the same keys. */
  async function takeOverOwn(): Promise<void> {
    if (opened?.shared === undefined) return;
    const { store, digests, place } = opened;
    const secret = await knownSecret(place.directory);
    if (secret === undefined || opened?.store !== store) return;
    const before = digestsWith(secret);
    const ids = (settings?.['api-keys'] ?? []).map(({ key }) => keyId(key));
    store.flushNow();
    store.rename(ids.map((id) => ({ before: before.key(id), now: digests.key(id) })));
  }

  /** What a key has used that was replaced is that of the key in its place. */
  function takeOverRotated(): void {
    const rotated = rotatedKeys(settings?.['api-keys'] ?? []);
    if (opened === undefined || rotated.length === 0) return;
    const { store, digests, place } = opened;
    try {
      // What waits was counted under the key before.
      store.flushNow();
      store.rename(
        rotated.map(({ before, now }) => ({ before: digests.key(before), now: digests.key(now) })),
      );
    } catch (error) {
      warn('usage of a key that was replaced stays under that key', usageFile(place.directory), error);
    }
  }

  return {
    add(record: UsageRecord) {
      if (opened?.ready) addTo(opened, record);
      else keepForStore(record);
    },
    async configure(next) {
      settings = next;
      prices = priceList(next.prices, next['model-routes']);
      const { enable, timezone = ownTimezone() } = next.usage;
      if (!enable) {
        await closeStore();
        loseEarly();
        missing = disabled;
        return;
      }
      const place = { directory: next['auth-dir'], timezone };
      if (opened?.place.directory !== place.directory || opened.place.timezone !== timezone) {
        await closeStore();
        warned = undefined;
        await openStore(place);
        await takeOverOwn();
      }
      takeOverRotated();
    },
    async open() {
      if (opened === undefined) return missing;
      const { store, days, digests, shared } = opened;
      await store.flush();
      await shared?.catchUp();
      return opened === undefined ? missing : { ok: true, database: store.database, days, digests };
    },
    take: (records) => opened?.store.take(records),
    prices: () => prices,
    async secretFor(purpose) {
      if (settings === undefined) throw new Error('a secret is wanted before there is a configuration');
      return secretFor(purpose, await secretOf(settings['auth-dir']));
    },
    onWritten(handler) {
      written = handler;
    },
    lost: () => lostBefore + (opened?.store.counts().lost ?? 0),
    close() {
      closed = true;
      const sharing = closeStore();
      loseEarly();
      return sharing;
    },
  };
}

const disabled: UsageMissing = {
  ok: false,
  code: 'usage_disabled',
  sentence: 'Usage is not kept (usage.enable).',
};
