/**
 * What the usage store keeps in memory, in a process of its own: `bun bench/store-memory.ts FILE` prints megabytes. The same
 * records are made and let go of before it is opened, so that their garbage is no part of it.
 */
import { systemTimers } from '../src/ground/timers.ts';
import { digestsWith } from '../src/usage/digest.ts';
import { localDays } from '../src/usage/local-day.ts';
import { openUsageDatabase } from '../src/usage/usage-database.ts';
import { createUsageStore } from '../src/usage/usage-store.ts';
import { recordAt } from './usage-records.ts';

const batches = 40;
const [file = ''] = process.argv.slice(2);
const now = Date.now();

/** As a gateway makes them: a few at a time, which the next collection of garbage takes. */
function fill(add: (record: ReturnType<typeof recordAt>) => void, written: () => void): number {
  for (let batch = 0; batch < batches; batch++) {
    for (let n = 0; n < 250; n++) add(recordAt(now + batch * 250 + n, n));
    written();
  }
  Bun.gc(true);
  return process.memoryUsage.rss() / 1024 / 1024;
}

let kept: unknown[] = [];
const without = fill(
  (record) => kept.push(record),
  () => {
    kept = [];
  },
);
const { database } = openUsageDatabase(file);
const store = createUsageStore({
  ...{ database, days: localDays('UTC'), digests: digestsWith(Buffer.alloc(32, 1)), timers: systemTimers },
  onProblem(error) {
    throw error;
  },
});
const grown = fill(store.add, store.flushNow) - without;
store.close();
console.log(grown.toFixed(1));
