import { expect, test } from 'bun:test';
import { fakeClock } from '../../../test/fake-clock.ts';
import { emptyLedger } from '../../limits/ledger.ts';
import { type MeterState, meterStep, newMeter } from './meter.ts';
import { createMeterBook, type KeptTotal } from './meter-book.ts';

test('what was spent of a budget is told to a Valkey that was lost together with every replica', async () => {
  const time = fakeClock(new Date(2026, 10, 29, 12).getTime());
  const rows = new Map<string, KeptTotal>();
  let states = new Map<string, MeterState>();
  const key = { id: 'k', limits: { budget: { day: { tokens: 1000 } } } };
  const started = () => {
    const book = createMeterBook({
      meters: {
        async say(name, message) {
          const { state, reply } = meterStep(states.get(name) ?? newMeter, message, time.now());
          states.set(name, state);
          return reply;
        },
      },
      replica: 'r',
      isUp: () => true,
      clock: time,
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

/** Replicas of one server, each with what `ledgers` say it has counted alone. */
function serverOfMeters() {
  const time = fakeClock(new Date(2026, 10, 29, 12).getTime());
  const states = new Map<string, MeterState>();
  const replica = (name: string) =>
    createMeterBook({
      meters: {
        async say(meter, message) {
          const { state, reply } = meterStep(states.get(meter) ?? newMeter, message, time.now());
          states.set(meter, state);
          return reply;
        },
      },
      replica: name,
      isUp: () => true,
      clock: time,
    });
  return { time, states, replica };
}

const budgeted = { budget: { day: { tokens: 1000 } }, 'requests-per-minute': 10 };

test('a key in the place of another has what is left of its budget, on every replica', async () => {
  const { replica } = serverOfMeters();
  const [one, two] = [replica('one'), replica('two')];
  const before = { id: 'old', limits: budgeted };
  for (const book of [one, two]) book.keep([before], () => undefined);
  const budgetOf = (book: typeof one, id: string) => {
    const found = book.of({ id, limits: budgeted }).all.find(({ of }) => of.kind === 'total');
    if (found === undefined) throw new Error('the key has a budget');
    return found.meter;
  };
  const [first, second] = [budgetOf(one, 'old'), budgetOf(two, 'old')];
  await first.ask(1, 300);
  first.take(300);
  first.settle(300, 300);
  // This one is still running while the key is replaced.
  await second.ask(1, 400);
  second.take(400);
  for (const meter of [first, second]) await meter.ask(0, 0);
  const after = { id: 'new', limits: budgeted, before: 'old' };
  for (const book of [one, two]) book.keep([after], () => undefined);
  second.settle(400, 350);
  const late = replica('late');
  late.keep([after], () => undefined);
  for (const book of [one, two, late]) await budgetOf(book, 'new').ask(0, 0);
  for (const book of [one, two, late]) {
    await budgetOf(book, 'new').ask(0, 0);
    expect(budgetOf(book, 'new').lease.known?.used).toBe(650);
  }
});

test('a key in the place of another is let in no more a minute than the two together', async () => {
  const { replica, states } = serverOfMeters();
  const book = replica('one');
  const ledger = { ...emptyLedger(0), requests: [{ latest: Date.now(), amount: 7 }] };
  const requests = (id: string) => {
    const found = book.of({ id, limits: budgeted }).all.find(({ of }) => of.kind === 'window');
    if (found === undefined) throw new Error('the key has a window');
    return found.meter;
  };
  book.keep([{ id: 'old', limits: budgeted }], () => undefined);
  await requests('old').ask(7, 7);
  requests('old').take(7);
  requests('old').settle(7, 7);
  await requests('old').ask(0, 0);
  book.keep([{ id: 'new', limits: budgeted, before: 'old' }], (id) => (id === 'new' ? ledger : undefined));
  await requests('new').ask(0, 0);
  expect(requests('new').lease.known?.used).toBe(7);
  expect([...states.keys()]).toContain('limit:new:requests-per-minute');
});
