import { expect, test } from 'bun:test';
import { createSupervision, type Worker, type WorkerEnd } from './supervision.ts';

interface Started {
  number: number;
  serve(): void;
  /** It ends, with this exit code. */
  end(code: number): void;
  stopped: boolean;
}

/** Workers that do what the test says, and time that passes when it says so. */
function deps(count: number) {
  const started: Started[] = [];
  const said: string[] = [];
  const waits: number[] = [];
  let now = 0;
  const supervision = createSupervision({
    count,
    start(number): Worker {
      const ready = Promise.withResolvers<boolean>();
      const ended = Promise.withResolvers<WorkerEnd>();
      const worker: Started = {
        number,
        stopped: false,
        serve: () => ready.resolve(true),
        end(code) {
          ready.resolve(false);
          ended.resolve({ code, how: `exit code ${code}` });
        },
      };
      started.push(worker);
      return {
        ready: ready.promise,
        ended: ended.promise,
        stop() {
          worker.stopped = true;
        },
      };
    },
    now: () => now,
    wait: async (time) => {
      waits.push(time);
      now += time;
    },
    say: (_, sentence) => said.push(sentence),
  });
  return {
    ...{ supervision, started, said, waits },
    pass: (time: number) => {
      now += time;
    },
    latest(number: number): Started {
      const worker = started.findLast((each) => each.number === number);
      if (worker === undefined) throw new Error(`worker ${number} was never started`);
      return worker;
    },
  };
}

/** Lets everything happen that waits for nothing but promises. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

async function serving(count: number) {
  const made = deps(count);
  const outcome = made.supervision.start();
  for (let number = 1; number <= count; number += 1) {
    made.latest(number).serve();
    await settle();
  }
  expect(await outcome).toBe('serving');
  return made;
}

test('the others start when the first serves; if it cannot, none is started and its end is given', async () => {
  const { supervision, started, latest } = deps(3);
  const outcome = supervision.start();
  await settle();
  expect(started.map(({ number }) => number)).toEqual([1]);
  latest(1).end(78);
  expect(await outcome).toEqual({ code: 78, how: 'exit code 78' });
  expect(started).toHaveLength(1);
});

test('a worker that dies is started again: at once after a steady life, else with growing pauses', async () => {
  const { started, latest, pass, waits, said } = await serving(2);
  pass(60_000);
  latest(2).end(1);
  await settle();
  expect(started.map(({ number }) => number)).toEqual([1, 2, 2]);
  for (let death = 0; death < 9; death += 1) {
    latest(2).end(1);
    await settle();
  }
  expect(waits).toEqual([0, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  expect(said[0]).toBe('worker 2 ended (exit code 1); it is started again');
  expect(said[1]).toBe('worker 2 ended (exit code 1); it is started again in 0.5 s');
});

test('an exchange stops one worker at a time, each once the one before serves', async () => {
  const { supervision, started, latest } = await serving(3);
  const first = started.slice();
  const done = supervision.restartAll();
  await settle();
  expect(first.map(({ stopped }) => stopped)).toEqual([true, false, false]);
  first[0]?.end(0);
  await settle();
  expect(first.map(({ stopped }) => stopped)).toEqual([true, false, false]);
  latest(1).serve();
  await settle();
  expect(first.map(({ stopped }) => stopped)).toEqual([true, true, false]);
  first[1]?.end(0);
  await settle();
  latest(2).serve();
  await settle();
  first[2]?.end(0);
  await settle();
  latest(3).serve();
  await done;
  expect(started).toHaveLength(6);
});

test('an exchange whose first new worker does not serve leaves the others alone', async () => {
  const { supervision, started, latest, said } = await serving(2);
  const done = supervision.restartAll();
  await settle();
  latest(1).end(0);
  await settle();
  latest(1).end(78);
  await done;
  expect(started.find(({ number }) => number === 2)?.stopped).toBe(false);
  expect(said).toContain('worker 1 did not come back: the others stay as they are');
});

test('a stop stops all at once, and nothing is started any more', async () => {
  const { supervision, started } = await serving(3);
  const done = supervision.stop();
  expect(started.map(({ stopped }) => stopped)).toEqual([true, true, true]);
  for (const worker of started) worker.end(0);
  await done;
  expect(started).toHaveLength(3);
});
