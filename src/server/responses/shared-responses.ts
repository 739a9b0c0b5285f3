/** The store of kept answers of a replica: its own, and beside it what all replicas keep. */
import type { ResponseVault } from '../../cluster/ports.ts';
import { parsedYielding } from '../../gateway/json-body.ts';
import { jsonInTurns } from '../../gateway/text-in-turns.ts';
import { isObject } from '../../protocols/json.ts';
import { asString } from '../../protocols/json-members.ts';
import { inputOfJson } from './input-items.ts';
import { state } from './protocol.ts';
import type { ResponseStore } from './response-store.ts';
import { idsOf } from './stored-response.ts';

export interface SharedOptions {
  vault: ResponseVault;
  /** This replica's. */
  own: ResponseStore;
  /** Milliseconds that an answer stays after it was made or last gone on from. */
  ttl: () => number;
  /** Characters of an answer with its input; larger ones are not kept. */
  largest: () => number;
  onProblem: (error: unknown) => void;
}

/**
 * What this replica keeps is found at once, as without a cluster; what it does not know is fetched before it is looked for. Every
 * answer is with the others before its client has the end of it.
 */
export function sharedResponses({ vault, own, ttl, largest, onProblem }: SharedOptions): ResponseStore {
  const stopListening = vault.onForgotten((id, client) => void own.forget(id, client));

  return {
    ...own,
    shared: true,
    async keep(stored) {
      own.keep(stored);
      const { id, client, previous, native, response, lengths } = stored;
      const input = stored.input.json();
      const output = await jsonInTurns(response, lengths?.response ?? 0);
      // The store of this replica reports that it is too large.
      if (input.length + output.length > largest()) return;
      const items = state.itemsOf(response).flatMap((item) => asString(item.id) ?? []);
      await vault.keep({
        id,
        client,
        previous,
        native,
        input,
        response: output,
        items,
        owned: idsOf(stored),
      });
    },
    async fetch(ids, client) {
      const unknown = ids.filter((id) => !own.knows(id, client));
      if (unknown.length === 0) return;
      const { answers, owners } = await vault.find(unknown, client, ttl());
      for (const { id, previous, native, input, response } of answers) {
        const parsed = await parsedYielding(response);
        if (!isObject(parsed)) continue;
        own.keep({ id, client, previous, native, response: parsed, input: inputOfJson(input) });
      }
      for (const { id, client: owner } of owners) own.own([id], owner);
    },
    own(ids, client) {
      own.own(ids, client);
      void vault.own(ids, client);
    },
    forget(id, client) {
      void vault.forget(id, client).catch(onProblem);
      return own.forget(id, client);
    },
    takeOver(rotated) {
      own.takeOver(rotated);
      void vault.takeOver(rotated);
    },
    sweep() {
      own.sweep();
      void vault.sweep(ttl());
    },
    close(gone) {
      stopListening();
      return own.close(gone);
    },
  };
}
