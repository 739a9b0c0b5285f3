/** The strategies by which a credential is chosen among those that may serve: each a way to keep them in order. */
import type { Candidate } from './catalog.ts';
import type { Entry, Order } from './entry.ts';
import { createHeap, type Heap } from './heap.ts';

export interface Strategy {
  /** For docs/routing.md. */
  summary: string;
  /** An empty order. `clock` is the lowest rank of the one before it, where there was one. */
  order: (clock: number) => Order;
  /** Whether the order changes when a request begins or ends elsewhere on the credential. */
  byLoad: boolean;
  /** Whether it reads quotas, and keeps credentials that have little left in reserve. */
  byQuota: boolean;
  /** Whether a weight of 0 or less takes a credential out. */
  byWeight: boolean;
}

export const strategyNames = [
  'round-robin',
  'fill-first',
  'weighted-round-robin',
  'least-busy',
  'quota-aware',
] as const;
export type StrategyName = (typeof strategyNames)[number];

/** Times that lie this close together count as one, in ms: among those the load decides. */
const resetGrain = 60_000;

export const strategies: Readonly<Record<StrategyName, Strategy>> = {
  'round-robin': {
    summary: 'each in turn: the one whose last request for this model is longest ago',
    order: turns,
    byLoad: false,
    byQuota: false,
    byWeight: false,
  },
  'fill-first': {
    summary: 'the first in the configuration until its quota is used up, then the second',
    order: () => ranking((a, b) => a.place < b.place),
    byLoad: false,
    byQuota: false,
    byWeight: false,
  },
  'weighted-round-robin': {
    summary: 'each in turn, in proportion to its `weight`, spread evenly; a weight of 0 or less excludes it',
    order: shares,
    byLoad: false,
    byQuota: false,
    byWeight: true,
  },
  'least-busy': {
    summary:
      'the one with the fewest requests in flight; of equals the one whose last request is longest ago',
    order: () => ranking((a, b) => (a.inFlight === b.inFlight ? longerIdle(a, b) : a.inFlight < b.inFlight)),
    byLoad: true,
    byQuota: false,
    byWeight: false,
  },
  'quota-aware': {
    summary:
      'the one that must start soonest to use up what is left of its longest quota window before the reset, since the rest expires then; a credential with less than 5 % left in any window is reserved until the reset; those that have not reported a quota yet come last',
    order: () =>
      ranking(
        (a, b) => {
          if (a.rank !== b.rank) return a.rank < b.rank;
          return a.inFlight === b.inFlight ? longerIdle(a, b) : a.inFlight < b.inFlight;
        },
        { comes: rankByReset, changes: rankByReset },
      ),
    byLoad: true,
    byQuota: true,
    byWeight: false,
  },
};

function rankByReset(entry: Entry): void {
  entry.rank = Math.floor(entry.dueAt / resetGrain);
}

function longerIdle(a: Entry, b: Entry): boolean {
  return a.served === b.served ? a.place < b.place : a.served < b.served;
}

/** Each in turn: a queue whose head serves and goes to its end. Who comes back from a cooldown joins at the end. */
function turns(): Order {
  let head: Entry | undefined;
  let tail: Entry | undefined;
  let size = 0;

  function append(entry: Entry): void {
    entry.before = tail;
    entry.after = undefined;
    if (tail === undefined) head = entry;
    else tail.after = entry;
    tail = entry;
  }
  function unlink(entry: Entry): void {
    if (entry.before === undefined) head = entry.after;
    else entry.before.after = entry.after;
    if (entry.after === undefined) tail = entry.before;
    else entry.after.before = entry.before;
    entry.before = undefined;
    entry.after = undefined;
  }

  return {
    add(entry) {
      append(entry);
      size += 1;
    },
    remove(entry) {
      unlink(entry);
      size -= 1;
    },
    choose(passOver) {
      let entry = head;
      while (entry !== undefined && passOver(entry.candidate)) entry = entry.after;
      return entry;
    },
    serve(entry, turn) {
      entry.served = turn;
      if (entry === tail) return;
      unlink(entry);
      append(entry);
    },
    changed() {},
    first: () => head,
    get size() {
      return size;
    },
  };
}

/** What a ranking does to an entry beside keeping its place in the heap: `comes` when it is added, `changes` when it is another. */
interface Ranks {
  comes?(entry: Entry): void;
  changes?(entry: Entry): void;
  serves?(entry: Entry): void;
}

/** The first by a comparison. */
function ranking(before: (a: Entry, b: Entry) => boolean, ranks: Ranks = {}): Order {
  const heap = createHeap<Entry>(before);
  return {
    add(entry) {
      ranks.comes?.(entry);
      heap.add(entry);
    },
    remove: heap.remove,
    choose: (passOver) => firstIn(heap, passOver),
    serve(entry, turn) {
      entry.served = turn;
      ranks.serves?.(entry);
      heap.moved(entry);
    },
    changed(entry) {
      ranks.changes?.(entry);
      heap.moved(entry);
    },
    first: heap.first,
    get size() {
      return heap.items.length;
    },
  };
}

/**
 * Smooth shares: a credential of weight w is due at (k + ½)/w of each round, and the first due one serves.
 * This is the Webster/Sainte-Laguë sequence: exact over a round, without bunches, and O(log n) a choice, where the usual
 * smooth weighted round-robin adds up all weights each time.
 */
function shares(begin: number): Order {
  let clock = begin;
  const share = (entry: Entry): number => 1 / Math.max(1, entry.candidate.credential.weight);
  return ranking((a, b) => (a.rank === b.rank ? longerIdle(a, b) : a.rank < b.rank), {
    comes(entry) {
      // Turns that passed during a cooldown are not made up for.
      entry.rank = entry.served === 0 ? clock + share(entry) / 2 : Math.max(entry.rank, clock);
    },
    serves(entry) {
      clock = Math.max(clock, entry.rank);
      entry.rank += share(entry);
    },
  });
}

/** The first of a heap that is not passed over. Those before it are few: what one request has tried. */
function firstIn(heap: Heap<Entry>, passOver: (candidate: Candidate) => boolean): Entry | undefined {
  const passed: Entry[] = [];
  let found = heap.first();
  while (found !== undefined && passOver(found.candidate)) {
    heap.remove(found);
    passed.push(found);
    found = heap.first();
  }
  for (const entry of passed) heap.add(entry);
  return found;
}
