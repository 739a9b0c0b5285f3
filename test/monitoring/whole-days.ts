/**
 * Days as Python's zoneinfo has them: where clocks change in either direction, at midnight too, by half an hour, in zones of :30 and :45,
 * and where a day was left out. Of sums by day, of `today`, of times without a zone, and of the times in forecasts.
 */
import { expect, test } from 'bun:test';
import { momentText } from '../../src/cli/quota-text.ts';
import { systemClock } from '../../src/ground/clock.ts';
import { usageAnswers } from '../../src/management/usage-answers.ts';
import { type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asArray, asObject } from '../../src/protocols/json-members.ts';
import { digestsWith } from '../../src/usage/digest.ts';
import { localDays } from '../../src/usage/local-day.ts';
import { priceList } from '../../src/usage/price-list.ts';
import { readTime } from '../../src/usage/time-word.ts';
import { openUsageDatabase } from '../../src/usage/usage-database.ts';
import { createUsageStore } from '../../src/usage/usage-store.ts';
import { usageRecord } from '../usage-records.ts';
import { complaints } from './judges.ts';

/** Zones, and days around which their clocks do something. */
const zones: readonly [string, readonly string[]][] = [
  ['Europe/Berlin', ['2026-03-29', '2026-10-25']],
  ['America/New_York', ['2026-03-08', '2026-11-01']],
  ['America/St_Johns', ['2026-03-08', '2026-11-01']],
  // At midnight: a day of 23 hours has no 00:00, and one of 25 ends twice.
  ['America/Sao_Paulo', ['2018-11-04', '2018-02-18']],
  ['America/Havana', ['2026-03-08', '2026-11-01']],
  ['Asia/Beirut', ['2026-03-29', '2026-10-25']],
  ['Africa/Cairo', ['2026-04-24', '2026-10-30']],
  ['America/Santiago', ['2026-04-05', '2026-09-06']],
  // By half an hour, by two, and in zones of :30 and :45.
  ['Australia/Lord_Howe', ['2026-04-05', '2026-10-04']],
  ['Antarctica/Troll', ['2026-03-29', '2026-10-25']],
  ['Pacific/Chatham', ['2026-04-05', '2026-09-27']],
  ['Asia/Kathmandu', ['2026-06-01']],
  ['Asia/Kolkata', ['2026-06-01']],
  // Days that never were, and one that came twice.
  ['Pacific/Apia', ['2011-12-30']],
  ['Pacific/Kwajalein', ['1993-08-21']],
  ['Asia/Manila', ['2026-01-01']],
  ['Pacific/Kiritimati', ['2026-12-31']],
  ['Etc/GMT+12', ['2026-12-31']],
  ['UTC', ['2026-02-28']],
];

const quarter = 900_000;
const hours = 40 * 4;

/** A request each quarter of an hour, and a millisecond before it, for days around each moment. */
function moments(dates: readonly string[]): number[] {
  return dates.flatMap((date) => {
    const noon = Date.parse(`${date}T12:00:00Z`);
    return Array.from({ length: 2 * hours + 1 }, (_, at) => noon + (at - hours) * quarter);
  });
}

async function said(zone: string, dates: readonly string[]): Promise<JsonObject> {
  const days = localDays(zone);
  const { database } = openUsageDatabase(':memory:');
  const store = createUsageStore({
    ...{ database, days, clock: systemClock, digests: digestsWith(new Uint8Array(32)) },
    onProblem(error) {
      throw error;
    },
  });
  const times = moments(dates);
  const requests = times.flatMap((at) => [at, at - 1]);
  for (const at of requests) store.add(usageRecord({ at }));
  store.flushNow();
  let now = 0;
  const answers = usageAnswers(
    { open: async () => ({ ok: true, database, days }), prices: () => priceList({}) },
    () => now,
  );
  const asked = async (path: string, query: Record<string, string>): Promise<JsonObject> =>
    asObject(parseJson(await (await answers.handle('GET', [path], new URLSearchParams(query))).text())) ?? {};
  now = Math.max(...times) + quarter;
  const series = asArray((await asked('series', { step: 'day' })).rows);
  const todays: JsonObject[] = [];
  for (const at of times.filter((_, index) => index % 3 === 0)) {
    now = at;
    const { total } = await asked('summary', { since: 'today', until: String(at) });
    todays.push({ now: at, requests: asObject(total)?.requests ?? null });
  }
  store.close();
  return {
    ...{ zone, requests, series, todays },
    moments: times.flatMap((time, index) =>
      [0, 5 * quarter, 100 * quarter, 576 * quarter, 700 * quarter].map((before) => {
        const from = time - before + (index % 5);
        return { time, now: from, text: momentText(time, from, zone) };
      }),
    ),
    written: dates.flatMap((date) =>
      Array.from({ length: 96 }, (_, at) => {
        const clock = new Date(at * quarter).toISOString().slice(11, 16);
        const text = `${date}T${clock}`;
        return { text, ms: readTime(text, now, days) ?? null };
      }),
    ),
  };
}

test('15: days, today and local times are those of Python, in every kind of zone', async () => {
  const all: JsonObject[] = [];
  for (const [zone, dates] of zones) all.push(await said(zone, dates));
  expect(await complaints('judge_days.py', { zones: all })).toBe('');
});
