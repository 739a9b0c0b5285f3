/** Where a signed-in account's token comes from; it changes while the gateway runs. */
export interface TokenSource {
  /** The token in force; undefined when it has run out and must be renewed before anything else. Costs nothing. */
  current(): string | undefined;
  /**
   * A token other than `rejected`, which an upstream answered with 401 (undefined after `current()` gave none). One refresh at
   * a time serves everybody who waits, and goes on when they leave. When the token in force already differs from
   * `rejected`, that one is the answer.
   */
  renew(rejected: string | undefined): Promise<Renewed>;
}

export type Renewed =
  | { ok: true; token: string }
  /** `signInAgain`: only a new login helps. The message is for people. */
  | { ok: false; message: string; signInAgain: boolean };
