/** The store of kept answers as the configuration wants it: opened with the first answer, bounded anew on a reload. */
import { join } from 'node:path';
import type { Config } from '../../config/schema.ts';
import type { Log } from '../../telemetry/log.ts';
import { openResponseDatabase } from './response-database.ts';
import { createResponseStore, type ResponseStore, type StoreBounds } from './response-store.ts';

export interface KeptResponses {
  /** Undefined when none are kept. */
  store: () => ResponseStore | undefined;
  configure(config: Config): void;
  close(): void;
}

/** Milliseconds between an answer and its place on disk. */
const writeDelay = 1000;

/** Milliseconds after which answers that have become too old are deleted, though nothing new comes. */
const sweepInterval = 600_000;

interface Settings extends StoreBounds {
  file: string;
}

export function keptResponses(log: Log): KeptResponses {
  let settings: Settings | undefined;
  let opened: { file: string; store: ResponseStore; sweeper: Timer } | undefined;
  // A file that cannot be opened is said once, and answers go on without it.
  let unusable: string | undefined;
  let lastProblem: string | undefined;

  function close(): void {
    if (opened === undefined) return;
    clearInterval(opened.sweeper);
    opened.store.close();
    opened = undefined;
  }

  function warn(sentence: string, file: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (reason === lastProblem) return;
    lastProblem = reason;
    log.warn(sentence, { file, error: reason });
  }

  function open({ file, ...bounds }: Settings): ResponseStore {
    const { database, movedAside } = openResponseDatabase(file);
    if (movedAside !== undefined)
      log.warn('the file of kept responses could not be read; it was moved aside', { file, movedAside });
    const store = createResponseStore({
      ...bounds,
      database,
      now: Date.now,
      later(run) {
        const timer = setTimeout(run, writeDelay);
        timer.unref();
        return () => clearTimeout(timer);
      },
      onProblem: (error) => warn('kept responses cannot be read or written', file, error),
    });
    const sweeper = setInterval(store.sweep, sweepInterval);
    sweeper.unref();
    opened = { file, store, sweeper };
    return store;
  }

  return {
    store() {
      if (settings === undefined || settings.file === unusable) return undefined;
      if (opened !== undefined) return opened.store;
      try {
        return open(settings);
      } catch (error) {
        unusable = settings.file;
        warn('responses are not kept: the file cannot be opened', settings.file, error);
        return undefined;
      }
    },
    configure({ responses, bounds, 'auth-dir': directory }) {
      const file = join(directory, '.responses.sqlite');
      settings = responses.store
        ? { file, ttl: responses.ttl, maxBytes: responses['max-bytes'], largest: bounds['stored-response'] }
        : undefined;
      unusable = undefined;
      lastProblem = undefined;
      if (opened !== undefined && opened.file !== settings?.file) close();
      else if (settings !== undefined) opened?.store.bound(settings);
    },
    close,
  };
}
