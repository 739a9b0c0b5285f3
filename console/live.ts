/** What the gateway is doing, as it changes: one event stream a browser. Lost connections keep the last data, and say so. */
import { batch, computed, signal } from '@preact/signals';
import { changedRows, emptyOverview } from '../src/console/frame.ts';
import type { AccountRow, Frame, Me, Overview, RequestRow } from '../src/console/wire.ts';
import { root } from './address.ts';
import { ask } from './api.ts';
import { noRequests, withRequests } from './request-list.ts';
import { signedOut } from './signed-in.ts';

export const overview = signal<Overview | undefined>(undefined);
export const accounts = signal<AccountRow[] | undefined>(undefined);
const ended = signal(noRequests);
/** Those that have ended, the newest first. */
export const requests = computed(() => ended.value.rows);
export const running = signal<RequestRow[]>([]);
/** Those that run, and after them those that have ended. */
export const runningAndEnded = computed(() => {
  const { rows, ids } = ended.value;
  const still = running.value.filter(({ id }) => !ids.has(id));
  return still.length === 0 ? rows : [...still, ...rows];
});
/** Undefined while the stream holds; else when it is tried again, in ms since the epoch. */
export const lostUntil = signal<number | undefined>(undefined);

/** The live list holds no more. */
export const mostRequests = 10_000;
/** Requests of one answer, and what is asked for first. */
const page = { first: 200, most: 500 };
const shortestPause = 1000;
const longestPause = 15_000;

/** Between the tabs of a browser: one of them has the stream, as a browser opens six connections to a host and no more. */
type Message =
  | { kind: 'hello' }
  | { kind: 'frame'; frame: Frame }
  | { kind: 'lost'; until: number | undefined };

/** Requests of the store, the newest first; `next` is null where there are no more. */
interface KeptPage {
  requests: RequestRow[];
  next: string | null;
}

const name = 'console-live';

export function openLive(): () => void {
  const leaving = new AbortController();
  const { signal: left } = leaving;
  const channel = new BroadcastChannel(name);
  const post = (message: Message): void => channel.postMessage(message);
  let leads = false;
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.kind === 'hello') {
      if (leads) post({ kind: 'frame', frame: whole() });
    } else if (!leads && data.kind === 'frame') take(data.frame);
    else if (!leads && data.kind === 'lost') lostUntil.value = data.until;
  };
  const lead = (): Promise<void> => {
    leads = true;
    readStream(left, post);
    return new Promise((resolve) => left.addEventListener('abort', () => resolve()));
  };
  const follow = async (): Promise<void> => {
    post({ kind: 'hello' });
    void catchUp();
    await navigator.locks.request(name, { signal: left }, lead);
  };
  // Only pages of a secure origin have locks, this computer's among them; elsewhere each tab has its own stream.
  if (!('locks' in navigator)) void lead();
  else
    void navigator.locks
      .request(name, { ifAvailable: true }, (free) => (free === null ? 'taken' : lead()))
      .then((state) => (state === 'taken' && !left.aborted ? follow() : undefined))
      .catch(() => {
        // The tab was left before its turn came.
      });
  return () => {
    leaving.abort();
    channel.close();
    lostUntil.value = undefined;
  };
}

/** Reads the stream until the tab is left, and passes it on to the other tabs. */
function readStream(left: AbortSignal, post: (message: Message) => void): void {
  let source: EventSource | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  let pause = shortestPause;
  const lost = (until: number | undefined): void => {
    lostUntil.value = until;
    post({ kind: 'lost', until });
  };
  const connect = (): void => {
    source = new EventSource(new URL('api/events', root));
    source.onopen = () => {
      lost(undefined);
      pause = shortestPause;
      void catchUp().then((ended) => {
        if (ended.length > 0) post({ kind: 'frame', frame: { ended } });
      });
    };
    source.onmessage = ({ data }) => {
      const frame: Frame = JSON.parse(data);
      take(frame);
      post({ kind: 'frame', frame });
    };
    source.onerror = () => {
      source?.close();
      lost(Date.now() + pause);
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
  left.addEventListener('abort', () => {
    clearTimeout(again);
    source?.close();
  });
  connect();
}

/** Requests that ended while the stream was not read: returns the unknown ones, the oldest first. */
async function catchUp(): Promise<RequestRow[]> {
  try {
    const known = ended.value.ids;
    const missed: RequestRow[] = [];
    let before: string | null = '';
    // Page by page until it reaches what is known: the list has no gap after a connection that was lost for long.
    do {
      const { requests: kept, next }: KeptPage = await ask(
        `requests?limit=${before === '' ? page.first : page.most}&before=${before}`,
      );
      const more = kept.filter(({ id }) => !known.has(id));
      missed.push(...more);
      before = known.size > 0 && more.length === kept.length ? next : null;
    } while (before !== null && missed.length < mostRequests);
    addRequests(missed);
    return missed.toReversed();
  } catch {
    // Without a store of usage there is nothing to catch up with.
    return [];
  }
}

/** All that is known, for a tab that has just been opened. */
function whole(): Frame {
  return {
    ...(overview.value && { overview: overview.value }),
    ...(accounts.value && {
      accounts: { rows: accounts.value, order: accounts.value.map(({ id }) => id) },
    }),
    running: running.value,
  };
}

/** Puts requests into the live list, whose rows have no gaps; the newest first. */
export function addRequests(rows: readonly RequestRow[]): void {
  if (rows.length > 0) ended.value = withRequests(ended.value, rows, mostRequests);
}

/** What a frame changes is drawn at once. */
function take(frame: Frame): void {
  batch(() => {
    if (frame.overview) overview.value = { ...emptyOverview, ...overview.value, ...frame.overview };
    if (frame.accounts) accounts.value = changedRows(accounts.value ?? [], frame.accounts);
    if (frame.running) running.value = frame.running;
    addRequests(frame.ended?.toReversed() ?? []);
  });
}
