/** Warns of conversations whose beginning changes from turn to turn, so that no provider's prompt cache ever knows them. */
import type { Log } from '../../telemetry/log.ts';
import { type CacheTurn, cachedBehind, cacheStep } from '../../usage/prompt-cache.ts';
import type { UsageRecord, UsageSink } from '../../usage/record.ts';

/** Conversations that are remembered; the one quiet for longest goes first. */
const mostSessions = 5000;
/** Turns in a row that are no accident any more. */
const enoughToWarn = 3;
/** Milliseconds between two warnings. */
const pause = 10 * 60_000;

interface Watched {
  turn: CacheTurn;
  /** Turns in a row that were paid anew, and their tokens. */
  broken: number;
  again: number;
  warned: boolean;
}

export function promptCacheWatch(log: Pick<Log, 'warn'>, most = mostSessions): UsageSink {
  const sessions = new Map<string, Watched>();
  let quietUntil = 0;
  /** Conversations of which no warning was written for the sake of the pause. */
  let passed = 0;

  function warn(record: UsageRecord, { broken, again }: Watched): void {
    if (record.at < quietUntil) {
      passed += 1;
      return;
    }
    quietUntil = record.at + pause;
    const { protocol, served, passing, asked, id } = record;
    const upstream = passing?.upstream ?? protocol;
    log.warn(
      upstream === protocol
        ? 'the prompt cache is of no use to a conversation: its client changes what it has sent before'
        : 'the prompt cache is of no use to a conversation: its client, or the translation, changes what was sent before',
      {
        id,
        client: protocol,
        upstream,
        model: asked,
        credential: served?.credential.name,
        turns: broken,
        tokens_again: again,
        ...(passed > 0 && { others: passed }),
      },
    );
    passed = 0;
  }

  return {
    add(record) {
      const { session, served, usage, error, operation } = record;
      if (session === undefined || served === undefined || error !== undefined) return;
      if (operation !== 'generate' || usage.counted !== 'provider') return;
      const { input, cacheRead, cacheWrite, cacheWrite1h } = usage.tokens;
      const turn = {
        at: record.at,
        credential: served.credential.id,
        input,
        cacheRead,
        cacheWrite,
        cacheWrite1h,
      };
      const which = `${served.model}\n${session}`;
      const before = sessions.get(which);
      if (before === undefined && cachedBehind(turn).tokens === 0) return;
      const { again, because } = cacheStep(before?.turn, turn);
      const changed = because === 'changed';
      const watched: Watched = {
        turn,
        broken: changed ? (before?.broken ?? 0) + 1 : 0,
        again: changed ? (before?.again ?? 0) + again : 0,
        warned: before?.warned ?? false,
      };
      if (watched.broken >= enoughToWarn && !watched.warned) {
        watched.warned = true;
        warn(record, watched);
      }
      // In the order of their last turns.
      sessions.delete(which);
      sessions.set(which, watched);
      if (sessions.size > most)
        for (const oldest of sessions.keys()) {
          sessions.delete(oldest);
          break;
        }
    },
  };
}
