/** Copies of one login beside its file: whatever name it has, the newest token is in it. */

import { dirname, join } from 'node:path';
import type { Clock } from '../ground/clock.ts';
import { type ContentDeps, changeContent, readContent } from './account-content.ts';
import { accountFilesIn } from './account-directory.ts';
import { applyTokens, parseAccount, refreshTokenDigest, refreshTokenIn } from './account-file.ts';
import type { JournaledReply } from './reply-journal.ts';

/**
 * Writes a reply into every other account file of the directory that holds the spent refresh token: the same file after it was
 * renamed, and copies, which would be worth nothing otherwise. Gives how many were written; one that cannot be is left.
 */
export async function writeToCopies(
  path: string,
  { spent, tokens, facts }: JournaledReply,
  deps: ContentDeps & { now: Clock['now'] },
): Promise<number> {
  const next = tokens.refreshToken;
  if (spent === undefined || next === undefined || refreshTokenDigest(next) === spent) return 0;
  const directory = dirname(path);
  const names = await accountFilesIn(directory);
  let count = 0;
  for (const file of names.ok ? names.files.map((name) => join(directory, name)) : []) {
    if (file === path) continue;
    const holds = (text: string): boolean => {
      const inFile = refreshTokenIn(text);
      return inFile !== undefined && refreshTokenDigest(inFile) === spent;
    };
    const found = await readContent(file, deps);
    if (!found.ok || !holds(found.content.text)) continue;
    const changed = await changeContent(
      file,
      {
        apply(text) {
          const parsed = parseAccount(file, text);
          return holds(text) && parsed.ok
            ? applyTokens(text, parsed.account.kind, tokens, facts, deps.now())
            : undefined;
        },
      },
      deps,
    );
    if (changed.ok && changed.written) count += 1;
  }
  return count;
}
