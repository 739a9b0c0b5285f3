/** How each credential's attempts went lately: in memory, in pieces of ten minutes, for lists that people look at. */
import type { UsageRecord, UsageSink } from './record.ts';

/** A piece of time. */
export interface CountedSpan {
  /** ms since the epoch. */
  from: number;
  success: number;
  failed: number;
}

/** Since the start of the program. */
export interface RecentCounts {
  success: number;
  failed: number;
  /** The last {@link spans}, oldest first. */
  recent: readonly CountedSpan[];
}

export interface RecentCounter extends UsageSink {
  /** Of these credentials together. */
  of(credentials: readonly string[], now: number): RecentCounts;
  /** When a credential was asked last, in ms since the epoch; undefined where it was not since the start. */
  last(credential: string): number | undefined;
}

/** Milliseconds of a piece, and how many are kept. */
export const countedSpan = 10 * 60_000;
const spans = 20;
/** Credentials that are remembered; beyond, those that were used longest ago are forgotten. */
const mostCredentials = 10_000;

interface Counts {
  success: number;
  failed: number;
  last: number;
  /** By the number of the piece, modulo {@link spans}. */
  pieces: ({ piece: number; success: number; failed: number } | undefined)[];
}

export function recentCounter(): RecentCounter {
  /** In the order of their last use. */
  const known = new Map<string, Counts>();
  let latest: string | undefined;
  let idle: { last: number; recent: readonly CountedSpan[] } | undefined;

  /** Of all that have not been used lately. */
  function idleSpans(last: number): readonly CountedSpan[] {
    if (idle?.last !== last) idle = { last, recent: emptySpans(last) };
    return idle.recent;
  }

  function count(credential: string, well: boolean, at: number): void {
    const counts = known.get(credential) ?? { success: 0, failed: 0, last: 0, pieces: [] };
    if (credential !== latest) {
      latest = credential;
      known.delete(credential);
      known.set(credential, counts);
      const oldest = known.size > mostCredentials ? known.keys().next() : undefined;
      if (oldest?.done === false) known.delete(oldest.value);
    }
    const piece = Math.floor(at / countedSpan);
    const place = piece % spans;
    let now = counts.pieces[place];
    if (now?.piece !== piece) {
      now = { piece, success: 0, failed: 0 };
      counts.pieces[place] = now;
    }
    if (at > counts.last) counts.last = at;
    counts[well ? 'success' : 'failed'] += 1;
    now[well ? 'success' : 'failed'] += 1;
  }

  return {
    add({ at, attempts }: UsageRecord) {
      for (const { credential, startedAt, reason } of attempts)
        if (reason !== 'unanswered') count(credential.id, reason === 'answered', at + startedAt);
    },
    last: (credential) => known.get(credential)?.last,
    of(credentials, now) {
      const last = Math.floor(now / countedSpan);
      let recent: CountedSpan[] | undefined;
      let [success, failed] = [0, 0];
      for (const id of credentials) {
        const counts = known.get(id);
        if (counts === undefined) continue;
        success += counts.success;
        failed += counts.failed;
        recent ??= emptySpans(last);
        for (const piece of counts.pieces) {
          // Places that were never counted in are empty.
          if (piece === undefined) continue;
          const shown = recent[piece.piece - last + spans - 1];
          if (shown === undefined) continue;
          shown.success += piece.success;
          shown.failed += piece.failed;
        }
      }
      return { success, failed, recent: recent ?? idleSpans(last) };
    },
  };
}

function emptySpans(last: number): CountedSpan[] {
  return Array.from({ length: spans }, (_, at) => ({
    from: (last - spans + 1 + at) * countedSpan,
    success: 0,
    failed: 0,
  }));
}
