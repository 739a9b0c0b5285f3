/** What becomes of the keys of a file: for `config check`. */
import type { ConfigPlace } from './problem.ts';

/** One for each key that a file has, whichever entries of a list have it (`gemini-api-key[].prefix`). */
export type KeyNote = ConfigPlace &
  (
    | { state: 'taken' }
    /** Another spelling: it counts as `as`. */
    | { state: 'translated'; as: string }
    | { state: 'ignored'; reason: string }
  );
