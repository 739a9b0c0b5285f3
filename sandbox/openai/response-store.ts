/** Answers that the Responses emulation keeps (`store`), for `previous_response_id` and for items named by their id. */
import type { JsonObject } from '../json.ts';

const managedResponses = 1000;

export interface ResponseStore {
  /** The whole conversation up to and with the answer, as input items; undefined when the id is unknown. */
  conversation(id: string): JsonObject[] | undefined;
  item(id: string): JsonObject | undefined;
  keep(id: string, conversation: JsonObject[], output: JsonObject[]): void;
}

/** A store of the latest thousand answers. */
export function responseStore(): ResponseStore {
  const conversations = new Map<string, { items: JsonObject[]; output: JsonObject[] }>();
  const items = new Map<string, JsonObject>();
  return {
    conversation: (id) => conversations.get(id)?.items,
    item: (id) => items.get(id),
    keep(id, conversation, output) {
      conversations.set(id, { items: conversation, output });
      for (const item of output) if (typeof item.id === 'string') items.set(item.id, item);
      for (const [oldest, forgotten] of conversations) {
        if (conversations.size <= managedResponses) break;
        conversations.delete(oldest);
        for (const item of forgotten.output) if (typeof item.id === 'string') items.delete(item.id);
      }
    },
  };
}
