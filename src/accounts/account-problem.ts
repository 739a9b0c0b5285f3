/** What is wrong with an account file, for people and for what acts on it. */

export interface AccountProblem {
  /** Absolute path. */
  file: string;
  reason: AccountProblemReason;
  /** The field, `attributes.priority`; undefined when it is about the whole file. */
  key?: string | undefined;
  /** A sentence that begins with the file's name; never holds a token or a key. */
  message: string;
}

export type AccountProblemReason =
  /** There is no such file. */
  | 'gone'
  /** The file cannot be read. */
  | 'unreadable'
  /** No key, or the wrong one, for an encrypted file. */
  | 'encrypted'
  /** The content is not an account. */
  | 'invalid'
  /** The same login as another file, which is used in its place. */
  | 'duplicate'
  /** Another process works on the account and did not finish in time. */
  | 'busy'
  /** What keeps the accounts cannot be reached: worth another try in a moment. */
  | 'away'
  /** The directory cannot be written: no lock, no journal, no new content. */
  | 'unwritable';
