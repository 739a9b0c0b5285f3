import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { type Quota, type QuotaWindow, unknownQuota, withWindows } from './quota.ts';
import { forecastOf, poolForecast } from './quota-forecast.ts';
import { keptPoints, pointsOf } from './quota-history.ts';

const minute = 60_000;
const hour = 60 * minute;
const begin = Date.UTC(2026, 10, 23, 12);

function window(left: number, reportedAt: number, more: Partial<QuotaWindow> = {}): QuotaWindow {
  return { name: '5h', ofModel: false, left, closed: false, resetsAt: begin + 5 * hour, reportedAt, ...more };
}

/** The window after it was told once a minute what `left` says. */
function toldFor(
  minutes: number,
  left: (minute: number) => number,
  resetsAt = begin + 5 * hour,
): QuotaWindow {
  let quota: Quota = unknownQuota;
  for (let at = 0; at <= minutes; at += 1)
    quota = withWindows(quota, 'm', [window(left(at), begin + at * minute, { resetsAt })]);
  const [last] = quota.ofAccount;
  if (last === undefined) throw new Error('no window');
  return last;
}

test('a window that is used evenly lasts until what is left is divided by that speed', () => {
  const forecast = forecastOf(
    toldFor(60, (at) => 1 - at / 120),
    begin + hour,
  );
  expect(forecast.burn).toBeCloseTo(0.5, 6);
  expect(forecast.exhaustsAt).toBe(begin + 2 * hour);
  expect(forecast.confidence).toBe('high');
});

test('a window that is used slowly lasts until its reset: there is no time at which it is used up', () => {
  const forecast = forecastOf(
    toldFor(60, (at) => 1 - at / 1200),
    begin + hour,
  );
  expect(forecast.exhaustsAt).toBeUndefined();
  expect(forecast.burn).toBeCloseTo(0.05, 6);
});

test('one answer in ten that is far off does not move the speed', () => {
  const bent = toldFor(60, (at) => 1 - at / 120 - (at % 10 === 5 ? 0.015 : 0));
  expect(forecastOf(bent, begin + hour).burn).toBeCloseTo(0.5, 1);
});

test('shares in whole percents still show how fast a long window is used', () => {
  const slow = toldFor(180, (at) => Math.round((1 - at / 6000) * 100) / 100, begin + 168 * hour);
  expect(forecastOf(slow, begin + 3 * hour).burn).toBeCloseTo(0.01, 2);
});

test('nothing is forecast from a single answer, and an idle window is not used', () => {
  expect(forecastOf(window(0.5, begin), begin)).toMatchObject({ burn: undefined, confidence: 'none' });
  const idle = forecastOf(
    toldFor(60, (at) => 1 - at / 120),
    begin + 3 * hour,
  );
  expect(idle).toMatchObject({ burn: 0, exhaustsAt: undefined });
});

test('a window begins anew when its reset has passed, or much more is told to be left', () => {
  expect(forecastOf(window(0, begin), begin + 5 * hour)).toMatchObject({ state: 'begun-anew', left: 1 });
  const before = toldFor(30, (at) => 1 - at / 60);
  const after = withWindows({ ...unknownQuota, ofAccount: [before] }, 'm', [window(1, begin + hour)]);
  expect(after.ofAccount[0]?.past).toBeUndefined();
});

test('a window that the provider has closed is used up, whatever it says is left', () => {
  expect(forecastOf(window(0.4, begin, { closed: true }), begin)).toMatchObject({
    state: 'used-up',
    left: 0,
  });
});

test('the history of a week of answers is bounded, in order, and keeps its beginning and its end', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 3000 }), (minutes) => {
      const points = pointsOf(toldFor(minutes, (at) => 1 - at / 6000, begin + 168 * hour));
      expect(points.length).toBeLessThanOrEqual(keptPoints + 1);
      expect(points[0]).toEqual({ at: begin, left: 1 });
      expect(points.at(-1)?.at).toBe(begin + minutes * minute);
      for (const [index, point] of points.entries())
        if (index > 0) expect(point.at).toBeGreaterThan(points[index - 1]?.at ?? 0);
    }),
    { numRuns: 20 },
  );
});

