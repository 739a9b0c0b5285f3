/** What other replicas ask of this one while a console is open on them: what runs here, and what has ended since they asked last. */
import type { Clock } from '../ground/clock.ts';
import type { Live } from './live.ts';
import type { Overview, RequestRow } from './wire.ts';

/** A message of one replica to another's console. */
export interface LivePart {
  /** To be given with the next question. */
  mark: number;
  ended: RequestRow[];
  running: RequestRow[];
  minutes: Overview['minutes'];
}

export interface LiveFeed {
  /** What has ended since this mark; without one, from now on. */
  since(mark: number | undefined): LivePart;
}

export interface LiveFeedSource {
  live: Pick<Live, 'watch' | 'minutes'>;
  running: () => RequestRow[];
  clock: Pick<Clock, 'after' | 'now'>;
}

/** Rows that are kept for the next question, and ms without one after which none are. */
const mostKept = 500;
const patience = 10_000;

export function liveFeed({ live, running, clock }: LiveFeedSource): LiveFeed {
  let kept: RequestRow[] = [];
  /** How many have been seen: the mark of the last of them. */
  let seen = 0;
  let end: (() => void) | undefined;
  let callOff: (() => void) | undefined;

  function goOn(): void {
    end ??= live.watch((row) => {
      seen += 1;
      kept.push(row);
      if (kept.length > mostKept) kept = kept.slice(-mostKept);
    });
    callOff?.();
    callOff = clock.after(patience, () => {
      end?.();
      end = undefined;
      kept = [];
    });
  }

  return {
    since(mark) {
      goOn();
      const fresh = mark === undefined || mark > seen ? 0 : Math.min(seen - mark, kept.length);
      const ended = fresh === 0 ? [] : kept.slice(-fresh);
      return { mark: seen, ended, running: running(), minutes: live.minutes(clock.now()) };
    },
  };
}
