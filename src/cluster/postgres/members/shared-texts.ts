/** Texts that every replica reads, each for its time, where there is no Valkey to keep them. Times are the server's. Nothing of it throws. */
import { z } from 'zod';
import type { Clock } from '../../../ground/clock.ts';
import type { SharedTexts } from '../../ports.ts';
import type { Postgres } from '../connection.ts';

const textRow = z.object({ text: z.string() });
const nameRow = z.object({ name: z.string(), left: z.number() });

/** Names of a list that are given at most. */
const mostNames = 1000;

const later = (place: string): string => `clock_timestamp() + ${place}::double precision * interval '1 ms'`;

export function postgresTexts(postgres: Postgres, clock: Pick<Clock, 'now'>): SharedTexts {
  /** Undefined where Postgres is away, or refuses. */
  async function asked<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
    try {
      return await ask();
    } catch {
      return undefined;
    }
  }
  return {
    get: (name, ms) =>
      asked(async () => {
        const [row] = await (ms === undefined
          ? postgres.rows(
              textRow,
              'SELECT text FROM cpa_text WHERE name = $1 AND until > clock_timestamp()',
              [name],
            )
          : postgres.rows(
              textRow,
              `UPDATE cpa_text SET until = ${later('$2')} WHERE name = $1 AND until > clock_timestamp() RETURNING text`,
              [name, ms],
            ));
        return row?.text ?? null;
      }),
    async put(name, text, ms) {
      await asked(() =>
        postgres.run(
          `INSERT INTO cpa_text (name, text, until) VALUES ($1, $2, ${later('$3')})
           ON CONFLICT (name) DO UPDATE SET text = excluded.text, until = excluded.until`,
          [name, text, ms],
        ),
      );
      await asked(() => postgres.run('DELETE FROM cpa_text WHERE until < clock_timestamp()'));
    },
    add: (name, text, ms) =>
      asked(async () => {
        const added = await postgres.run(
          `INSERT INTO cpa_text (name, text, until) VALUES ($1, $2, ${later('$3')})
           ON CONFLICT (name) DO UPDATE SET text = excluded.text, until = excluded.until
           WHERE cpa_text.until <= clock_timestamp()`,
          [name, text, ms],
        );
        return added === 1;
      }),
    async note(list, name, ms) {
      await asked(() =>
        postgres.run(
          `INSERT INTO cpa_text_list (list, name, until) VALUES ($1, $2, ${later('$3')})
           ON CONFLICT (list, name) DO UPDATE SET until = excluded.until`,
          [list, name, ms],
        ),
      );
      await asked(() => postgres.run('DELETE FROM cpa_text_list WHERE until < clock_timestamp()'));
    },
    noted: (list) =>
      asked(async () => {
        const rows = await postgres.rows(
          nameRow,
          `SELECT name, (extract(epoch FROM until - clock_timestamp()) * 1000)::double precision AS "left"
           FROM cpa_text_list WHERE list = $1 AND until > clock_timestamp() ORDER BY until DESC LIMIT ${mostNames}`,
          [list],
        );
        return rows.map(({ name, left }) => ({ name, until: clock.now() + left }));
      }),
  };
}
