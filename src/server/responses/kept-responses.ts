/** The store of kept answers as the configuration wants it: opened with the first answer, bounded anew on a reload. */
import { join } from 'node:path';
import type { Config } from '../../config/schema.ts';
import type { Log } from '../../telemetry/log.ts';
import { openResponseStore, type ResponseStore } from './response-store.ts';

export interface KeptResponses {
  /** Undefined when none are kept. */
  store: () => ResponseStore | undefined;
  configure(config: Config): void;
  close(): void;
}

/** Milliseconds between an answer and its place on disk. */
const writeDelay = 1000;

export function keptResponses(log: Log): KeptResponses {
  let settings: { file: string; ttl: number; maxBytes: number } | undefined;
  let opened: { file: string; store: ResponseStore } | undefined;
  // A file that cannot be opened is said once, and answers go on without it.
  let unusable: string | undefined;

  function close(): void {
    opened?.store.close();
    opened = undefined;
  }

  return {
    store() {
      if (settings === undefined || settings.file === unusable) return undefined;
      if (opened !== undefined) return opened.store;
      try {
        const store = openResponseStore({
          ...settings,
          now: Date.now,
          later(run) {
            const timer = setTimeout(run, writeDelay);
            timer.unref();
            return () => clearTimeout(timer);
          },
        });
        opened = { file: settings.file, store };
        return store;
      } catch (error) {
        unusable = settings.file;
        log.warn('responses are not kept: the file cannot be opened', {
          file: settings.file,
          error: error instanceof Error ? error.message : String(error),
        });
        return undefined;
      }
    },
    configure({ responses, 'auth-dir': directory }) {
      const file = join(directory, 'responses.sqlite');
      settings = responses.store ? { file, ttl: responses.ttl, maxBytes: responses['max-bytes'] } : undefined;
      unusable = undefined;
      if (opened !== undefined && opened.file !== settings?.file) close();
      else if (settings !== undefined) opened?.store.bound(settings);
    },
    close,
  };
}
