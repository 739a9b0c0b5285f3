import { afterAll, expect, test } from 'bun:test';
import fc from 'fast-check';
import { startValkey } from '../../../test/cluster/servers.ts';
import { systemClock } from '../../ground/clock.ts';
import { type MeterMessage, type MeterState, meterStep, newMeter } from '../counters/meter.ts';
import { connectValkey } from './connection.ts';
import { valkeyMeters } from './meter-script.ts';

const server = await startValkey();
const valkey = await connectValkey({ url: server.url, name: 'test', clock: systemClock });
await valkey.ready(2000);
const meters = valkeyMeters(valkey);
afterAll(async () => {
  valkey.close();
  await server[Symbol.asyncDispose]();
});

const units = fc.nat(40);
const message: fc.Arbitrary<Omit<MeterMessage, 'kind' | 'most'>> = fc.record({
  replica: fc.constantFrom('a', 'b', 'c'),
  seq: fc.integer({ min: 1, max: 30 }),
  used: units,
  counted: fc.nat(3),
  held: units,
  least: fc.nat(5),
  wanted: fc.integer({ min: 5, max: 20 }),
  ahead: units,
  seed: fc.option(fc.array(fc.integer({ min: 0, max: 59 }), { minLength: 2, maxLength: 6 }), {
    nil: undefined,
  }),
});

let meter = 0;
test.each(['window', 'total', 'slots'] as const)(
  'the script and the model say the same of a %s',
  async (kind) => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(10, 100, 3000, 9_000_000_000_000),
        fc.array(message, { maxLength: 12 }),
        async (most, messages) => {
          meter += 1;
          let state: MeterState = newMeter;
          for (const one of messages) {
            const pairs = one.seed?.slice(0, one.seed.length - (one.seed.length % 2));
            const whole: MeterMessage = { ...one, kind, most, seed: kind === 'total' ? one.seed : pairs };
            const before = valkey.offset.shared(Date.now());
            const reply = await meters.say(`m${meter}`, whole, 60_000);
            const step = meterStep(state, whole, before);
            state = step.state;
            const { freeIn: own, ...rest } = { freeIn: undefined, ...reply };
            const { freeIn: model, ...wanted } = { freeIn: undefined, ...step.reply };
            expect(rest).toEqual(wanted);
            // Both clocks may stand on other sides of a second.
            if (own !== undefined || model !== undefined)
              expect(Math.abs((own ?? -9999) - (model ?? -9999))).toBeLessThan(1100);
          }
        },
      ),
      { numRuns: 60 },
    );
  },
);

test('large amounts of money are counted to the last nano-dollar', async () => {
  const large = 9_007_199_254_740_000;
  const say = (used: number, seq: number) =>
    meters.say(
      'money',
      {
        kind: 'total',
        most: large,
        replica: 'a',
        seq,
        used,
        counted: 0,
        held: 0,
        least: 0,
        wanted: 0,
        ahead: 0,
        seed: undefined,
      },
      60_000,
    );
  expect(await say(large - 3, 1)).toMatchObject({ used: large - 3 });
  expect(await say(large - 2, 2)).toMatchObject({ used: large - 2 });
});
