/** How a request gets a slot at credentials that serve only so many requests at a time. */

import type { Concurrency, Slots, Ticket } from '../credentials/concurrency.ts';
import type { Credential } from '../credentials/credential.ts';
import type { Lease } from '../credentials/pool.ts';
import type { Clock } from '../ground/clock.ts';

/** The slots that running requests hold. */
export type HeldSlots = WeakMap<Lease, Slots>;

export interface SlotSeeker {
  /** Whether all places of a credential are taken; who finds that out may wait for one. */
  isFull(credential: Credential): boolean;
  /** A choice is made: `lease` takes its place; without one, the place that was granted goes to the next. */
  chosen(lease: Lease | undefined): void;
  /** The credentials found full since the last choice. */
  readonly full: ReadonlySet<Credential>;
  /** The request seeks no more: a place that was granted and not taken goes to the next. */
  end(): void;
  /** Waits for a place at one of those. False when too many wait, it took too long, or the client has left. */
  wait(): Promise<boolean>;
}

/** Milliseconds that a request waits for a place: an answer takes seconds to minutes, a client's patience ends sooner. */
const longestQueueing = 60_000;

export function seekSlots(
  concurrency: Concurrency,
  heldSlots: HeldSlots,
  clock: Clock,
  signal: AbortSignal,
): SlotSeeker {
  const full = new Set<Credential>();
  let ticket: Ticket | undefined;

  function endTicket(): void {
    if (ticket !== undefined) concurrency.end(ticket);
    ticket = undefined;
  }

  return {
    full,
    end: endTicket,
    isFull(credential) {
      const { places } = credential;
      if (places === undefined || concurrency.hasSlot(places, ticket)) return false;
      full.add(credential);
      return true;
    },
    chosen(lease) {
      if (lease !== undefined) {
        full.clear();
        const { places } = lease.candidate.credential;
        if (places !== undefined) {
          concurrency.enter(places);
          heldSlots.set(lease, places);
        }
      }
      endTicket();
    },
    async wait() {
      const wanted = new Map([...full].flatMap(({ places }) => (places ? [[places.key, places]] : [])));
      const { promise, resolve } = Promise.withResolvers<boolean>();
      ticket = concurrency.wait([...wanted.values()], () => resolve(true));
      if (ticket === undefined || signal.aborted) {
        endTicket();
        return false;
      }
      const giveUp = (): void => resolve(false);
      const callOff = clock.after(longestQueueing, giveUp);
      signal.addEventListener('abort', giveUp);
      const granted = await promise;
      callOff();
      signal.removeEventListener('abort', giveUp);
      if (granted) full.clear();
      // A place that was granted in the same instant as the wait was given up goes to the next.
      else endTicket();
      return granted;
    },
  };
}
