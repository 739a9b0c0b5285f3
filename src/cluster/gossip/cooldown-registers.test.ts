import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Cooldown } from '../../credentials/cooldown.ts';
import { cooldownIn, type Register, type Registers, settledIn, withRegister } from './cooldown-registers.ts';
import { versionClock } from './version.ts';

function cooldown(until: number): Cooldown {
  return { kind: 'quota', model: 'm', failures: 1, since: 0, until, promised: undefined, reason: '' };
}

interface Told {
  replica: string;
  register: Register;
}

function merged(told: readonly Told[]): Registers | undefined {
  let registers: Registers | undefined;
  for (const { replica, register } of told) registers = withRegister(registers, replica, register);
  return registers;
}

/** What replicas tell over time, some of it having seen all that came before. */
const history = fc
  .array(
    fc.record({
      replica: fc.constantFrom('a', 'b', 'c'),
      at: fc.nat(50),
      until: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
      sees: fc.boolean(),
    }),
    { maxLength: 12 },
  )
  .map((steps) => {
    const clocks = { a: versionClock('a'), b: versionClock('b'), c: versionClock('c') };
    const told: Told[] = [];
    for (const { replica, at, until, sees } of steps) {
      const clock = clocks[replica];
      if (sees) for (const { register } of told) clock.saw(register.version);
      const register = {
        version: clock.next(at),
        cooldown: until === undefined ? undefined : cooldown(until),
      };
      told.push({ replica, register });
    }
    return told;
  });

test('in whatever order and however often it is told, the same cooldown holds', () => {
  const orders = history.chain((told) =>
    fc.tuple(fc.constant(told), fc.shuffledSubarray([...told, ...told], { minLength: told.length * 2 })),
  );
  fc.assert(
    fc.property(orders, ([told, again]) => {
      expect(cooldownIn(merged(again))).toEqual(cooldownIn(merged(told)));
    }),
  );
});

test('a reset that has seen everything ends everything', () => {
  fc.assert(
    fc.property(history, (told) => {
      const clock = versionClock('d');
      for (const { register } of told) clock.saw(register.version);
      const over: Told = { replica: 'd', register: { version: clock.next(0), cooldown: undefined } };
      expect(cooldownIn(merged([...told, over]))).toBeUndefined();
      expect(cooldownIn(merged([over, ...told]))).toBeUndefined();
    }),
  );
});

test('of two that failed at once the longer cooldown holds; a later failure begins anew after a reset', () => {
  const [a, b, c] = [versionClock('a'), versionClock('b'), versionClock('c')];
  const long = { replica: 'a', register: { version: a.next(10), cooldown: cooldown(500) } };
  const short = { replica: 'b', register: { version: b.next(11), cooldown: cooldown(100) } };
  expect(cooldownIn(merged([long, short]))?.until).toBe(500);
  const over = { replica: 'c', register: { version: c.next(20), cooldown: undefined } };
  expect(cooldownIn(merged([long, over, short]))).toBeUndefined();
  const later = { replica: 'b', register: { version: b.next(30), cooldown: cooldown(60) } };
  expect(cooldownIn(merged([later, over, long]))?.until).toBe(60);
});

test('what is forgotten as settled changes nothing', () => {
  fc.assert(
    fc.property(history, (told) => {
      const all = merged(told);
      if (all === undefined) return;
      const gone = settledIn(all, { cooldown: 0, over: '' });
      const left = told.filter(
        ({ replica, register }) => !gone.includes(replica) || all.get(replica) !== register,
      );
      expect(cooldownIn(merged(left.filter(({ replica }) => !gone.includes(replica))))).toEqual(
        cooldownIn(all),
      );
    }),
  );
});
