/**
 * Deletes what is too old, in batches: no statement is long, however much has come together, and one replica at a time does it.
 * Partitions by day would be dropped at once, but the id of a request or an answer must stay unique over all of them.
 */
import { z } from 'zod';
import type { Postgres, SqlValue } from './connection.ts';

/** What is swept, each under a lock of its own; 1 to 3 are those of migrations, sign-ins and usage that is added. */
const locks = { usage: 4, responses: 5, owners: 6 } as const;

/** Rows of one turn, and turns of one sweep: what is left is for the next. */
export const sweepPortion = 2000;
const mostBatches = 5000;

const swept = z.object({ gone: z.number() });

/**
 * `text` deletes at most as many rows as its last value, and gives how many as `gone`. Throws PostgresFailure; what was deleted
 * stays so.
 */
export async function sweepInBatches(
  postgres: Pick<Postgres, 'transaction'>,
  what: keyof typeof locks,
  text: string,
  values: readonly SqlValue[],
): Promise<void> {
  for (let batch = 0; batch < mostBatches; batch += 1) {
    const gone = await postgres.transaction(async (inside) => {
      const [lock] = await inside.rows(
        z.object({ mine: z.boolean() }),
        'SELECT pg_try_advisory_xact_lock($1::int, $2::int) AS mine',
        [0x637061, locks[what]],
      );
      // Another replica is at it.
      if (lock?.mine !== true) return 0;
      const [row] = await inside.rows(swept, text, [...values, sweepPortion]);
      return row?.gone ?? 0;
    });
    if (gone < sweepPortion) return;
  }
}
