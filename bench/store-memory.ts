/**
 * What the usage store keeps in memory, in a process of its own: `bun bench/store-memory.ts FILE` prints megabytes. The same
 * records are made and let go of before it is opened, and the engine has its compilers and calendars in memory by then, as that of
 * a gateway has: none of that is the store's. What the engine gives back within two seconds is no part of it either.
 */
import { systemClock } from '../src/ground/clock.ts';
import { digestsWith } from '../src/usage/digest.ts';
import { localDays } from '../src/usage/local-day.ts';
import { openUsageDatabase } from '../src/usage/usage-database.ts';
import { createUsageStore } from '../src/usage/usage-store.ts';
import { recordAt } from './usage-records.ts';

const batches = 40;
const [file = ''] = process.argv.slice(2);
const now = Date.now();

/** As a gateway makes them: a few at a time, which the next collection of garbage takes. */
async function fill(
  add: (record: ReturnType<typeof recordAt>) => void,
  written: () => void,
): Promise<number> {
  for (let batch = 0; batch < batches; batch++) {
    for (let n = 0; n < 250; n++) add(recordAt(now + batch * 250 + n, n));
    written();
  }
  for (let look = 0; look < 5; look++) {
    Bun.gc(true);
    await Bun.sleep(400);
  }
  return process.memoryUsage.rss() / 1024 / 1024;
}

/** Work that all tiers of the engine's compiler take part in. */
function warmUp(): void {
  let tokens = 0;
  for (let n = 0; n < 50_000; n++) {
    const record: ReturnType<typeof recordAt> = JSON.parse(JSON.stringify(recordAt(now + n, n)));
    tokens += new Map(Object.entries(record)).size + (record.usage.tokens.input ?? 0);
  }
  if (tokens === 0) throw new Error('unreachable');
  new Intl.DateTimeFormat('en', { timeZone: 'Europe/Berlin' }).format(now);
}

warmUp();
let kept: unknown[] = [];
const without = await fill(
  (record) => kept.push(record),
  () => {
    kept = [];
  },
);
const { database } = openUsageDatabase(file);
const store = createUsageStore({
  ...{ database, days: localDays('UTC'), digests: digestsWith(Buffer.alloc(32, 1)), clock: systemClock },
  onProblem(error) {
    throw error;
  },
});
const grown = (await fill(store.add, store.flushNow)) - without;
store.close();
console.log(grown.toFixed(1));
