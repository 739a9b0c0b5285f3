/** What the gateway is doing, as it changes: one event stream a page. Lost connections keep the last data, and say so. */
import { signal } from '@preact/signals';
import { changedRows } from '../src/console/frame.ts';
import type { AccountRow, Frame, Me, Overview, RequestRow } from '../src/console/wire.ts';
import { root } from './address.ts';
import { ask } from './api.ts';
import { signedOut } from './signed-in.ts';

export const overview = signal<Overview | undefined>(undefined);
export const accounts = signal<AccountRow[] | undefined>(undefined);
/** The newest first. */
export const requests = signal<RequestRow[]>([]);
export const running = signal<RequestRow[]>([]);
/** Undefined while the stream holds; else when it is tried again, in ms since the epoch. */
export const lostUntil = signal<number | undefined>(undefined);

/** Before the first frame, which has all of it. */
const emptyOverview: Overview = {
  state: { accounts: 0, ready: 0, sandbox: false },
  problems: [],
  minutes: [],
  failures: [],
  pools: [],
  today: null,
  yesterday: null,
};
const mostRequests = 10_000;
const longestPause = 15_000;

let source: EventSource | undefined;
let pause = 1000;

export function openLive(): () => void {
  let closed = false;
  let again: ReturnType<typeof setTimeout> | undefined;
  const connect = (): void => {
    if (closed) return;
    source = new EventSource(new URL('api/events', root));
    source.onopen = () => {
      lostUntil.value = undefined;
      pause = 1000;
    };
    source.onmessage = ({ data }) => take(JSON.parse(data));
    source.onerror = () => {
      source?.close();
      lostUntil.value = Date.now() + pause;
      again = setTimeout(() => {
        // A session that has ended looks like a lost connection: this asks, and signs out where it has.
        ask<Me>('session')
          .then(({ signedIn }) => {
            if (signedIn === null) signedOut();
          })
          .catch(() => undefined);
        connect();
      }, pause);
      pause = Math.min(longestPause, pause * 2);
    };
  };
  void ask<{ requests: RequestRow[] }>('requests?limit=200')
    .then(({ requests: kept }) => {
      const known = new Set(requests.value.map(({ id }) => id));
      requests.value = [...requests.value, ...kept.filter(({ id }) => !known.has(id))];
    })
    .catch(() => undefined);
  connect();
  return () => {
    closed = true;
    clearTimeout(again);
    lostUntil.value = undefined;
    source?.close();
  };
}

function take(frame: Frame): void {
  if (frame.overview) overview.value = { ...emptyOverview, ...overview.value, ...frame.overview };
  if (frame.accounts) accounts.value = changedRows(accounts.value ?? [], frame.accounts);
  if (frame.running) running.value = frame.running;
  if (frame.ended) {
    const ended = new Set(frame.ended.map(({ id }) => id));
    requests.value = [
      ...frame.ended.toReversed(),
      ...requests.value.filter(({ id }) => !ended.has(id)),
    ].slice(0, mostRequests);
  }
}
