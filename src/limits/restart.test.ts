/** A limit is neither passed nor held against anybody early, however often the gateway is started anew. */
import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { countersText, parseCounters } from './counter-file.ts';
import { admit, emptyLedger, type Ledger, nothing, settle } from './ledger.ts';
import { windowSpan } from './sliding-window.ts';

const noon = new Date(2026, 10, 23, 12).getTime();
/** Milliseconds that a window may reach further back: amounts of one second are kept as one. */
const slot = 1000;

const steps = fc.array(
  fc.record({
    gap: fc.oneof(fc.nat(20), fc.nat(3000), fc.nat(70_000)),
    restarts: fc.boolean(),
  }),
  { maxLength: 120 },
);

test('requests a minute are counted over starts, and nobody is refused before they are used up', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 20 }), (all, most) => {
      let ledger: Ledger | undefined;
      let now = noon;
      const admitted: number[] = [];
      for (const { gap, restarts } of all) {
        now += gap;
        if (restarts && ledger !== undefined)
          ledger = parseCounters(countersText(new Map([['k', ledger]])), now)?.get('k');
        const entry = admit(ledger ?? emptyLedger(now), { 'requests-per-minute': most }, undefined, now);
        const since = (span: number): number => admitted.filter((at) => at > now - span).length;
        if (entry.ok) {
          expect(since(windowSpan)).toBeLessThan(most);
          ledger = settle(entry.ledger, entry.reserved, nothing, now);
          admitted.push(now);
        } else expect(since(windowSpan + slot)).toBeGreaterThanOrEqual(most);
      }
    }),
  );
});

test('twenty requests a minute right after the first start are twenty', () => {
  let ledger = emptyLedger(noon);
  const served = Array.from({ length: 21 }, (_, at) => {
    const entry = admit(ledger, { 'requests-per-minute': 20 }, undefined, noon + 40 * at);
    if (entry.ok) ({ ledger } = entry);
    return entry.ok;
  });
  expect(served.filter(Boolean)).toHaveLength(20);
});
