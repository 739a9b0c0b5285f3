/** What was used today and yesterday, and what failed last: asked of the store only where something has ended since. */
import type { AskedUsage } from '../management/usage-answers.ts';
import { requestReader } from '../usage/request-reader.ts';
import { usageReader } from '../usage/usage-reader.ts';
import type { UsageRow } from '../usage/usage-row.ts';
import type { Live } from './live.ts';
import { keptRow } from './request-row.ts';
import type { RequestRow } from './wire.ts';

export interface DaySums {
  /** Null where usage is not kept. Yesterday is until the same time of the day. */
  today: UsageRow | null;
  yesterday: UsageRow | null;
  /** The newest first. */
  failures: RequestRow[];
}

/** What is known for a moment: many consoles, and many looks, cost no more than one. */
export interface KeptDaySums {
  /** `now` is in ms since the epoch. */
  at(now: number): Promise<DaySums>;
}

const day = 24 * 3600_000;
const mostFailures = 10;
/** Milliseconds for which sums hold while requests end, and while none does. */
const busy = 10_000;
const idle = 60_000;

export function keptDaySums(usage: AskedUsage, ended: Live['ended']): KeptDaySums {
  let sums: Promise<DaySums> | undefined;
  let asked = { at: Number.NEGATIVE_INFINITY, all: -1, failed: -1 };

  return {
    at(now) {
      const age = now - asked.at;
      const isOld = asked.all !== ended.all ? age >= busy : age >= idle;
      // A failure is what people wait for.
      if (sums === undefined || isOld || (asked.failed !== ended.failed && age >= busy / 5)) {
        asked = { at: now, ...ended };
        sums = daySums(usage, now);
      }
      return sums;
    },
  };
}

async function daySums(usage: AskedUsage, now: number): Promise<DaySums> {
  const open = await usage.open();
  if (!open.ok) return { today: null, yesterday: null, failures: [] };
  const { database, days } = open;
  const today = days.dayOf(now);
  const sinceYesterday = now - days.begins(today);
  const reader = usageReader(database, days);
  const total = async (since: number, until: number): Promise<UsageRow> =>
    (await reader.totals({ since, until, by: [], where: {} })).total;
  const failed = await requestReader(database).list({
    since: now - day,
    until: now,
    where: {},
    status: 'failed',
    before: undefined,
    limit: mostFailures,
  });
  return {
    today: await total(days.begins(today), now),
    yesterday: await total(days.begins(today - 1), days.begins(today - 1) + sinceYesterday),
    failures: failed.map(keptRow),
  };
}
