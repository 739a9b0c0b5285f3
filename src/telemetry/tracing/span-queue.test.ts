import { expect, test } from 'bun:test';
import { batchVariables } from './otel-variables.ts';
import { type QueueDeps, spanQueue } from './span-queue.ts';
import { spanMaker } from './spans.ts';

const [span] = spanMaker(
  {},
  { version: '1', providerName: (provider) => provider, addressOf: () => undefined, scheme: 'http' },
)({
  context: {
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    parent: undefined,
    state: undefined,
    kept: true,
  },
  request: {
    id: 'req_1',
    at: 0,
    protocol: 'openai-chat',
    operation: 'generate',
    streamed: false,
    asked: 'm',
    served: undefined,
    status: 200,
    error: undefined,
    ttft: undefined,
    duration: 1,
    usage: { tokens: {}, counted: 'none', cost: undefined },
    attempts: [],
  },
});

/** A queue whose timers run when they are told to. */
function queue(send: QueueDeps<number>['send'], variables: Record<string, string> = {}) {
  const timers: { delay: number; run: () => void }[] = [];
  const changes: boolean[] = [];
  const made = spanQueue<number>({
    // A request is known by the number of its spans.
    spansOf: (size) => (span === undefined ? [] : Array.from({ length: size }, () => span)),
    sizeOf: (size) => size,
    send,
    sizes: batchVariables(variables, () => {}),
    after(delay, run) {
      const timer = { delay, run };
      timers.push(timer);
      return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1));
    },
    onChange: (takes) => changes.push(takes),
  });
  const elapse = async (): Promise<number | undefined> => {
    const next = timers.shift();
    next?.run();
    for (let turn = 0; turn < 60; turn++) await Promise.resolve();
    return next?.delay;
  };
  return { ...made, elapse, timers, changes };
}

test('a few requests are sent together after five seconds', async () => {
  const batches: number[] = [];
  const { add, elapse, counts, timers } = queue(async (spans) => batches.push(spans.length) > 0);
  for (let at = 0; at < 3; at++) add(1);
  expect(await elapse()).toBe(5000);
  expect([batches, counts(), timers]).toEqual([[3], { exported: 3, dropped: 0 }, []]);
});

test('512 spans are sent at once', async () => {
  const batches: number[] = [];
  const { add, elapse } = queue(async (spans) => batches.push(spans.length) > 0);
  for (let at = 0; at < 600; at++) add(1);
  expect(await elapse()).toBe(0);
  expect(await elapse()).toBe(5000);
  expect(batches).toEqual([512, 88]);
});

test('while the collector hangs 2,048 spans wait, and older ones are given up', async () => {
  const { add, elapse, counts } = queue(() => new Promise(() => {}));
  add(1);
  await elapse();
  for (let at = 0; at < 5000; at++) add(1);
  expect(counts()).toEqual({ exported: 0, dropped: 5000 - 2048 });
});

test('what a collector refuses is counted, and said once', async () => {
  let takes = false;
  const { add, elapse, counts, changes } = queue(async () => takes);
  for (const now of [false, false, true]) {
    takes = now;
    add(1);
    await elapse();
  }
  expect(counts()).toEqual({ exported: 1, dropped: 2 });
  expect(changes).toEqual([false, true]);
});

test('a stop sends what is there, and waits two seconds for a collector that hangs', async () => {
  const quick = queue(async () => true);
  quick.add(1);
  await quick.close();
  expect(quick.counts()).toEqual({ exported: 1, dropped: 0 });

  const hanging = queue(() => new Promise(() => {}));
  for (let at = 0; at < 600; at++) hanging.add(1);
  const stopped = hanging.close();
  const stop = hanging.timers.at(-1);
  expect(stop?.delay).toBe(2000);
  stop?.run();
  await stopped;
  expect(hanging.counts()).toEqual({ exported: 0, dropped: 600 });
});

test.each([true, false])(
  'an answer that comes after the stop (taken: %p) counts nothing again',
  async (takes) => {
    let answer: ((accepted: boolean) => void) | undefined;
    let asked = 0;
    const { add, close, elapse, timers, counts, changes } = queue(
      () =>
        new Promise((resolve) => {
          asked += 1;
          answer = resolve;
        }),
      { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '4' },
    );
    // A request of two batches, of which the first is under way.
    add(8);
    await elapse();
    const stopped = close();
    timers.find(({ delay }) => delay === 2000)?.run();
    await stopped;
    expect(counts()).toEqual({ exported: 0, dropped: 8 });
    answer?.(takes);
    await elapse();
    expect([counts(), changes, asked]).toEqual([{ exported: 0, dropped: 8 }, [], 1]);
    await close();
    expect(counts()).toEqual({ exported: 0, dropped: 8 });
  },
);

test('OTEL_BSP_*: sizes and times are those of the variables, counted in spans', async () => {
  const batches: number[] = [];
  const { add, elapse, counts, timers } = queue(async (spans) => batches.push(spans.length) > 0, {
    OTEL_BSP_SCHEDULE_DELAY: '250',
    OTEL_BSP_MAX_QUEUE_SIZE: '20',
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '8',
  });
  add(2);
  expect(timers.map(({ delay }) => delay)).toEqual([250]);
  for (const size of [3, 4]) add(size);
  await elapse();
  expect(batches).toEqual([5]);
  add(13);
  while (timers.length > 0) await elapse();
  expect([batches, counts()]).toEqual([[5, 4, 8, 5], { exported: 22, dropped: 0 }]);
});

test('a collector that never ends its answer is given up, and asked again with what came meanwhile', async () => {
  let hangs = true;
  const { add, elapse, counts, timers } = queue(() =>
    hangs ? new Promise(() => {}) : Promise.resolve(true),
  );
  add(2);
  await elapse();
  expect(timers.map(({ delay }) => delay)).toEqual([30_000]);
  add(3);
  hangs = false;
  await elapse();
  expect(counts()).toEqual({ exported: 0, dropped: 2 });
  await elapse();
  expect(counts()).toEqual({ exported: 3, dropped: 2 });
});
