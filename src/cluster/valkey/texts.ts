/** Texts that every replica of a cluster reads, each for its time: what is between a browser and the gateway, not a replica of it. */
import type { SharedTexts } from '../ports.ts';
import type { Valkey } from './connection.ts';

export function valkeyTexts(valkey: Valkey): SharedTexts {
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
    swap: (name, text, ms) => asked(textOf, 'SET', keyOf(name), text, 'PX', Math.ceil(ms), 'GET'),
  };
}
