import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { createConcurrency, type Slots, type Ticket } from './concurrency.ts';

const account: Slots = { key: 'account', places: 1, queue: 2 };
const other: Slots = { key: 'other', places: 1, queue: 2 };

test('who waits is granted a place in the order they came', () => {
  const concurrency = createConcurrency();
  const granted: string[] = [];
  concurrency.enter(account);
  expect(concurrency.hasSlot(account, undefined)).toBe(false);
  const first = concurrency.wait([account], () => granted.push('first'));
  concurrency.wait([account], () => granted.push('second'));
  expect(concurrency.wait([account], () => granted.push('third'))).toBeUndefined();
  concurrency.leave(account);
  expect(granted).toEqual(['first']);
  // Nobody who comes now takes the place that was granted.
  expect(concurrency.hasSlot(account, undefined)).toBe(false);
  expect(concurrency.hasSlot(account, first)).toBe(true);
  concurrency.enter(account);
  if (first !== undefined) concurrency.end(first);
  expect(granted).toEqual(['first']);
  concurrency.leave(account);
  expect(granted).toEqual(['first', 'second']);
});

test('a granted place that is not taken goes to the next', () => {
  const concurrency = createConcurrency();
  const granted: string[] = [];
  concurrency.enter(account);
  const first = concurrency.wait([account], () => granted.push('first'));
  concurrency.wait([account], () => granted.push('second'));
  concurrency.leave(account);
  if (first !== undefined) concurrency.end(first);
  expect(granted).toEqual(['first', 'second']);
});

test('who waits for several takes the first that comes free and stands in no other queue any more', () => {
  const concurrency = createConcurrency();
  concurrency.enter(account);
  concurrency.enter(other);
  const turn = concurrency.wait([account, other], () => undefined);
  expect([concurrency.waiting('account'), concurrency.waiting('other')]).toEqual([1, 1]);
  concurrency.leave(other);
  expect(turn?.granted).toBe('other');
  expect([concurrency.waiting('account'), concurrency.waiting('other')]).toEqual([0, 0]);
});

test('places are never taken twice, nobody is overtaken, and whoever waits is granted one in the end', () => {
  const steps = fc.array(fc.tuple(fc.constantFrom('arrive', 'arrive', 'finish', 'give-up'), fc.nat(5)), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(
      steps,
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 4 }),
      (all, places, queue) => {
        const concurrency = createConcurrency();
        const shared = [
          { key: 'a', places, queue },
          { key: 'b', places, queue },
        ];
        const running: Slots[] = [];
        let waiting: { turn: Ticket; wants: Slots[]; granted: boolean }[] = [];
        const seat = (wants: Slots[], turn: Ticket | undefined): boolean => {
          const free = wants.find((one) => concurrency.hasSlot(one, turn));
          if (free === undefined) return false;
          concurrency.enter(free);
          running.push(free);
          return true;
        };
        const settle = (): void => {
          for (let next = waiting.find(({ granted }) => granted); next !== undefined; ) {
            const { turn } = next;
            // Those of the same queue who came before are served already.
            const earlier = waiting.slice(0, waiting.indexOf(next));
            expect(
              earlier.some(({ wants, granted }) => !granted && wants.some(({ key }) => key === turn.granted)),
            ).toBe(false);
            expect(seat(next.wants, turn)).toBe(true);
            concurrency.end(turn);
            waiting = waiting.filter((one) => one.turn !== turn);
            next = waiting.find(({ granted }) => granted);
          }
        };
        for (const [step, which] of all) {
          if (step === 'arrive') {
            const wants = which === 0 ? shared : shared.slice(which % 2, (which % 2) + 1);
            if (!seat(wants, undefined)) {
              // Who found a queue full does not stand in it, and may be overtaken there.
              const entry = {
                wants: wants.filter(({ key }) => concurrency.waiting(key) < queue),
                granted: false,
              };
              const turn = concurrency.wait(wants, () => {
                entry.granted = true;
                const found = waiting.find((one) => one.turn === turn);
                if (found !== undefined) found.granted = true;
              });
              if (turn !== undefined) waiting.push({ ...entry, turn });
            }
          } else if (step === 'finish') {
            const [ended] = running.splice(which % Math.max(1, running.length), 1);
            if (ended !== undefined) concurrency.leave(ended);
          } else {
            const gone = waiting[which];
            if (gone !== undefined) concurrency.end(gone.turn);
            waiting = waiting.filter((one) => one !== gone);
          }
          settle();
          for (const { key } of shared) {
            expect(running.filter((one) => one.key === key).length).toBeLessThanOrEqual(places);
            expect(concurrency.waiting(key)).toBeLessThanOrEqual(queue);
          }
        }
        while (running.length > 0) {
          const ended = running.pop();
          if (ended !== undefined) concurrency.leave(ended);
          settle();
        }
        expect(waiting).toEqual([]);
      },
    ),
  );
});
