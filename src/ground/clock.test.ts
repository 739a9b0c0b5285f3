import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { type FakeClock, fakeClock } from '../../test/fake-clock.ts';
import { type Clock, systemClock } from './clock.ts';

interface Timer {
  /** What it was asked for, and when. */
  from: number;
  ms: number;
  /** When it ran. */
  ran: number[];
  calledOff: number | undefined;
  callOff(): void;
}

function timerOf(clock: Clock, kind: 'after' | 'every', ms: number): Timer {
  const timer: Timer = {
    ...{ from: clock.monotonic(), ms, ran: [], calledOff: undefined },
    callOff() {
      timer.calledOff ??= clock.monotonic();
      end();
    },
  };
  const end = clock[kind](ms, () => timer.ran.push(clock.monotonic()));
  return timer;
}

type Step =
  | { do: 'after' | 'every' | 'pass'; ms: number }
  | { do: 'set'; to: number }
  | { do: 'call off'; which: number };
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constantFrom('after', 'every', 'pass' as const),
      ms: fc.integer({ min: 1, max: 50 }),
    }),
    fc.record({ do: fc.constant('set' as const), to: fc.integer({ min: 0, max: 2 ** 42 }) }),
    fc.record({ do: fc.constant('call off' as const), which: fc.nat(20) }),
  ),
  { maxLength: 40 },
);

function played(clock: FakeClock, all: readonly Step[], between: () => void): Timer[] {
  const timers: Timer[] = [];
  const repeated = new Set<Timer>();
  for (const step of all) {
    if (step.do === 'pass') clock.pass(step.ms);
    else if (step.do === 'set') clock.set(step.to);
    else if (step.do === 'call off') timers[step.which]?.callOff();
    else {
      const timer = timerOf(clock, step.do, step.ms);
      if (step.do === 'every') repeated.add(timer);
      timers.push(timer);
    }
    between();
  }
  return timers.filter((timer) => !repeated.has(timer)).concat([...repeated]);
}

test('time only goes forward, whatever the clock of the computer is set to', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const clock = fakeClock();
      let last = clock.monotonic();
      played(clock, all, () => {
        expect(clock.monotonic()).toBeGreaterThanOrEqual(last);
        last = clock.monotonic();
      });
      const passed = all.reduce((sum, step) => sum + (step.do === 'pass' ? step.ms : 0), 0);
      expect(clock.monotonic()).toBe(passed);
    }),
  );
});

test('what runs after a time runs once, when that has passed, unless it was called off before', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const clock = fakeClock();
      const once = all.map((step) => (step.do === 'every' ? { ...step, do: 'after' as const } : step));
      for (const { from, ms, ran, calledOff } of played(clock, once, () => {})) {
        const due = from + ms;
        const runs = due <= clock.monotonic() && (calledOff === undefined || calledOff >= due);
        expect(ran).toEqual(runs ? [due] : []);
      }
    }),
  );
});

test('what runs every so often runs at each multiple of it, until it is ended', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const clock = fakeClock();
      const often = all.map((step) => (step.do === 'after' ? { ...step, do: 'every' as const } : step));
      for (const { from, ms, ran, calledOff } of played(clock, often, () => {})) {
        const times = Math.floor(((calledOff ?? clock.monotonic()) - from) / ms);
        expect(ran).toEqual(Array.from({ length: times }, (_, index) => from + (index + 1) * ms));
      }
    }),
  );
});

test('a wait ends with its time or with its signal, and leaves no timer', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 }), async (ms, abort) => {
      const clock = fakeClock();
      const leaving = new AbortController();
      let over: number | undefined;
      const waiting = clock.wait(ms, leaving.signal).then(() => {
        over ??= clock.monotonic();
      });
      clock.after(abort, () => leaving.abort());
      for (let passed = 0; passed <= 50; passed += 1) {
        await Promise.resolve();
        clock.pass(passed === 0 ? 0 : 1);
        await Promise.resolve();
      }
      await waiting;
      expect(over).toBe(Math.min(ms, abort));
      expect(clock.scheduled()).toBe(0);
    }),
  );
});

test('a wait whose signal has aborted already is none', async () => {
  for (const clock of [fakeClock(), systemClock]) await clock.wait(3_600_000, AbortSignal.abort());
});

test('the system’s timers run no sooner than asked, and those that were called off never', async () => {
  const timers = Array.from({ length: 50 }, (_, index) => timerOf(systemClock, 'after', index / 5));
  const calledOff = timerOf(systemClock, 'after', 1);
  calledOff.callOff();
  const repeated = timerOf(systemClock, 'every', 2);
  while (timers.some(({ ran }) => ran.length === 0) || repeated.ran.length < 3) await systemClock.wait(1);
  repeated.callOff();
  const { length } = repeated.ran;
  await systemClock.wait(5);
  // Its own clock may be less than a millisecond before ours.
  for (const { from, ms, ran } of timers) expect(ran.map((at) => at > from + ms - 1)).toEqual([true]);
  expect([calledOff.ran.length, repeated.ran.length]).toEqual([0, length]);
});

test('a time that is longer than the runtime’s longest timer is not over at once', async () => {
  const ran: number[] = [];
  const ends = [2 ** 31, 2 ** 40, Number.POSITIVE_INFINITY].map((ms) =>
    systemClock.after(ms, () => ran.push(ms)),
  );
  const leaving = new AbortController();
  let over = false;
  const waiting = systemClock.wait(2 ** 40, leaving.signal).then(() => {
    over = true;
  });
  await systemClock.wait(5);
  expect([ran, over]).toEqual([[], false]);
  for (const end of ends) end();
  leaving.abort();
  await waiting;
});

/**
 * Files that look at the system's time themselves, or have a type for it, and why. None may be added: time is an argument, or
 * comes from the clock here.
 */
const ownTime = {
  'src/ground/clock.ts': 'the clock',
  'src/telemetry/log-file.ts': 'its timer keeps the process alive until the lines are written',
  'src/telemetry/log.ts': 'its timer keeps the process alive until the lines are written',
};

test('nobody else has a clock of their own', () => {
  const project = join(import.meta.dir, '../..');
  const found = ['src', 'sandbox'].flatMap((folder) =>
    readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.includes('fixtures/'))
      .map((name) => `${folder}/${name}`)
      .filter((file) =>
        /\b(?:setTimeout|setInterval|Bun\.sleep|Date\.now|performance\.now)\b|\b(?:now|clock|monotonic)\??: \(\) => number/.test(
          readFileSync(join(project, file), 'utf8'),
        ),
      ),
  );
  expect(found.sort()).toEqual(Object.keys(ownTime).sort());
});
