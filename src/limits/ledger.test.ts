import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { ClientLimits } from '../config/client-keys.ts';
import {
  type Amounts,
  type Ask,
  admit,
  emptyLedger,
  isEmpty,
  type Ledger,
  nothing,
  settle,
} from './ledger.ts';
import { windowSpan } from './sliding-window.ts';
import { nothingSpent } from './spending.ts';

const noon = new Date(2026, 10, 23, 12).getTime();
const ask = (input: number, output: number): Ask => ({
  input: { tokens: input, usd: input / 1000 },
  output: { tokens: output, usd: output / 1000 },
});
const spent = (tokens: number): Amounts => ({ tokens, usd: tokens / 1000 });

function admitted(ledger: Ledger, limits: ClientLimits, wanted: Ask | undefined, now: number) {
  const admission = admit(ledger, limits, wanted, now);
  if (!admission.ok) throw new Error(`refused by ${admission.refusal.limit}`);
  return admission;
}

function refusalOf(ledger: Ledger, limits: ClientLimits, wanted: Ask | undefined, now: number) {
  const admission = admit(ledger, limits, wanted, now);
  if (admission.ok) throw new Error('admitted');
  return admission.refusal;
}

/** A ledger in which so much has been used, by one request. */
function used(tokens: number, now: number): Ledger {
  const { ledger, reserved } = admitted(emptyLedger(now), {}, undefined, now);
  return settle(ledger, reserved, spent(tokens), now);
}