test('several accounts last as long as what they have together, and as what begins anew on the way', () => {
  const part = (left: number, burn: number, resetsAt = begin + 9 * hour) => ({
    forecast: { state: 'open', left, burn, exhaustsAt: undefined, confidence: 'high' } as const,
    resetsAt,
  });
  const two = [part(0.5, 0.5), part(0.5, 0)];
  expect(poolForecast(two, begin)).toMatchObject({ accounts: 2, left: 1, exhaustsAt: begin + 2 * hour });
  // The second one begins anew after an hour: then a quarter and a whole one are left, for two hours and a half.
  const renewed = [part(0.5, 0.5, begin + 9 * hour), part(0.5, 0, begin + hour)];
  expect(poolForecast(renewed, begin).exhaustsAt).toBe(begin + 3.5 * hour);
  expect(poolForecast([part(0.5, 0)], begin).exhaustsAt).toBeUndefined();
  expect(poolForecast([part(0, 0)], begin).exhaustsAt).toBe(begin);
});

test('a window that does not say when it begins anew holds for its length, or a minute, and nothing is forecast from it', () => {
  const silent = { resetsAt: undefined, name: 'requests', ofModel: true };
  expect(forecastOf(window(0, begin, silent), begin + 59_000)).toMatchObject({ state: 'used-up', left: 0 });
  expect(forecastOf(window(0, begin, silent), begin + minute)).toMatchObject({
    state: 'begun-anew',
    left: 1,
  });
  const month = { ...silent, length: 30 * 24 * hour };
  expect(forecastOf(window(0.02, begin, month), begin + hour)).toMatchObject({ state: 'low', left: 0.02 });
  let quota: Quota = unknownQuota;
  for (let at = 0; at <= 30; at += 1)
    quota = withWindows(quota, 'm', [window(1 - at / 40, begin + at * minute, silent)]);
  const [last] = quota.ofModels.get('m') ?? [];
  expect(last && forecastOf(last, begin + 30 * minute)).toMatchObject({
    left: 0.25,
    exhaustsAt: undefined,
  });
});

test('a pool runs dry when one that is used up step by step does, as far as its resets are known', () => {
  const part = fc.record({
    left: fc.double({ min: 0.01, max: 1, noNaN: true }),
    hours: fc.integer({ min: 1, max: 9 }),
  });
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 6 }),
      fc.double({ min: 0.05, max: 2, noNaN: true }),
      (parts, burn) => {
        const forecast = poolForecast(
          parts.map(({ left, hours }, index) => ({
            forecast: {
              ...{ state: 'open', left, exhaustsAt: undefined, confidence: 'high' },
              burn: index === 0 ? burn : 0,
            } as const,
            resetsAt: begin + hours * hour,
          })),
          begin,
        );
        let own = parts.map(({ left }) => left);
        let dry: number | undefined;
        const last = Math.max(...parts.map(({ hours }) => hours));
        for (let at = 0; at < last * 60 && dry === undefined; at += 1) {
          const all = own.reduce((sum, one) => sum + one, 0);
          if (all <= burn / 60) dry = begin + (at + (all / burn) * 60) * minute;
          own = own.map((one, index) =>
            parts[index]?.hours === (at + 1) / 60 ? 1 : one * (1 - burn / 60 / all),
          );
        }
        const { exhaustsAt } = forecast;
        // Steps do not tell what ends just before a reset from what lasts until it.
        for (const end of [dry, exhaustsAt])
          fc.pre(end === undefined || Math.abs(((end - begin + hour / 2) % hour) - hour / 2) > 2 * minute);
        expect(exhaustsAt === undefined).toBe(dry === undefined);
        if (exhaustsAt !== undefined && dry !== undefined)
          expect(Math.abs(exhaustsAt - dry)).toBeLessThan(minute);
      },
    ),
  );
});
