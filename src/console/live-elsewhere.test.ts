import { expect, test } from 'bun:test';
import { fakeClock } from '../../test/fake-clock.ts';
import type { Clock } from '../ground/clock.ts';
import { liveEverywhere, livePath } from './live-elsewhere.ts';
import { liveFeed } from './live-feed.ts';
import type { RequestRow } from './wire.ts';

const row = (id: string): RequestRow => ({
  ...{ id, at: '2026-11-30T01:00:00.000Z', key: null, asked: 'm', model: null, provider: null },
  ...{ credential: null, protocol: null, stream: null, status: 200, error: null, ttft: null },
  ...{ duration: 1, input: null, cacheRead: null, output: null, cost: null },
  ...{ subscription: false, attempts: 1 },
});

/** A replica that is asked, as far as its console's feed needs it. */
function replica(clock: Clock, minutes: { at: string; ok: number; failed: number }[]) {
  const watchers = new Set<(row: RequestRow) => void>();
  const live = {
    watch(seen: (row: RequestRow) => void) {
      watchers.add(seen);
      return () => void watchers.delete(seen);
    },
    minutes: () => minutes,
  };
  const running: RequestRow[] = [];
  return {
    live,
    running,
    watchers,
    end: (id: string) => {
      for (const seen of watchers) seen(row(id));
    },
    feed: liveFeed({ live, running: () => running, clock }),
  };
}

function world() {
  const time = fakeClock();
  const here = replica(time, [{ at: 'm1', ok: 1, failed: 0 }]);
  const there = replica(time, [{ at: 'm1', ok: 2, failed: 1 }]);
  let ask: (() => void) | undefined;
  const all = { asked: 0, answers: true };
  const everywhere = liveEverywhere({
    live: here.live,
    running: () => here.running,
    clock: {
      every(_, run) {
        ask = run;
        return () => {
          ask = undefined;
        };
      },
    },
    replicas: {
      self: { id: '1', name: 'here' },
      list: () => [{ id: '2', name: 'there' }],
      async ask(_, path) {
        all.asked += 1;
        if (!all.answers) return { ok: false, sentence: 'gone' };
        expect(path).toStartWith(livePath);
        const since = /since=(\d+)/.exec(path)?.[1];
        return {
          ok: true,
          response: Response.json(there.feed.since(since === undefined ? undefined : Number(since))),
        };
      },
    },
  });
  return {
    ...{ time, here, there, everywhere, all },
    isAsking: () => ask !== undefined,
    async next() {
      ask?.();
      await Bun.sleep(0);
    },
  };
}

test('while a console is open, each request that ends anywhere is seen once, with its replica', async () => {
  const { here, there, everywhere, next } = world();
  const seen: unknown[] = [];
  const end = everywhere.watch(({ id, replica }) => seen.push([id, replica]));
  await next();
  here.end('a');
  there.end('b');
  there.end('c');
  await next();
  await next();
  there.end('d');
  await next();
  expect(seen).toEqual([
    ['a', 'here'],
    ['b', 'there'],
    ['c', 'there'],
    ['d', 'there'],
  ]);
  end();
});

test('what runs, and how many there were a minute, is that of all that answer', async () => {
  const { here, there, everywhere, next, all } = world();
  here.running.push(row('a'));
  there.running.push(row('b'));
  const end = everywhere.watch(() => {});
  await next();
  expect(everywhere.running().map(({ id, replica }) => [id, replica])).toEqual([
    ['a', 'here'],
    ['b', 'there'],
  ]);
  expect(everywhere.minutes(0)).toEqual([{ at: 'm1', ok: 3, failed: 1 }]);
  all.answers = false;
  await next();
  expect(everywhere.running().map(({ id }) => id)).toEqual(['a']);
  expect(everywhere.minutes(0)).toEqual([{ at: 'm1', ok: 1, failed: 0 }]);
  end();
});

test('with no console open nobody is asked, and nobody keeps anything for it', async () => {
  const { time, there, everywhere, isAsking, next, all } = world();
  expect([isAsking(), there.watchers.size]).toEqual([false, 0]);
  const ends = [everywhere.watch(() => {}), everywhere.watch(() => {})];
  // One question to a replica at a time: the first is still under way.
  await next();
  await next();
  expect([isAsking(), there.watchers.size, all.asked]).toEqual([true, 1, 2]);
  for (const end of ends) end();
  expect(isAsking()).toBe(false);
  time.pass(10_000);
  expect(there.watchers.size).toBe(0);
});

test('a feed keeps the last 500 rows, and begins anew for a mark that is not its own', () => {
  const time = fakeClock();
  const { feed, end } = replica(time, []);
  const { mark } = feed.since(undefined);
  for (let index = 0; index < 600; index += 1) end(String(index));
  expect(feed.since(mark).ended).toHaveLength(500);
  expect(feed.since(mark + 599).ended.map(({ id }) => id)).toEqual(['599']);
  expect(feed.since(5000)).toMatchObject({ mark: mark + 600, ended: [] });
});
