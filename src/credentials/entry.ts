/** A credential's place in one route: what strategies put in order. */
import type { Candidate } from './catalog.ts';
import type { Availability, CredentialState } from './credential-state.ts';
import type { Heap, HeapItem } from './heap.ts';

export interface Entry extends HeapItem {
  readonly candidate: Candidate;
  readonly state: CredentialState;
  readonly tier: Tier;
  /** Its place in the configuration, within its tier. */
  readonly place: number;
  where: Availability['kind'] | 'out';
  /** When it comes back, in ms since the epoch; 0 while it is ready. */
  until: number;
  /** When it last served, as a number that only grows; 0 when never. */
  served: number;
  /** Requests that its credential serves now. */
  inFlight: number;
  /** When its longest quota window begins anew, in ms since the epoch; infinite where nothing is known. */
  resetsAt: number;
  /** When spending what is left of that window must begin, so that nothing of it is lost; infinite where nothing is known. */
  dueAt: number;
  /** The strategy's own: lower comes first. */
  rank: number;
  /** Neighbours, in strategies that keep a queue. */
  before: Entry | undefined;
  after: Entry | undefined;
}

/** The candidates of one priority, by whether they may serve. */
export interface Tier {
  readonly ready: Order;
  readonly 'cooling-down': Heap<Entry>;
  readonly 'last-resort': Heap<Entry>;
  readonly reserved: Heap<Entry>;
}

/** The candidates of a tier that may serve now. None of its operations looks at all of them. */
export interface Order {
  add(entry: Entry): void;
  remove(entry: Entry): void;
  /** The next one, apart from those to be passed over; it stays where it is. */
  choose(passOver: (candidate: Candidate) => boolean): Entry | undefined;
  /** Notes that it serves a request; `turn` only grows. */
  serve(entry: Entry, turn: number): void;
  /** Puts it right after its load or quota has changed. */
  changed(entry: Entry): void;
  first(): Entry | undefined;
  readonly size: number;
}
