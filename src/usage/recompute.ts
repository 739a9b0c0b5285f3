/** Costs anew, after prices have changed: of all requests that are kept, and of the sums that they are in. */
import type { Database } from 'bun:sqlite';
import { yieldToEventLoop } from '../ground/steps.ts';
import { sumsChanged } from './changed-sums.ts';
import {
  type AttemptColumn,
  attemptColumns,
  mediaOf,
  placeOf,
  type RequestColumn,
  requestColumns,
  sourceWords,
  timeOf,
} from './columns.ts';
import { costOf } from './cost.ts';
import type { LocalDays } from './local-day.ts';
import { readNames } from './names.ts';
import type { PriceList } from './price-list.ts';
import { hourMs, unknownUse } from './roll-up.ts';
import type { Row } from './rows.ts';

/** Rows of one transaction, each a turn. */
const portion = 500;

const upstream = sourceWords.indexOf('upstream');

/** How many were looked at, and how many cost something else now. What the service itself has reported stays. */
export async function recompute(
  database: Database,
  days: LocalDays,
  prices: PriceList,
  { since, until }: { since?: number | undefined; until?: number | undefined },
): Promise<{ recomputed: number; changed: number }> {
  const select = database.query<Row<RequestColumn>, [number, number, number]>(
    `SELECT ${requestColumns.join(', ')} FROM requests WHERE id >= ? AND id < ? ORDER BY id LIMIT ?`,
  );
  const update = database.query('UPDATE requests SET cost = ?, source = ? WHERE id = ?');
  const attemptsOf = database.query<Row<AttemptColumn>, [number]>(
    `SELECT ${attemptColumns.join(', ')} FROM attempts WHERE request = ?`,
  );
  const updateAttempt = database.query(
    'UPDATE attempts SET cost = ?, source = ? WHERE request = ? AND n = ?',
  );
  const adjust = (['hour', 'day'] as const).map((step) =>
    database.query(
      `UPDATE usage_${step} SET paid = paid + ?, worth = worth + ?, unpriced = unpriced + ?
       WHERE at = ? AND key = ? AND credential = ? AND provider = ? AND model = ?`,
    ),
  );
  const names = readNames(database);
  const nameOf = (id: number | null): string => names.get(id ?? 0)?.name ?? '';
  let [recomputed, changed] = [0, 0];

  /** The cost of a row's tokens by the prices in force at its time; undefined where the price is unknown, or no tokens were counted. */
  function costNow(row: Row<Extract<RequestColumn, AttemptColumn>>, asked: string, at: number) {
    if (row.input === null && row.output === null) return undefined;
    const known = prices.priceOf(nameOf(row.model), asked, at);
    return (
      known && {
        nano: costOf(known.price, {
          input: row.input ?? 0,
          output: row.output ?? 0,
          cacheRead: row.cache_read ?? 0,
          cacheWrite: row.cache_write ?? 0,
          cacheWrite1h: row.cache_write_1h ?? 0,
          ...mediaOf((column) => row[column]),
          tier: nameOf(row.tier),
        }),
        source: sourceWords.indexOf(known.source),
      }
    );
  }

  function again(row: Row<RequestColumn>): void {
    const { id, cost, source, credential, billed } = row;
    if (id === null || credential === null || source === upstream) return;
    const at = timeOf(id);
    const asked = prices.namedBy(nameOf(row.asked));
    let total = costNow(row, asked, at);
    if ((row.attempts ?? 0) > 1) {
      // A request that several were asked for costs what they cost together.
      const kept = attemptsOf.all(id);
      const counted = kept.filter(
        ({ input, output, counted }) => input !== null || output !== null || counted === unknownUse,
      );
      let sum: typeof total = { nano: 0, source: 0 };
      for (const attempt of counted) {
        const given = attempt.source === upstream && attempt.cost !== null;
        const now = given ? { nano: attempt.cost ?? 0, source: upstream } : costNow(attempt, asked, at);
        if (!given) updateAttempt.run(now?.nano ?? null, now?.source ?? null, id, attempt.n ?? 0);
        // What is unknown of one is unknown of all, as when it was counted.
        sum = sum && now && { nano: sum.nano + now.nano, source: now.source };
      }
      if (counted.length > 0) total = sum;
    }
    const nano = total?.nano ?? null;
    if (nano === cost && (total?.source ?? null) === source) return;
    update.run(nano, total?.source ?? null, id);
    changed += 1;
    const difference = (nano ?? 0) - (cost ?? 0);
    const counts = (row.input ?? 0) > 0 || (row.output ?? 0) > 0 || row.counted === unknownUse;
    const unpriced = counts ? Number(nano === null) - Number(cost === null) : 0;
    const places = [Math.floor(at / hourMs) * hourMs, days.dayOf(at)];
    sumsChanged(database, { hour: places[0], day: places[1] });
    for (const [index, statement] of adjust.entries())
      statement.run(
        billed === 1 ? 0 : difference,
        billed === 1 ? difference : 0,
        unpriced,
        places[index] ?? 0,
        row.key ?? 0,
        credential,
        row.provider ?? 0,
        row.model ?? 0,
      );
  }

  const write = database.transaction((rows: readonly Row<RequestColumn>[]) => {
    for (const row of rows) again(row);
  });
  const end = until === undefined ? Number.MAX_SAFE_INTEGER : placeOf(until);
  for (let from = since === undefined ? 0 : placeOf(since); ; ) {
    const rows = select.all(from, end, portion);
    const lastId = rows.at(-1)?.id ?? undefined;
    if (lastId === undefined) return { recomputed, changed };
    write.immediate(rows);
    recomputed += rows.length;
    from = lastId + 1;
    await yieldToEventLoop();
  }
}
