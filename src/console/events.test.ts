import { expect, test } from 'bun:test';
import { createEvents } from './events.ts';
import type { Look } from './frame.ts';
import type { Frame, RequestRow } from './wire.ts';

const look: Look = {
  accounts: [],
  overview: {
    ...{
      state: { accounts: 1, ready: 1, cooling: [], coolingCount: 0, sandbox: false, away: [] },
      problems: [],
      minutes: [],
      failures: [],
    },
    ...{ pools: [], today: null, yesterday: null },
  },
};

function deps() {
  let looks = 0;
  let tick: (() => void) | undefined;
  const watchers = new Set<(row: RequestRow) => void>();
  const events = createEvents({
    live: {
      watch(seen) {
        watchers.add(seen);
        return () => void watchers.delete(seen);
      },
    },
    clock: {
      every(_ms, run) {
        tick = run;
        return () => {
          tick = undefined;
        };
      },
    },
    async look() {
      looks += 1;
      return look;
    },
    running: () => [],
  });
  return {
    events,
    looks: () => looks,
    isWatching: () => tick !== undefined || watchers.size > 0,
    /** So many frames' times pass. */
    async pass(times: number) {
      for (let time = 0; time < times; time++) {
        tick?.();
        await new Promise(setImmediate);
      }
    },
  };
}

function read(stream: Response | undefined): { next(): Promise<string>; leave(): Promise<void> } {
  const reader = stream?.body?.getReader();
  return {
    next: async () => new TextDecoder().decode((await reader?.read())?.value),
    leave: async () => void (await reader?.cancel()),
  };
}

const frameIn = (text: string): Frame => JSON.parse(text.replace(/^data: /, ''));

test('with no console open nothing is looked at; the last that closes ends it', async () => {
  const { events, looks, isWatching, pass } = deps();
  await pass(100);
  expect([looks(), isWatching()]).toEqual([0, false]);
  const one = read(events.stream(new AbortController().signal));
  const leaving = new AbortController();
  const other = read(events.stream(leaving.signal));
  await Promise.all([one.next(), other.next()]);
  await one.leave();
  expect(isWatching()).toBe(true);
  leaving.abort();
  expect(isWatching()).toBe(false);
});

test('many open consoles cost one look, and each gets the whole first', async () => {
  const { events, looks, pass } = deps();
  const readers = Array.from({ length: 20 }, () => read(events.stream(new AbortController().signal)));
  const first = await Promise.all(readers.map(({ next }) => next()));
  expect(new Set(first).size).toBe(1);
  expect(frameIn(first[0] ?? '').overview).toEqual(look.overview);
  // Eight frames are one look at what costs more.
  await pass(16);
  expect(looks()).toBe(3);
  const late = read(events.stream(new AbortController().signal));
  expect(frameIn(await late.next()).overview).toEqual(look.overview);
  expect(looks()).toBe(3);
  for (const { leave } of [...readers, late]) await leave();
});

test('nothing new for a while is a comment that keeps the connection, no data', async () => {
  const { events, pass } = deps();
  const reader = read(events.stream(new AbortController().signal));
  await reader.next();
  await pass(61);
  expect(await reader.next()).toStartWith(': ');
  await reader.leave();
});

test('a gateway that stops ends every stream, and nothing is looked at any more', async () => {
  const { events, isWatching } = deps();
  const streams = [1, 2].map(() => events.stream(new AbortController().signal));
  const texts = streams.map((stream) => stream?.text());
  events.end();
  expect((await Promise.all(texts)).length).toBe(2);
  expect(isWatching()).toBe(false);
});

test('beyond the bound no stream is opened', () => {
  const { events } = deps();
  const streams = Array.from({ length: 33 }, () => events.stream(new AbortController().signal));
  expect(streams.map((stream) => stream !== undefined)).toEqual([...Array(32).fill(true), false]);
});