describe('laws', () => {
  const limitsArbitrary: fc.Arbitrary<ClientLimits> = fc.record(
    {
      'requests-per-minute': fc.integer({ min: 1, max: 8 }),
      'tokens-per-minute': fc.integer({ min: 1, max: 500 }),
      concurrency: fc.integer({ min: 1, max: 5 }),
      budget: fc.record(
        {
          day: fc.record(
            { tokens: fc.integer({ min: 1, max: 3000 }), usd: fc.integer({ min: 1, max: 3 }) },
            { requiredKeys: [] },
          ),
          month: fc.record({ tokens: fc.integer({ min: 1, max: 9000 }) }, { requiredKeys: [] }),
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  );
  const steps = fc.array(
    fc.record({
      gap: fc.oneof(fc.nat(100), fc.nat(1000), fc.nat(20_000), fc.nat(20_000_000)),
      input: fc.nat(150),
      output: fc.nat(150),
      free: fc.boolean(),
      /** Which of the running requests ends in this step, if there are so many. */
      ends: fc.nat(3),
      /** How much of what it reserved it has come to. */
      share: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
    }),
    { maxLength: 120 },
  );

  test('no limit is passed in any window, whatever the arrival times, by requests that keep to what they reserved', () => {
    fc.assert(
      fc.property(limitsArbitrary, steps, (limits, all) => {
        let ledger = emptyLedger(noon);
        let now = noon;
        const starts: number[] = [];
        const ends: { at: number; spent: Amounts }[] = [];
        let running: Amounts[] = [];
        for (const { gap, input, output, free, ends: which, share } of all) {
          now += gap;
          const reserved = running[which];
          if (reserved !== undefined) {
            const real = { tokens: Math.floor(reserved.tokens * share), usd: reserved.usd * share };
            ledger = settle(ledger, reserved, real, now);
            ends.push({ at: now, spent: real });
            running = running.filter((_, index) => index !== which);
          }
          const admission = admit(ledger, limits, free ? undefined : ask(input, output), now);
          if (admission.ok) {
            ({ ledger } = admission);
            running.push(admission.reserved);
            starts.push(now);
          }
          const held = (unit: keyof Amounts) => running.reduce((sum, one) => sum + one[unit], 0);
          const since = (from: number, unit: keyof Amounts) =>
            ends.filter(({ at }) => at >= from).reduce((sum, one) => sum + one.spent[unit], 0);
          const slack = 1e-6;
          const { concurrency = Number.POSITIVE_INFINITY, budget } = limits;
          expect(running.length).toBeLessThanOrEqual(concurrency);
          expect(starts.filter((at) => at > now - windowSpan).length).toBeLessThanOrEqual(
            limits['requests-per-minute'] ?? Number.POSITIVE_INFINITY,
          );
          expect(since(now - windowSpan + 1, 'tokens')).toBeLessThanOrEqual(
            limits['tokens-per-minute'] ?? Number.POSITIVE_INFINITY,
          );
          for (const period of ['day', 'month'] as const)
            for (const unit of ['tokens', 'usd'] as const) {
              const most = budget?.[period]?.[unit] ?? Number.POSITIVE_INFINITY;
              expect(since(nothingSpent(period, now).from, unit)).toBeLessThanOrEqual(most + slack);
            }
          expect(ledger.running).toBe(running.length);
          expect(ledger.reserved.tokens).toBe(held('tokens'));
          expect(Math.abs(ledger.reserved.usd - held('usd'))).toBeLessThan(slack);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('what is reserved is free again once everything has been settled', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1000), fc.nat(1000)), { maxLength: 40 }), (asks) => {
        let ledger = emptyLedger(noon);
        const open: Amounts[] = [];
        for (const [input, output] of asks) {
          const admission = admitted(ledger, {}, ask(input, output), noon);
          ({ ledger } = admission);
          open.push(admission.reserved);
        }
        for (const reserved of open.toReversed()) ledger = settle(ledger, reserved, nothing, noon);
        expect(ledger.running).toBe(0);
        expect(ledger.reserved).toEqual(nothing);
      }),
    );
  });

  test('who comes back when a refusal says so is let in', () => {
    fc.assert(
      fc.property(limitsArbitrary, steps, (limits, all) => {
        let ledger = emptyLedger(noon);
        let now = noon;
        for (const { gap, input, output, free, share } of all) {
          now += gap;
          const wanted = free ? undefined : ask(input, output);
          const admission = admit(ledger, limits, wanted, now);
          if (admission.ok) {
            const { tokens } = admission.reserved;
            // Some come to more than they reserved.
            ledger = settle(admission.ledger, admission.reserved, spent(Math.floor(tokens * 2 * share)), now);
            continue;
          }
          const { resetsAt, tooLarge } = admission.refusal;
          if (tooLarge) continue;
          expect(resetsAt).toBeGreaterThan(now);
          const later = admit(ledger, limits, wanted, resetsAt ?? Number.NaN);
          // Another limit may be in the way by then, but never the same one.
          if (!later.ok) expect(later.refusal.limit).not.toBe(admission.refusal.limit);
        }
      }),
    );
  });
});

describe('requests', () => {
  test('a minute’s worth is let in, then none until the first is a minute old', () => {
    const limits = { 'requests-per-minute': 2 };
    let ledger = emptyLedger(noon);
    for (const at of [noon, noon + 20_000]) ledger = admitted(ledger, limits, undefined, at).ledger;
    expect(refusalOf(ledger, limits, undefined, noon + 30_000)).toEqual({
      limit: 'requests-per-minute',
      most: 2,
      used: 2,
      resetsAt: noon + 60_000,
      tooLarge: false,
    });
    expect(admit(ledger, limits, undefined, noon + 60_000).ok).toBe(true);
  });

  test('a refused one does not count', () => {
    const limits = { 'requests-per-minute': 1 };
    const { ledger } = admitted(emptyLedger(noon), limits, undefined, noon);
    for (let i = 1; i < 60; i++) expect(admit(ledger, limits, undefined, noon + i * 1000).ok).toBe(false);
    expect(admit(ledger, limits, undefined, noon + 60_000).ok).toBe(true);
  });

  test('as many run at a time as may; the next is let in when one ends', () => {
    const limits = { concurrency: 1 };
    const { ledger, reserved } = admitted(emptyLedger(noon), limits, ask(1, 1), noon);
    expect(refusalOf(ledger, limits, ask(1, 1), noon)).toMatchObject({
      limit: 'concurrency',
      resetsAt: undefined,
    });
    expect(admit(settle(ledger, reserved, nothing, noon), limits, ask(1, 1), noon).ok).toBe(true);
  });
});

describe('tokens and money', () => {
  const limits = { 'tokens-per-minute': 100 };

  test('small requests go on until the limit is reached, however large the answers they ask for', () => {
    let ledger = emptyLedger(noon);
    let served = 0;
    for (; served < 100; served++) {
      const admission = admit(ledger, limits, ask(5, 32_000), noon + served);
      if (!admission.ok) break;
      ledger = settle(admission.ledger, admission.reserved, spent(10), noon + served);
    }
    expect(served).toBe(10);
  });

  test('requests at the same time have only what the others leave', () => {
    const first = admitted(emptyLedger(noon), limits, ask(10, 60), noon);
    expect(first.reserved.tokens).toBe(70);
    const second = admitted(first.ledger, limits, ask(10, 60), noon);
    expect(second.reserved.tokens).toBe(30);
    expect(refusalOf(second.ledger, limits, ask(10, 60), noon)).toMatchObject({
      limit: 'tokens-per-minute',
      used: 100,
      resetsAt: undefined,
    });
  });

  test('an input that does not fit into what is left waits until it does', () => {
    expect(refusalOf(used(60, noon), limits, ask(50, 1), noon + 1000)).toMatchObject({
      used: 60,
      resetsAt: noon + 60_000,
      tooLarge: false,
    });
  });

  test('an input larger than the limit never fits', () => {
    expect(refusalOf(emptyLedger(noon), limits, ask(101, 1), noon)).toMatchObject({ tooLarge: true });
  });

  test('a request without tokens is let in when they are used up', () => {
    expect(admit(used(100, noon), limits, undefined, noon).ok).toBe(true);
  });

  test('of two limits the one that lasts longer is named', () => {
    const both: ClientLimits = { 'tokens-per-minute': 100, budget: { month: { usd: 0.1 } } };
    expect(refusalOf(used(100, noon), both, ask(1, 1), noon)).toMatchObject({
      limit: 'budget.month.usd',
      resetsAt: new Date(2026, 11, 1).getTime(),
    });
  });

  test.each([
    [{ budget: { day: { tokens: 100 } } }, new Date(2026, 10, 24).getTime()],
    [{ budget: { day: { usd: 0.1 } } }, new Date(2026, 10, 24).getTime()],
    [{ budget: { month: { tokens: 100 } } }, new Date(2026, 11, 1).getTime()],
  ])('a budget is whole again with the next day or month: %j', (budget, until) => {
    const ledger = used(100, noon);
    expect(refusalOf(ledger, budget, ask(1, 1), until - 1)).toMatchObject({ resetsAt: until });
    expect(admit(ledger, budget, ask(1, 1), until).ok).toBe(true);
  });
});

test('a ledger in which nothing counts any more may be forgotten', () => {
  expect(isEmpty(emptyLedger(noon), noon)).toBe(true);
  expect(isEmpty(used(1, noon), noon + 3_600_000)).toBe(false);
  expect(isEmpty(used(1, noon), new Date(2026, 11, 1).getTime())).toBe(true);
});
