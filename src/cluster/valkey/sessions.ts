/** Which candidate a conversation is bound to, for all replicas: prompt caches are the provider's, and cost what is not found in them. */

import { createHash } from 'node:crypto';
import type { SharedBindings } from '../../credentials/session-bindings.ts';
import type { Clock } from '../../ground/clock.ts';
import type { Notice } from '../gossip/shared-records.ts';
import type { Valkey } from './connection.ts';

/** Ms that a request waits to learn of its conversation. */
const longestWait = 5;

export function valkeySessions(
  valkey: Pick<Valkey, 'engine' | 'key' | 'send'>,
  notify: (notice: Notice) => void,
  clock: Pick<Clock, 'monotonic' | 'after'>,
): SharedBindings {
  // Clients choose the names of conversations: they may be long.
  const keyOf = (session: string): string =>
    valkey.key(`session:${createHash('sha256').update(session).digest('base64url').slice(0, 22)}`);
  /** The end of the time without waiting, by a monotonic clock: the last answer was late. */
  let lateUntil = 0;

  return {
    async find(session) {
      if (valkey.engine.state.kind === 'down' || clock.monotonic() < lateUntil) return undefined;
      const found = valkey.send('GET', keyOf(session)).then(
        (reply) => (typeof reply === 'string' ? reply : undefined),
        () => undefined,
      );
      const late = Promise.withResolvers<'late'>();
      // An answer that has come when the time is up is still taken in: the process may have been busy with something else.
      const callOff = clock.after(longestWait, () =>
        setImmediate(() => setImmediate(() => late.resolve('late'))),
      );
      const first = await Promise.race([found, late.promise]);
      callOff();
      if (first !== 'late') return first;
      lateUntil = clock.monotonic() + pause;
      void found.then(() => {
        lateUntil = 0;
      });
      return undefined;
    },
    put(session, candidate, ms, moved) {
      if (valkey.engine.state.kind === 'down') return;
      const life = Math.min(Math.max(1, Math.ceil(ms)), longestLife);
      valkey.send('SET', keyOf(session), candidate, 'PX', life).catch(() => undefined);
      if (moved) notify({ kind: 'session-moved', session, candidate });
    },
  };
}

/** Ms without waiting after an answer that was late and has not come yet. */
const pause = 250;
const longestLife = 30 * 24 * 3600_000;
