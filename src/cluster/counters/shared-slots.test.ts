import { expect, test } from 'bun:test';
import { fakeClock } from '../../../test/fake-clock.ts';
import { createConcurrency, type Slots } from '../../credentials/concurrency.ts';
import { type MeterState, meterStep, newMeter } from './meter.ts';
import { createSharedSlots } from './shared-slots.ts';

/** Replicas in a time of the test's; `up`: whether Valkey answers them. */
function replicas(count: number) {
  const time = fakeClock();
  const states = new Map<string, MeterState>();
  const valkey = { up: true };
  const all = Array.from({ length: count }, (_, rank) =>
    createConcurrency(
      createSharedSlots({
        meters: {
          async say(name, message) {
            if (!valkey.up) throw new Error('away');
            const { state, reply } = meterStep(states.get(name) ?? newMeter, message, time.monotonic());
            states.set(name, state);
            return reply;
          },
        },
        replica: `r${rank}`,
        isUp: () => valkey.up,
        place: () => ({ rank, of: count }),
        clock: time,
      }),
    ),
  );
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 10) {
      time.pass(10);
      await Bun.sleep(0);
    }
  };
  /** A request of a replica: takes a place at once or waits for one; gives whether it has one. */
  const request = (rank: number, places: Slots) => {
    const concurrency = all[rank];
    if (concurrency === undefined) throw new Error('no such replica');
    const state = { seated: false, refused: false };
    const sit = (turn?: Parameters<typeof concurrency.hasSlot>[1]) => {
      concurrency.enter(places);
      state.seated = true;
      if (turn !== undefined) concurrency.end(turn);
    };
    if (concurrency.hasSlot(places, undefined)) sit();
    else {
      const turn = concurrency.wait([places], () => queueMicrotask(() => sit(turn)));
      state.refused = turn === undefined;
    }
    return {
      state,
      leave() {
        state.seated = false;
        concurrency.leave(places);
      },
    };
  };
  return { valkey, pass, request };
}

const seated = (all: readonly { state: { seated: boolean } }[]) =>
  all.filter(({ state }) => state.seated).length;

test.each([1, 2, 3, 4, 7])('%d places are all used over three replicas, and none twice', async (places) => {
  const { pass, request } = replicas(3);
  const account: Slots = { key: 'account', places, queue: 16 };
  const requests = Array.from({ length: 12 }, (_, at) => request(at % 3, account));
  for (let round = 0; round < 12; round += 1) {
    await pass(200);
    expect(seated(requests)).toBe(Math.min(places, 12 - round));
    requests.find(({ state }) => state.seated)?.leave();
  }
});

test('a place without a queue is had all the same by whoever asks first', async () => {
  const { pass, request } = replicas(3);
  const account: Slots = { key: 'account', places: 1, queue: 0 };
  const first = request(2, account);
  await pass(50);
  expect(first.state.seated).toBe(true);
  expect(request(2, account).state.refused).toBe(true);
  first.leave();
  await pass(50);
  const second = request(0, account);
  await pass(200);
  expect(second.state.seated).toBe(true);
});

test('while Valkey is away each replica has its part, and all parts are the whole', async () => {
  const { valkey, pass, request } = replicas(3);
  valkey.up = false;
  const account: Slots = { key: 'account', places: 5, queue: 16 };
  const requests = Array.from({ length: 12 }, (_, at) => request(at % 3, account));
  await pass(500);
  expect(seated(requests)).toBe(5);
});
