/** What a check of `doctor` is given, and what it finds. */
import type { ConfigResult } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import { reasonOf } from '../../ground/reason.ts';

/** `skip`: it could not be looked at here, or needs the network. */
export type CheckState = 'ok' | 'warn' | 'fail' | 'skip';

export interface Finding {
  /** Stays the same over versions: scripts look for it. */
  id: string;
  state: CheckState;
  /** One sentence, without a secret. */
  message: string;
  /** A command or an edit that mends it; undefined where nothing needs to be. */
  fix?: string;
  /** Does what `--fix` may do by itself: nothing that loses anything. */
  mend?: () => Promise<void>;
}

export interface Examined {
  /** The config file by its absolute path, whether it is there or not. */
  file: string;
  /** Undefined where there is no file. */
  loaded: ConfigResult | undefined;
  /** What is in force; where the file has problems, the defaults with the `auth-dir` that it names. */
  config: Config;
  /** Whether {@link config} is the owner's: false where the file has problems. */
  isRead: boolean;
  env: Record<string, string | undefined>;
  home: string;
  /** Whether the network may be asked. */
  online: boolean;
  /** The server whose Date is compared with the clock. */
  clock: string;
  /** Milliseconds since 1970. */
  now: number;
}

export type Subject = (examined: Examined) => Promise<Finding[]>;

/** Milliseconds that anything outside may take. */
export const patience = 2_000;

/** Checks that are skipped while the config has problems: its settings are not in force. */
export const unread = (id: string): Finding => skip(id, 'The config has problems: fix those first.');

export const ok = (id: string, message: string): Finding => ({ id, state: 'ok', message });
export const skip = (id: string, message: string): Finding => ({ id, state: 'skip', message });
export const warn = (id: string, message: string, fix: string): Finding => ({
  id,
  state: 'warn',
  message,
  fix,
});
export const fail = (id: string, message: string, fix: string): Finding => ({
  id,
  state: 'fail',
  message,
  fix,
});

/** What went wrong, to go on in a sentence. */
export function reasonWithin(error: unknown): string {
  return reasonOf(error).replace(/\.+$/, '');
}

/** A word that a shell takes as it is. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
