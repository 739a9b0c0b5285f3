/**
 * The conversations of WebSocket connections, up to and including each of their latest answers: bounded in number and size for each of
 * them, and in size for all of them together. A removed one can no longer be continued by its id.
 */
import type { Bounds } from '../../config/bounds.ts';
import { workedAtOnce } from '../../gateway/yield-for.ts';
import { yieldToEventLoop } from '../../ground/steps.ts';
import type { JsonObject } from '../../protocols/json.ts';

/** That of one connection. */
export interface ConnectionHistory {
  /** The conversation up to and including an answer, oldest first. */
  conversation(id: string): JsonObject[] | undefined;
  /** Whether {@link conversation} has one. */
  has(id: string): boolean;
  /** Stores an answer with the conversation before it: on this connection, or elsewhere. */
  keep(id: string, before: { id: string } | SizedItems, added: SizedItems): void;
  clear(): void;
}

/** Items of a conversation, and their length as JSON; invalid items take no bytes. */
export interface SizedItems {
  items: JsonObject[];
  bytes: number;
}

export interface ConnectionHistories {
  open(): ConnectionHistory;
  /** Bytes that all of them hold, as JSON. */
  readonly bytes: number;
}

type HistoryBounds = Pick<Bounds, 'connection-history' | 'all-connections-history'>;

/** Answers that are remembered of one connection: far above what clients go on from. */
const remembered = 16;

/** The items of one exchange. Conversations that continue each other share earlier ones. */
interface Turn extends SizedItems {
  /** Entries that hold it. */
  holders: number;
}

interface Entry {
  turns: readonly Turn[];
  forget(): void;
}

/** `bounds`: those in force. */
export function connectionHistories(bounds: () => HistoryBounds): ConnectionHistories {
  /** Of all connections, the oldest first. */
  const all = new Set<Entry>();
  let total = 0;

  function open(): ConnectionHistory {
    const entries = new Map<string, Entry>();
    let held = 0;

    function count(bytes: number): void {
      held += bytes;
      total += bytes;
    }

    function hold(turns: readonly Turn[]): void {
      for (const turn of turns) if (turn.holders++ === 0) count(turn.bytes);
    }

    function enter(id: string, turns: readonly Turn[]): void {
      entries.get(id)?.forget();
      const entry: Entry = {
        turns,
        forget() {
          if (!all.delete(entry)) return;
          entries.delete(id);
          for (const turn of turns) if (--turn.holders === 0) count(-turn.bytes);
        },
      };
      hold(turns);
      entries.set(id, entry);
      all.add(entry);
    }

    return {
      conversation: (id) => entries.get(id)?.turns.flatMap(({ items }) => items),
      has: (id) => entries.has(id),
      keep(id, before, added) {
        const earlier = 'id' in before ? entries.get(before.id)?.turns : [{ ...before, holders: 0 }];
        if (earlier === undefined) return;
        const { 'connection-history': own, 'all-connections-history': everybodys } = bounds();
        enter(id, [...earlier, { ...added, holders: 0 }]);
        forgetUntil(entries.values(), () => held <= own && entries.size <= remembered);
        forgetUntil(all, () => total <= everybodys);
      },
      clear() {
        forgetUntil(entries.values(), () => false);
      },
    };
  }

  return {
    open,
    get bytes() {
      return total;
    },
  };
}

/** The items with their length; long ones are measured in turns. */
export async function sizedItems(items: JsonObject[]): Promise<SizedItems> {
  let bytes = 0;
  let sinceTurn = 0;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item));
    bytes += size;
    sinceTurn += size;
    if (sinceTurn <= workedAtOnce) continue;
    sinceTurn = 0;
    await yieldToEventLoop();
  }
  return { items, bytes };
}

/** Lets go of one after the other. */
function forgetUntil(entries: Iterable<Entry>, enough: () => boolean): void {
  for (const entry of entries) {
    if (enough()) return;
    entry.forget();
  }
}
