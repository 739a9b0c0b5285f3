/** What this process remembers of its refreshes, so that a spent refresh token is recognised when it comes back. */
import { refreshTokenDigest } from './account-file.ts';
import type { JournaledReply } from './reply-journal.ts';

export interface Renewals {
  /** What a refresh replied, with the token that it was given for: this token is spent. */
  remember(
    file: string,
    spent: string | undefined,
    tokens: JournaledReply['tokens'],
    facts: JournaledReply['facts'],
  ): JournaledReply;
  /** The reply that replaced this refresh token, in whatever file it was: files are renamed and copied. */
  after(refreshToken: string | undefined): JournaledReply | undefined;
  forget(file: string): void;
}

/** Copies older than this many refreshes are not in anybody's editor any more. */
const REMEMBERED = 16;

export function createRenewals(): Renewals {
  const files = new Map<string, { spent: readonly string[]; latest: JournaledReply }>();
  return {
    remember(file, spentToken, tokens, facts) {
      const spent = spentToken === undefined ? undefined : refreshTokenDigest(spentToken);
      const reply: JournaledReply = { spent, tokens, facts };
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
      return reply;
    },
    after(refreshToken) {
      if (refreshToken === undefined) return undefined;
      const digest = refreshTokenDigest(refreshToken);
      for (const { spent, latest } of files.values()) if (spent.includes(digest)) return latest;
      return undefined;
    },
    forget: (file) => void files.delete(file),
  };
}
