/** What this process remembers of its refreshes, so that a spent refresh token is recognised when it comes back. */
import { refreshTokenDigest } from './account-file.ts';
import type { JournaledReply } from './reply-journal.ts';

export interface Renewals {
  remember(file: string, reply: JournaledReply): void;
  /** The reply that replaced this refresh token, be it the last or an earlier one of the file. */
  after(file: string, refreshToken: string | undefined): JournaledReply | undefined;
  forget(file: string): void;
}

/** Copies older than this many refreshes are not in anybody's editor any more. */
const REMEMBERED = 16;

export function createRenewals(): Renewals {
  const files = new Map<string, { spent: readonly string[]; latest: JournaledReply }>();
  return {
    remember(file, reply) {
      const { spent, tokens } = reply;
      const next = tokens.refreshToken === undefined ? undefined : refreshTokenDigest(tokens.refreshToken);
      const known = files.get(file);
      const knownNext = known?.latest.tokens.refreshToken;
      // Another login in between: what was spent before belongs to a login that is over.
      const follows = knownNext !== undefined && refreshTokenDigest(knownNext) === spent;
      if (spent === undefined || next === undefined) files.delete(file);
      else if (spent !== next)
        files.set(file, {
          spent: [...(follows && known ? known.spent : []), spent].slice(-REMEMBERED),
          latest: reply,
        });
      else if (known && follows) files.set(file, { spent: known.spent, latest: reply });
    },
    after(file, refreshToken) {
      const known = files.get(file);
      if (!known || refreshToken === undefined) return undefined;
      return known.spent.includes(refreshTokenDigest(refreshToken)) ? known.latest : undefined;
    },
    forget: (file) => void files.delete(file),
  };
}
