/** What replicas report to each other, as far as those need it who report: where it is kept, and how it travels, is another's concern. */
import type { Clock } from '../../ground/clock.ts';

/** An event without a state of its own: its subject is read elsewhere. */
export type Notice =
  /** The keys, prices or settings in the database are others. */
  | { kind: 'config-changed'; version: number }
  /** An account was signed in, changed, renewed or removed. */
  | { kind: 'account-changed'; account: string }
  /** A conversation that was bound to one candidate is bound to another. */
  | { kind: 'session-moved'; session: string; candidate: string };

/** The tables of what stays true for a while. */
export type RecordTable = 'cooldowns' | 'quotas';

/** Fields with texts, by table: the newest of each is kept for replicas that start, and all get each change. */
export interface SharedRecords {
  /** Keeps and publishes; while the engine is away nothing is kept, and `onReturn` comes when it is back. */
  write(table: RecordTable, fields: ReadonlyMap<string, string>): void;
  /** Removes fields that are no longer needed. */
  drop(table: RecordTable, fields: readonly string[]): void;
  /** All fields; undefined when they cannot be read. */
  read(table: RecordTable): Promise<ReadonlyMap<string, string> | undefined>;
  /** Each change by another replica. */
  onWrite(table: RecordTable, handler: (fields: ReadonlyMap<string, string>) => void): void;
  /** Changes may have been missed, or lost: what is kept is to be read, and written where it is older. */
  onReturn(handler: () => void): void;
}

/** What of a table is no longer needed, and what is missing there, or older. */
interface Amends {
  gone: readonly string[];
  missing: ReadonlyMap<string, string>;
}

export interface Upkeep {
  records: SharedRecords;
  table: RecordTable;
  clock: Pick<Clock, 'every'>;
  /** Ms between two looks. */
  every: number;
  amends(kept: ReadonlyMap<string, string>): Amends;
}

/** Looks now and then, and when the engine is back, at what is kept, and puts right there what `amends` finds. */
export function upkeepOf({ records, table, clock, every, amends }: Upkeep): {
  look(): Promise<void>;
  end(): void;
} {
  async function look(): Promise<void> {
    const kept = await records.read(table);
    if (kept === undefined) return;
    const { gone, missing } = amends(kept);
    if (gone.length > 0) records.drop(table, gone);
    if (missing.size > 0) records.write(table, missing);
  }
  records.onReturn(() => void look());
  return { look, end: clock.every(every, () => void look()) };
}

/** The time that all replicas agree on: that of the engine. Ms since the epoch. */
export interface ClockOffset {
  /** Of the engine, from this computer's. */
  shared(local: number): number;
  /** Of this computer, from the engine's. */
  local(shared: number): number;
}

/** Takes what only one replica has at a time, for so many ms; false when another has it. While that is unknown, each has it. */
export type Claim = (name: string, ms: number) => Promise<boolean>;
