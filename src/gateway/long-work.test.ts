import { expect, test } from 'bun:test';
import type { Cancellation } from '../http-client/message.ts';
import { inItsTurn, longWork } from './long-work.ts';

const megabyte = 1024 * 1024;

interface Call extends Cancellation {
  cancel(): void;
}

/** A call that can be cancelled. */
function call(): Call {
  let run: ((reason: Error) => void) | undefined;
  let cancelled: Error | undefined;
  return {
    get cancelled() {
      return cancelled;
    },
    whenCancelled: (then) => {
      run = then;
    },
    cancel() {
      cancelled = new Error('the client has left');
      run?.(cancelled);
    },
  };
}

/** A queue, and what has begun in it and not ended, in order. */
function watched() {
  const translated: number[] = [];
  const between: number[] = [];
  const work = longWork({
    translated: (bytes) => void translated.push(bytes),
    between: (bytes) => void between.push(bytes),
  });
  const begun: { name: string; end: () => void }[] = [];
  return {
    translated,
    begun,
    step: work.between,
    between,
    names: () => begun.map(({ name }) => name),
    async ask(name: string, bytes: number, by = call()): Promise<void> {
      const end = await work.begin(bytes, by);
      if (end !== undefined) begun.push({ name, end });
    },
    async end(): Promise<void> {
      begun.shift()?.end();
      await Promise.resolve();
      await Promise.resolve();
    },
  };
}

test('long bodies are worked on one after the other, in the order in which they came', async () => {
  const queue = watched();
  const all = ['a', 'b', 'c'].map((name) => queue.ask(name, megabyte));
  await all[0];
  expect(queue.names()).toEqual(['a']);
  await queue.end();
  expect(queue.names()).toEqual(['b']);
  await queue.end();
  expect(queue.names()).toEqual(['c']);
  await queue.end();
  await Promise.all(all);
  expect(queue.translated).toEqual([megabyte, megabyte, megabyte]);
});

test('what fits together is worked on together, and none is passed by a shorter one', async () => {
  const queue = watched();
  const all = [300_000, 400_000, 900_000, 100_000].map((bytes, at) => queue.ask(String(at), bytes));
  await all[1];
  expect(queue.names()).toEqual(['0', '1']);
  await queue.end();
  expect(queue.names()).toEqual(['1']);
  await queue.end();
  await Promise.all(all);
  expect(queue.names()).toEqual(['2', '3']);
});

test('a body of any size has its turn', async () => {
  const queue = watched();
  const all = [200 * megabyte, 1, 200 * megabyte].map((bytes, at) => queue.ask(String(at), bytes));
  await all[0];
  for (const name of ['0', '1', '2']) {
    expect(queue.names()).toEqual([name]);
    await queue.end();
  }
  await Promise.all(all);
});

test('whose client leaves loses its place, and nobody else does', async () => {
  const queue = watched();
  const leaving = call();
  const all = [
    queue.ask('a', megabyte),
    queue.ask('b', megabyte, leaving),
    queue.ask('c', megabyte),
    queue.ask('d', megabyte),
  ];
  await all[0];
  leaving.cancel();
  await all[1];
  expect(queue.names()).toEqual(['a']);
  await queue.end();
  expect(queue.names()).toEqual(['c']);
  await queue.end();
  await queue.end();
  await Promise.all(all);
  await queue.ask('gone', megabyte, leaving);
  expect(queue.names()).toEqual([]);
});

test('a client that leaves in its turn ends it as all others do, once', async () => {
  const queue = watched();
  const leaving = call();
  await queue.ask('a', megabyte, leaving);
  const next = queue.ask('b', megabyte);
  leaving.cancel();
  expect(queue.names()).toEqual(['a']);
  queue.begun[0]?.end();
  await queue.end();
  await next;
  expect(queue.names()).toEqual(['b']);
  expect(queue.translated).toEqual([megabyte]);
});

test('a long body that no call has yet waits for its turn, a short one does not', async () => {
  const work = longWork({ translated: () => {}, between: () => {} });
  const { signal } = new AbortController();
  const end = await work.begin(megabyte, call());
  let done = 0;
  const long = inItsTurn(work, megabyte, signal, async () => ++done);
  expect(await inItsTurn(work, 10, signal, async () => ++done)).toEqual({ done: 1 });
  end?.();
  expect(await long).toEqual({ done: 2 });
});

test('a client that leaves takes its body out of the queue, before and while it waits', async () => {
  const work = longWork({ translated: () => {}, between: () => {} });
  const client = new AbortController();
  await work.begin(megabyte, call());
  const run = () => Promise.reject(new Error('nobody wants it'));
  const waiting = inItsTurn(work, megabyte, client.signal, run);
  client.abort();
  expect(await waiting).toBeUndefined();
  expect(await inItsTurn(work, megabyte, client.signal, run)).toBeUndefined();
});

test('between two steps with a long body its leftovers are told of, with a short one there are none', () => {
  const queue = watched();
  queue.step(1000);
  expect(queue.between).toEqual([]);
  queue.step(megabyte);
  expect([queue.between, queue.translated]).toEqual([[megabyte], []]);
});
