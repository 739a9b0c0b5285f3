/**
 * Credentials that serve only so many requests at a time: their places, and who waits for one, first come first served.
 * State in memory; no clock.
 */

/** How many requests share what a credential may serve, and how many may wait. */
export interface Slots {
  /** What shares the places: an account, or a key. */
  key: string;
  places: number;
  /** Most that wait. */
  queue: number;
}

/** Requests that wait for a credential whose owner does not say how many may. */
const usualQueue = 16;

/** The places of a credential; undefined for one that serves as many requests as come. */
export function slotsOf(
  key: string,
  { concurrency, queue = usualQueue }: { concurrency?: number | undefined; queue?: number | undefined },
): Slots | undefined {
  return concurrency === undefined ? undefined : { key, places: concurrency, queue };
}

/** A waiting request: it waits until it is `granted` a slot, which no other can take then. */
export interface Ticket {
  readonly granted: string | undefined;
}

export interface Concurrency {
  /** Whether there is a place for one more; for who has been granted one, there is. */
  hasSlot(wanted: Slots, ticket: Ticket | undefined): boolean;
  /** A request takes a place. */
  enter(wanted: Slots): void;
  /** A request has ended: the first who waits is granted its place. */
  leave(wanted: Slots): void;
  /** Waits for the first of these places to come free; undefined when as many wait as may. `onGrant` is called once. */
  wait(wanted: readonly Slots[], onGrant: () => void): Ticket | undefined;
  /** Ends a wait, granted or not. A granted place that was not taken goes to the next. */
  end(ticket: Ticket): void;
  /** How many wait for this key. */
  waiting(key: string): number;
  /** How many wait, for whatever. */
  allWaiting(): number;
}

/** Places that several replicas share. */
export interface SharedSlots {
  /** How many of them this replica may use now. */
  allowed(key: string, places: number): number;
  /** One more is needed; `onMore` is called when there may be. */
  want(key: string, places: number): void;
  /** A request waits for one as long as this is true. */
  wanting(key: string, places: number, isWaiting: () => boolean): void;
  /** So many are in use here. */
  taken(key: string, places: number, taken: number): void;
  onMore(handler: (key: string) => void): void;
}

interface OpenTicket extends Ticket {
  granted: string | undefined;
  readonly wanted: readonly Slots[];
  readonly onGrant: () => void;
}

export function createConcurrency(shared?: SharedSlots): Concurrency {
  const running = new Map<string, number>();
  /** Places granted and not taken yet. */
  const promised = new Map<string, number>();
  /** In the order they came. */
  const queues = new Map<string, Set<OpenTicket>>();
  const tickets = new WeakMap<Ticket, OpenTicket>();

  const add = (counts: Map<string, number>, key: string, by: 1 | -1): void => {
    const count = (counts.get(key) ?? 0) + by;
    if (count > 0) counts.set(key, count);
    else counts.delete(key);
  };
  const taken = (key: string): number => (running.get(key) ?? 0) + (promised.get(key) ?? 0);
  const most = ({ key, places }: Slots): number => shared?.allowed(key, places) ?? places;

  function leaveQueues(ticket: OpenTicket): void {
    for (const { key } of ticket.wanted) {
      const queue = queues.get(key);
      queue?.delete(ticket);
      if (queue?.size === 0) queues.delete(key);
    }
  }

  function grant(wanted: Slots): void {
    const { key } = wanted;
    while (taken(key) < most(wanted)) {
      const [first] = queues.get(key) ?? [];
      if (first === undefined) return;
      leaveQueues(first);
      first.granted = key;
      add(promised, key, 1);
      shared?.taken(key, wanted.places, taken(key));
      first.onGrant();
    }
  }

  shared?.onMore((key) => {
    const [first] = queues.get(key) ?? [];
    const wanted = first?.wanted.find((one) => one.key === key);
    if (wanted !== undefined) grant(wanted);
  });

  return {
    hasSlot(wanted, ticket) {
      const { key, places } = wanted;
      const used = taken(key) - (ticket?.granted === key ? 1 : 0);
      if (used < most(wanted)) return true;
      if (used < places) shared?.want(key, places);
      return false;
    },
    enter({ key, places }) {
      add(running, key, 1);
      shared?.taken(key, places, taken(key));
    },
    leave(wanted) {
      add(running, wanted.key, -1);
      grant(wanted);
      shared?.taken(wanted.key, wanted.places, taken(wanted.key));
    },
    wait(wanted, onGrant) {
      // A slot from another replica is waited for by one request, independent of the queue's bound.
      const open = wanted.filter(
        (one) => (queues.get(one.key)?.size ?? 0) < Math.max(one.queue, most(one) < one.places ? 1 : 0),
      );
      if (open.length === 0) return undefined;
      const ticket: OpenTicket = { granted: undefined, wanted: open, onGrant };
      for (const { key } of open) {
        const queue = queues.get(key);
        if (queue === undefined) queues.set(key, new Set([ticket]));
        else queue.add(ticket);
      }
      tickets.set(ticket, ticket);
      for (const { key, places } of open)
        shared?.wanting(
          key,
          places,
          () => ticket.granted === undefined && queues.get(key)?.has(ticket) === true,
        );
      return ticket;
    },
    end(ticket) {
      const known = tickets.get(ticket);
      if (known === undefined) return;
      tickets.delete(ticket);
      leaveQueues(known);
      const { granted } = known;
      if (granted === undefined) return;
      add(promised, granted, -1);
      const wanted = known.wanted.find(({ key }) => key === granted);
      if (wanted === undefined) return;
      // Who was granted it has taken one beside it: what is in use comes first.
      shared?.taken(granted, wanted.places, taken(granted));
      grant(wanted);
    },
    waiting: (key) => queues.get(key)?.size ?? 0,
    allWaiting: () =>
      queues.size === 0 ? 0 : new Set([...queues.values()].flatMap((queue) => [...queue])).size,
  };
}
