/** Answers that clients of any replica come back to, in Postgres: there before a client has the end of them. */
import { z } from 'zod';
import type { KeptAnswer, KnownAnswers, ResponseVault } from '../../ports.ts';
import type { Postgres } from '../connection.ts';
import { isAway } from '../failure.ts';
import { sweepInBatches } from '../sweep.ts';

export interface ResponseVaultOptions {
  postgres: Postgres;
  /** Called with what Postgres refuses, and of what is lost while it is away. */
  onProblem: (error: unknown) => void;
}

/** Characters of answers that wait for Postgres, at most; the oldest go first. They stay on this replica. */
const mostWaiting = 64 * 1024 * 1024;

const answerRow = z.object({
  id: z.string(),
  previous: z.string().nullable(),
  native: z.boolean(),
  input: z.string(),
  response: z.string(),
});
const ownerRow = z.object({ id: z.string(), client: z.string() });

/** Text without what Postgres cannot hold. */
const storable = (ids: readonly string[]): string =>
  JSON.stringify(ids.filter((id) => !id.includes('\0')).map((id) => id.toWellFormed()));

export function createResponseVault({
  postgres,
  onProblem,
}: ResponseVaultOptions): ResponseVault & { close(): void } {
  /** What came while Postgres was away, oldest first. */
  const waiting = new Map<string, KeptAnswer>();
  let size = 0;

  async function write(answer: KeptAnswer): Promise<void> {
    const { id, client, previous, native, input, response, items, owned } = answer;
    await postgres.run(
      `WITH answer AS (
         INSERT INTO cpa_response (id, client, previous, native, input, response) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id, client) DO UPDATE SET previous = excluded.previous, native = excluded.native,
           input = excluded.input, response = excluded.response, used = excluded.used),
       item AS (
         INSERT INTO cpa_response_item (id, client, response)
         SELECT DISTINCT value, $2, $1 FROM jsonb_array_elements_text($7::text::jsonb)
         ON CONFLICT (id, client) DO UPDATE SET response = excluded.response)
       INSERT INTO cpa_response_owner (id, client)
       SELECT DISTINCT value, $2 FROM jsonb_array_elements_text($8::text::jsonb) ON CONFLICT DO NOTHING`,
      [id, client, previous ?? null, native, input, response, storable(items), storable(owned)],
    );
  }

  const lengthOf = ({ input, response }: KeptAnswer): number => input.length + response.length;

  function later(answer: KeptAnswer): void {
    const key = `${answer.client}\n${answer.id}`;
    const before = waiting.get(key);
    if (before !== undefined) size -= lengthOf(before);
    waiting.set(key, answer);
    size += lengthOf(answer);
    for (const [oldest, one] of waiting) {
      if (size <= mostWaiting) return;
      waiting.delete(oldest);
      size -= lengthOf(one);
      onProblem(new Error('too many answers wait for Postgres: the oldest are kept by this replica alone'));
    }
  }

  let isWriting = false;
  async function writeWaiting(): Promise<void> {
    for (const [key, answer] of waiting) {
      try {
        await write(answer);
      } catch (error) {
        if (isAway(error)) return;
        onProblem(error);
      }
      if (waiting.get(key) === answer && waiting.delete(key)) size -= lengthOf(answer);
    }
  }

  const forget = postgres.onState(({ kind }) => {
    if (kind !== 'up') return;
    if (isWriting) return;
    isWriting = true;
    void writeWaiting().finally(() => {
      isWriting = false;
    });
  });

  return {
    async keep(answer) {
      try {
        await write(answer);
      } catch (error) {
        if (isAway(error)) later(answer);
        else onProblem(error);
      }
    },
    async own(ids, client) {
      try {
        await postgres.run(
          `INSERT INTO cpa_response_owner (id, client)
           SELECT DISTINCT value, $1 FROM jsonb_array_elements_text($2::text::jsonb) ON CONFLICT DO NOTHING`,
          [client, storable(ids)],
        );
      } catch (error) {
        if (!isAway(error)) onProblem(error);
      }
    },
    async find(ids, client, ttl): Promise<KnownAnswers> {
      const named = storable(ids);
      try {
        const rows = await postgres.rows(
          answerRow,
          // A union without the bodies ends where an upstream gave one id twice.
          `WITH RECURSIVE named AS (SELECT value AS id FROM jsonb_array_elements_text($2::text::jsonb)),
           chain AS (
             SELECT id, previous FROM cpa_response WHERE client = $1 AND (id IN (SELECT id FROM named)
               OR id IN (SELECT response FROM cpa_response_item WHERE client = $1 AND id IN (SELECT id FROM named)))
             UNION
             SELECT earlier.id, earlier.previous FROM cpa_response earlier
             JOIN chain ON earlier.id = chain.previous AND earlier.client = $1)
           SELECT id, previous, native, input, response FROM cpa_response
           WHERE client = $1 AND id IN (SELECT id FROM chain) AND used > clock_timestamp() - $3 * interval '1 ms'`,
          [client, named, ttl],
        );
        const owners = await postgres.rows(
          ownerRow,
          `SELECT id, client FROM cpa_response_owner
           WHERE id IN (SELECT value FROM jsonb_array_elements_text($1::text::jsonb)) LIMIT 10000`,
          [named],
        );
        if (rows.length > 0)
          void postgres
            .run(
              `UPDATE cpa_response SET used = clock_timestamp() WHERE client = $1
               AND id IN (SELECT value FROM jsonb_array_elements_text($2::text::jsonb))
               AND used < clock_timestamp() - interval '10 minutes'`,
              [client, storable(rows.map(({ id }) => id))],
            )
            .catch(() => {});
        return { answers: rows.map((row) => ({ ...row, previous: row.previous ?? undefined })), owners };
      } catch (error) {
        if (!isAway(error)) onProblem(error);
        return { answers: [], owners: [] };
      }
    },
    async forget(id, client) {
      waiting.delete(`${client}\n${id}`);
      await postgres.transaction(async (inside) => {
        await inside.run('DELETE FROM cpa_response_item WHERE response = $1 AND client = $2', [id, client]);
        await inside.run('DELETE FROM cpa_response WHERE id = $1 AND client = $2', [id, client]);
        await inside.rows(z.object({}), "SELECT pg_notify('cpa_response_gone', $1)", [
          JSON.stringify({ id, client }),
        ]);
      });
    },
    onForgotten(handler) {
      const payload = z.object({ id: z.string(), client: z.string() });
      return postgres.listen(
        'cpa_response_gone',
        (text) => {
          const { data } = payload.safeParse(JSON.parse(text));
          if (data) handler(data.id, data.client);
        },
        () => {},
      );
    },
    async takeOver(rotated) {
      for (const { before, now } of rotated)
        for (const table of ['cpa_response', 'cpa_response_item', 'cpa_response_owner'])
          await postgres
            .run(
              `UPDATE ${table} SET client = $2 WHERE client = $1
               AND NOT EXISTS (SELECT 1 FROM ${table} other WHERE other.id = ${table}.id AND other.client = $2)`,
              [before, now],
            )
            .catch((error: unknown) => void (isAway(error) || onProblem(error)));
    },
    async sweep(ttl) {
      try {
        await sweepInBatches(
          postgres,
          'responses',
          `WITH old AS (DELETE FROM cpa_response WHERE (id, client) IN (SELECT id, client FROM cpa_response
             WHERE used <= clock_timestamp() - $1 * interval '1 ms' LIMIT $2::int) RETURNING id, client),
           items AS (DELETE FROM cpa_response_item item USING old
             WHERE item.response = old.id AND item.client = old.client)
           SELECT count(*)::int AS gone FROM old`,
          [ttl],
        );
        // As long as the longest that a provider keeps an answer, and more.
        await sweepInBatches(
          postgres,
          'owners',
          `WITH old AS (DELETE FROM cpa_response_owner WHERE (id, client) IN (SELECT id, client FROM cpa_response_owner
             WHERE given < clock_timestamp() - interval '90 days' LIMIT $1::int) RETURNING 1)
           SELECT count(*)::int AS gone FROM old`,
          [],
        );
      } catch (error) {
        if (!isAway(error)) onProblem(error);
      }
    },
    close: forget,
  };
}
