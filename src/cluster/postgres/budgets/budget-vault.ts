/** What was spent of budgets, so that they hold also when Valkey was lost. */
import { z } from 'zod';
import type { KeptTotals } from '../../counters/meter-book.ts';
import type { Postgres } from '../connection.ts';

/** Ms that what was spent in a period is kept after its end. */
const keptAfter = 24 * 3600_000;

const row = z.object({ meter: z.string(), used: z.coerce.number() });

export function createBudgetVault(postgres: Postgres): KeptTotals {
  return {
    async read(meters) {
      const rows = await postgres.rows(
        row,
        'SELECT meter, used FROM cpa_budget WHERE meter IN (SELECT jsonb_array_elements_text($1::text::jsonb))',
        [JSON.stringify(meters)],
      );
      return new Map(rows.map(({ meter, used }) => [meter, used]));
    },
    async write(totals) {
      const records = totals.map(({ meter, used, until }) => ({
        meter,
        used,
        until: new Date(until + keptAfter).toISOString(),
      }));
      await postgres.run(
        `INSERT INTO cpa_budget (meter, used, until)
          SELECT meter, used, until FROM jsonb_to_recordset($1::text::jsonb) AS reported(meter text, used bigint, until timestamptz)
          ORDER BY meter
          ON CONFLICT (meter) DO UPDATE SET used = excluded.used WHERE cpa_budget.used < excluded.used`,
        [JSON.stringify(records)],
      );
      await postgres.run('DELETE FROM cpa_budget WHERE until < clock_timestamp()');
    },
  };
}
