/** Texts that every replica of a cluster reads, each for its time: what is between a browser and the gateway, not a replica of it. */
import type { Clock } from '../../ground/clock.ts';
import type { SharedTexts } from '../ports.ts';
import type { Valkey } from './connection.ts';

export function valkeyTexts(valkey: Valkey, clock: Pick<Clock, 'now'>): SharedTexts {
  const keyOf = (name: string): string => valkey.key(`text:${name}`);
  /** Undefined where Valkey is away, or gives no answer within the limit of time of its commands. */
  async function asked<Answer>(
    read: (reply: unknown) => Answer,
    command: string,
    ...words: (string | number)[]
  ): Promise<Answer | undefined> {
    if (valkey.engine.state.kind === 'down') return undefined;
    try {
      return read(await valkey.send(command, ...words));
    } catch {
      return undefined;
    }
  }
  const textOf = (reply: unknown): string | null => (typeof reply === 'string' ? reply : null);
  const isDone = (reply: unknown): boolean => reply === 'OK';

  return {
    get: (name, ms) =>
      ms === undefined
        ? asked(textOf, 'GET', keyOf(name))
        : asked(textOf, 'GETEX', keyOf(name), 'PX', Math.ceil(ms)),
    async put(name, text, ms) {
      await asked(isDone, 'SET', keyOf(name), text, 'PX', Math.ceil(ms));
    },
    add: (name, text, ms) => asked(isDone, 'SET', keyOf(name), text, 'NX', 'PX', Math.ceil(ms)),
    async note(list, name, ms) {
      await asked(isDone, 'ZADD', keyOf(list), Math.ceil(valkey.offset.shared(clock.now()) + ms), name);
      // As long as any name may stay on it.
      await asked(isDone, 'PEXPIRE', keyOf(list), longestList);
    },
    async noted(list) {
      const now = Math.floor(valkey.offset.shared(clock.now()));
      await asked(isDone, 'ZREMRANGEBYSCORE', keyOf(list), '-inf', `(${now}`);
      const pairs = await asked(textsOf, 'ZREVRANGE', keyOf(list), 0, mostNames - 1, 'WITHSCORES');
      return pairs?.flatMap((name, at) =>
        at % 2 === 0 ? [{ name, until: valkey.offset.local(Number(pairs[at + 1])) }] : [],
      );
    },
  };
}

/** Names of a list, and ms that one is kept without a further name. */
const mostNames = 1000;
const longestList = 30 * 24 * 3600_000;

function textsOf(reply: unknown): string[] {
  return Array.isArray(reply) ? reply.map(String) : [];
}
