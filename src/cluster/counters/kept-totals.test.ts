import { expect, test } from 'bun:test';
import { fakeTime } from '../../../test/fake-time.ts';
import { type MeterState, meterStep, newMeter } from './meter.ts';
import { createMeterBook, type KeptTotal } from './meter-book.ts';

test('what was spent of a budget is told to a Valkey that was lost together with every replica', async () => {
  const time = fakeTime();
  const start = new Date(2026, 10, 29, 12).getTime();
  const rows = new Map<string, KeptTotal>();
  let states = new Map<string, MeterState>();
  const key = { id: 'k', limits: { budget: { day: { tokens: 1000 } } } };
  const started = () => {
    const book = createMeterBook({
      meters: {
        async say(name, message) {
          const { state, reply } = meterStep(states.get(name) ?? newMeter, message, start + time.clock());
          states.set(name, state);
          return reply;
        },
      },
      replica: 'r',
      isUp: () => true,
      timers: { after: time.after, every: (ms, run) => time.after(ms, run) },
      now: () => start + time.clock(),
      clock: time.clock,
      kept: {
        read: async (names) =>
          new Map(names.flatMap((name) => (rows.has(name) ? [[name, rows.get(name)?.used ?? 0]] : []))),
        async write(totals) {
          for (const total of totals) rows.set(total.meter, total);
        },
      },
    });
    book.keep([key], () => undefined);
    const [first] = book.of(key).all;
    if (first === undefined) throw new Error('the key has one limit');
    return { book, meter: first.meter };
  };
  const before = started();
  before.meter.settle(0, 700);
  before.book.use(before.meter);
  await before.book.close();
  expect([...rows.values()]).toEqual([
    { meter: 'limit:k:budget.day.tokens:20261129', used: 700, until: new Date(2026, 10, 30).getTime() },
  ]);
  states = new Map();
  const { meter } = started();
  await Bun.sleep(1);
  await meter.ask(1, 1000);
  expect(meter.lease.known?.used).toBe(700);
  expect(meter.free()).toBe(300);
});
