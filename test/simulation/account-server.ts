/** Postgres and a provider of the simulated refreshes, as far as both matter to one account. Pure state; times are the server's. */
import { PostgresFailure } from '../../src/cluster/postgres/failure.ts';

interface Row {
  id: string;
  file_name: string;
  sealed: string;
  version: number;
  fence: number;
  lease: number;
  spending: boolean;
  journal: string | null;
}

type Value = string | number | boolean | null | Uint8Array | Date;

export interface AccountServer {
  readonly row: Row;
  /** What a statement of src/cluster/postgres/accounts/account-table.ts does; gives the rows. Throws for any other. */
  execute(text: string, values: readonly Value[], now: number): Record<string, unknown>[];
}

/** The statements by how they begin behind the table's name, each with what it changes. They are held against the real server in test/cluster. */
export function accountServer(fileName: string, sealed: string): AccountServer {
  const row: Row = {
    ...{ id: 'id', file_name: fileName, sealed, version: 1, fence: 0, lease: 0 },
    ...{ spending: false, journal: null },
  };
  const shown = (): Record<string, unknown>[] => {
    const { lease: _lease, spending: _spending, ...columns } = row;
    return [{ ...columns }];
  };
  const changed = (when: boolean, change: Partial<Row>): Record<string, unknown>[] => {
    if (!when) return [];
    Object.assign(row, change);
    return shown();
  };
  return {
    row,
    execute(text, values, now) {
      const [first, second, third, fourth] = values;
      if (text.startsWith('SELECT file_name FROM'))
        return row.journal !== null && row.lease < now ? shown() : [];
      if (text.startsWith('SELECT')) return first === undefined || first === row.file_name ? shown() : [];
      if (text.includes('SET holder = $2'))
        return changed(row.lease < now && (!row.spending || row.lease + Number(fourth) < now), {
          lease: now + Number(third),
          fence: row.fence + 1,
          spending: false,
        });
      const isMine = row.fence === Number(second);
      if (text.includes('SET lease_until = clock_timestamp()'))
        return changed(isMine && row.lease > now, {
          lease: now + Number(third),
          spending: row.spending || fourth === true,
        });
      if (text.includes('SET holder = NULL, lease_until'))
        return changed(isMine, { lease: 0, spending: false });
      if (text.includes('SET journal = $3')) return changed(isMine, { journal: String(third) });
      if (text.includes('SET journal = NULL WHERE'))
        return changed(row.journal === second, { journal: null });
      if (text.includes('SET sealed = $3')) {
        const takesOver = text.includes('fence = fence + 1');
        const renews = text.includes('journal = NULL');
        const holds = !text.includes('AND fence = $4') || row.fence === Number(fourth);
        return changed(row.version === Number(second) && holds, {
          ...{ sealed: String(third), version: row.version + 1 },
          ...(renews && { journal: null, spending: false }),
          ...(takesOver && { fence: row.fence + 1, lease: 0 }),
        });
      }
      throw new Error(`the simulation has no such statement: ${text}`);
    },
  };
}

export const away = (): PostgresFailure => new PostgresFailure('away', 'no answer in time');

/** A refresh token that was presented, at which of the server's ms. */
export interface Presented {
  generation: number;
  at: number;
  /** Whether its answer has come to who asked. */
  delivered: boolean;
}

/** One login whose refresh token is good for one use; whoever brings the one before gets the latest again while nobody has used it. */
export interface TokenFamily {
  readonly generation: number;
  readonly revoked: boolean;
  readonly presented: readonly Presented[];
  /** Undefined where the token is refused. */
  present(generation: number, at: number): Presented | undefined;
}

export function tokenFamily(): TokenFamily {
  let generation = 1;
  let revoked = false;
  const presented: Presented[] = [];
  return {
    get generation() {
      return generation;
    },
    get revoked() {
      return revoked;
    },
    presented,
    present(given, at) {
      const one = { generation: given, at, delivered: false };
      presented.push(one);
      if (given === generation && !revoked) generation += 1;
      else if (given !== generation - 1) revoked = true;
      return revoked ? undefined : one;
    },
  };
}
