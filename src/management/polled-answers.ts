/** Answers that programs ask for again and again: each is made once for all who ask meanwhile, and holds for a while. */
import type { Clock } from '../ground/clock.ts';

/** Milliseconds for which an answer is given again, at least and at most. */
const shortest = 2000;
const longest = 30_000;
/** An answer holds for so many times as long as it took: of one core, those who poll get a hundredth. */
const rest = 100;
/** Answers that are kept: programs ask for the same in few forms. */
const mostKept = 4;

/** What was made last and is still the same may be given again: `before`. */
export type MakeAnswer<Key, Answer> = (key: Key, before: Answer | undefined) => Promise<Answer>;

/** One is made at a time, and none without a request for it. `now`: ms since the epoch. */
export function polledAnswers<Key, Answer>(
  make: MakeAnswer<Key, Answer>,
  now: Clock['now'],
): (key: Key) => Promise<Answer> {
  interface Kept {
    answer: Promise<Answer>;
    /** Undefined while it is made. */
    until: number | undefined;
  }
  const kept = new Map<Key, Kept>();
  let turn: Promise<unknown> = Promise.resolve();

  async function made(key: Key, before: Promise<Answer> | undefined): Promise<Answer> {
    const last = await before;
    const began = now();
    const answer = await make(key, last);
    const ended = now();
    const entry = kept.get(key);
    if (entry !== undefined)
      entry.until = ended + Math.min(longest, Math.max(shortest, rest * (ended - began)));
    return answer;
  }

  return (key) => {
    const before = kept.get(key);
    // A clock that was set back makes no answer hold for longer.
    if (before !== undefined && (before.until === undefined || isWithin(before.until - now())))
      return before.answer;
    const answer = turn.then(() => made(key, before?.answer));
    const entry = { answer, until: undefined };
    turn = answer.catch(() => {
      if (kept.get(key) === entry) kept.delete(key);
    });
    kept.delete(key);
    kept.set(key, entry);
    const [oldest] = kept.keys();
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
    return entry.answer;
  };
}

function isWithin(left: number): boolean {
  return left > 0 && left <= longest;
}
