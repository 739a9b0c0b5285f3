/** Notices that a configuration file, or the `.env` file beside it, has changed, however it was changed. */
import { resolve } from 'node:path';
import { type Clock, systemClock } from '../ground/clock.ts';
import { watchDirectory } from '../ground/directory-watch.ts';
import { readConfigText } from './config-text.ts';
import { envFileOf, variablesFor } from './env-file.ts';
import type { Environment } from './environment.ts';
import { type ConfigResult, digestOf, loadConfig, parseConfig } from './load.ts';
import { concerns, type Place, symlinkChain } from './symlink-chain.ts';

export interface WatchOptions {
  env?: Environment;
  /** Digest of the text that is in use (`ConfigResult.digest`): a change since then is reported at once. */
  digest?: string;
  /** What `${NAME}` means in the text that is in use (`variables` of it): the same holds for another meaning. */
  variables?: Environment;
  /** What gives the text in the place of the file's own, of which it may be a part. */
  read?: ((file: string) => Promise<string>) | undefined;
  /** Quiet time in ms after the last event before the file is read; editors write in several steps. */
  debounceMs?: number;
  /** Time in ms between two looks at the file without any event: bind mounts and network file systems send none. */
  rescanMs?: number;
  clock?: Clock;
}

export interface ConfigWatch {
  /** Looks at the file now instead of at the next event; settles when `onChange` has been called, if at all. */
  check(): Promise<void>;
  /** A text with this digest is in force already: it is not reported. */
  knows(digest: string): void;
  close(): void;
}

/** Ms after which a file that is still empty or gone is so on purpose: a write in two steps has ended by then. */
const confirmation = 300;

/**
 * Calls `onChange` with each new state of the file: a configuration, or what is wrong with it. Edits in place, atomic
 * renames and swapped symlinks are seen; equal content, and a file that is empty or gone only for a moment, are not
 * reported; one that stays so is, {@link confirmation} later. A value in `.env` counts as a change of the file where the file names the variable. What happens to other files in the same directory, such as a log, costs no look and puts
 * none off. Never throws; `onChange` must not either.
 */
export function watchConfig(
  path: string,
  onChange: (result: ConfigResult) => void,
  {
    env = process.env,
    digest,
    variables,
    read = readConfigText,
    debounceMs = 150,
    rescanMs = 5000,
    clock = systemClock,
  }: WatchOptions = {},
): ConfigWatch {
  const file = resolve(path);
  /** Both by identity of the directory. */
  let places = new Map<string, Place>();
  /** What ends the watch of each. */
  const watches = new Map<string, () => void>();
  let seen = digest;
  let known = variables;
  let closed = false;
  let cancelPending: (() => void) | undefined;
  let running: Promise<void> = Promise.resolve();

  /** `settled` is false right after an event, when a writer may be between two steps. */
  const look = (settled: boolean): Promise<void> => {
    running = running.then(async () => {
      if (closed) return;
      await watchDirectories();
      const text = await read(file).catch(() => undefined);
      if (closed) return;
      const now = text === undefined ? 'unreadable' : digestOf(text);
      const meant = await variablesFor(path, env);
      if (closed) return;
      seen ??= now;
      known ??= meant;
      if (now === seen && !meansAnother(text ?? '', known, meant)) return;
      if (!text?.trim() && !settled) {
        cancelPending?.();
        cancelPending = clock.after(confirmation, () => look(true));
        return;
      }
      seen = now;
      known = meant;
      const result =
        text === undefined
          ? await loadConfig(path, { env })
          : parseConfig(text, { file: path, env, variables: meant });
      if (!closed) onChange(result);
    });
    return running;
  };

  const onEvent = () => {
    cancelPending?.();
    cancelPending = clock.after(debounceMs, () => look(false));
  };

  const watchDirectories = async () => {
    places = await symlinkChain(file, envFileOf(file));
    if (closed) return;
    for (const [identity, stop] of watches)
      if (!places.has(identity)) {
        stop();
        watches.delete(identity);
      }
    for (const [identity, { directory }] of places)
      if (!watches.has(identity)) watchPlace(identity, directory);
  };

  const watchPlace = (identity: string, directory: string) => {
    const stop = watchDirectory(
      directory,
      (name) => {
        const place = places.get(identity);
        if (place === undefined || concerns(place, name)) onEvent();
      },
      // The next look watches it again, if it is still there.
      () => watches.delete(identity),
    );
    if (stop !== undefined) watches.set(identity, stop);
  };

  void look(false);
  const stopRescan = clock.every(rescanMs, () => look(true));
  return {
    check: () => look(true),
    knows(now) {
      seen = now;
    },
    close() {
      closed = true;
      cancelPending?.();
      stopRescan();
      for (const stop of watches.values()) stop();
      watches.clear();
    },
  };
}

/** Whether a variable that the text names has another value than before; comments name some, too, which costs a reload. */
function meansAnother(text: string, before: Environment, now: Environment): boolean {
  if (before === now) return false;
  for (const [, name = ''] of text.matchAll(/\$\{(\w+)/g)) if (before[name] !== now[name]) return true;
  return false;
}
