/** Messages to one replica: published on a channel of its own, and lost where it is gone. Nothing of it throws. */
import type { ReplicaMessages } from '../ports.ts';
import type { Valkey } from './connection.ts';

/** `replica`: the id of this one. */
export function valkeyMessages(valkey: Valkey, replica: string): ReplicaMessages {
  const channelOf = (id: string): string => valkey.key(`to:${id}`);
  const handlers = new Set<(text: string) => void>();
  valkey.subscribe(
    channelOf(replica),
    (text) => {
      for (const handler of handlers) handler(text);
    },
    () => {},
  );
  return {
    async send(to, text) {
      if (valkey.engine.state.kind === 'down') return false;
      try {
        await valkey.send('PUBLISH', channelOf(to), text);
        return true;
      } catch {
        return false;
      }
    },
    onMessage: (handler) => void handlers.add(handler),
  };
}
