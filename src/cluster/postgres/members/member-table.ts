/** The list of replicas without Valkey: each writes a heartbeat row every few seconds. */
import { z } from 'zod';
import type { Clock } from '../../../ground/clock.ts';
import { type Members, placeIn } from '../../members.ts';
import type { Replica } from '../../ports.ts';
import type { Postgres } from '../connection.ts';

/** Ms between two keep-alives, and seconds without one after which a replica is gone. */
const signEvery = 3000;
const gone = 15;

const row = z.object({ id: z.string(), name: z.string(), version: z.string(), started: z.date() });

export interface MemberTableOptions {
  postgres: Postgres;
  replica: Replica;
  clock: Clock;
}

/** Resolves when it is known who is there, or cannot be. */
export async function openMemberTable({ postgres, replica, clock }: MemberTableOptions): Promise<Members> {
  let members: readonly Replica[] = [replica];

  async function sign(): Promise<void> {
    try {
      await postgres.run(
        `INSERT INTO cpa_replica (id, name, version, started) VALUES ($1, $2, $3, to_timestamp($4::double precision / 1000))
          ON CONFLICT (id) DO UPDATE SET seen = clock_timestamp()`,
        [replica.id, replica.name, replica.version, replica.startedAt],
      );
      await postgres.run(`DELETE FROM cpa_replica WHERE seen < clock_timestamp() - interval '${gone} s'`);
      const rows = await postgres.rows(row, 'SELECT id, name, version, started FROM cpa_replica');
      members = rows.map(({ started, ...rest }) => ({ ...rest, startedAt: started.getTime() }));
    } catch {
      // Who was there last is taken to be there still.
    }
  }
  await sign();
  const end = clock.every(signEvery, () => void sign());

  return {
    list: () => members,
    place: () => placeIn(members, replica),
    async leave() {
      end();
      await postgres.run('DELETE FROM cpa_replica WHERE id = $1', [replica.id]).catch(() => undefined);
    },
  };
}
