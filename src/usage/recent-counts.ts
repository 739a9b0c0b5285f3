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
  pieces: { piece: number; success: number; failed: number }[];
}

export function recentCounter(): RecentCounter {
  /** In the order of their last use. */
  const known = new Map<string, Counts>();
  let latest: string | undefined;

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
      const found = credentials.flatMap((id) => known.get(id) ?? []);
      const last = Math.floor(now / countedSpan);
      const recent = Array.from({ length: spans }, (_, index): CountedSpan => {
        const piece = last - spans + 1 + index;
        const counted = found.flatMap(({ pieces }) => {
          const one = pieces[piece % spans];
          return one?.piece === piece ? [one] : [];
        });
        return {
          from: piece * countedSpan,
          success: sum(counted.map(({ success }) => success)),
          failed: sum(counted.map(({ failed }) => failed)),
        };
      });
      return {
        success: sum(found.map(({ success }) => success)),
        failed: sum(found.map(({ failed }) => failed)),
        recent,
      };
    },
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
