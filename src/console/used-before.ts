/** When credentials were used last, as the store has it: asked now and then while somebody looks, for all accounts at once. */
import type { AskedUsage } from '../management/usage-answers.ts';
import { lastUses } from '../usage/last-uses.ts';
import type { UsedBefore } from './account-rows.ts';

/** Milliseconds for which an answer holds: what happens in this process is counted, other replicas report theirs. */
const fresh = 5 * 60_000;
const nothing: UsedBefore = new Map();

/** The result gives what is known at `now`, in ms since the epoch. */
export function keptUses(usage: AskedUsage): (now: number) => Promise<UsedBefore> {
  let asked = Number.NEGATIVE_INFINITY;
  let uses: Promise<UsedBefore> = Promise.resolve(nothing);

  async function read(now: number): Promise<UsedBefore> {
    const open = await usage.open();
    return open.ok ? (await lastUses(open.database, now)).credentials : nothing;
  }

  return (now) => {
    if (now - asked >= fresh) {
      asked = now;
      uses = read(now).catch(() => nothing);
    }
    return uses;
  };
}
