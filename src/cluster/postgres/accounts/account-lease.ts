/** The lease of one account: taken by one replica at a time, renewed while it works, and known to be lost before a token is spent. */
import type { Clock } from '../../../ground/clock.ts';
import type { Postgres } from '../connection.ts';
import {
  type AccountRow,
  type LeaseTimes,
  releaseLease,
  renewLease,
  rowOf,
  takeLease,
} from './account-table.ts';

export interface LeaseDeps {
  postgres: Postgres;
  /** The name of this replica, for people who look at the table. */
  holder: string;
  times: LeaseTimes;
  clock: Clock;
}

export interface Lease {
  /** The account when the lease was taken. */
  row: AccountRow;
  /** Makes it last anew, and notes that a refresh token is about to be spent. False where it is lost. */
  spend(): Promise<boolean>;
  /** Why it is no longer certain to be ours; undefined while it is. */
  lost(): string | undefined;
  /** Gives it back; where Postgres is away it runs out by itself. */
  release(): Promise<void>;
  /** Lets it run out. */
  abandon(): void;
}

export type TakenLease = { ok: true; lease: Lease } | { ok: false; reason: 'gone' | 'busy' };

/** Milliseconds between two looks at a lease that another holds: short at first, as most are given back soon. */
const firstLook = 25;
const lastLook = 100;

/** Waits for the lease at most as long as given. Throws PostgresFailure where Postgres is down. */
export async function acquireLease(
  fileName: string,
  deps: LeaseDeps,
  { timeout, signal }: { timeout: number; signal?: AbortSignal | undefined },
): Promise<TakenLease> {
  const { postgres, holder, times, clock } = deps;
  const until = clock.monotonic() + timeout;
  for (let pause = firstLook; ; pause = Math.min(pause * 2, lastLook)) {
    const asked = clock.monotonic();
    const row = await takeLease(postgres, fileName, holder, times);
    if (row !== undefined) return { ok: true, lease: heldLease(row, asked, deps) };
    if ((await rowOf(postgres, fileName)) === undefined) return { ok: false, reason: 'gone' };
    if (clock.monotonic() + pause > until || signal?.aborted) return { ok: false, reason: 'busy' };
    await clock.wait(pause, signal);
  }
}

function heldLease(row: AccountRow, taken: number, { postgres, times, clock }: LeaseDeps): Lease {
  /** When the renewal was asked for that holds now: the server's time of it is no earlier. */
  let renewed = taken;
  let isLost = false;

  async function renew(spends: boolean): Promise<boolean> {
    const asked = clock.monotonic();
    const held = await renewLease(postgres, row, times, spends);
    if (held) renewed = asked;
    else isLost = true;
    return held;
  }

  const stopRenewing = clock.every(times.lease / 3, () => void renew(false).catch(() => {}));
  return {
    row,
    spend: () => renew(true),
    lost() {
      // A third of the lease is left for the token to be sent.
      const over = clock.monotonic() - renewed > (times.lease * 2) / 3;
      return isLost || over
        ? 'this replica was held up, and another may renew these tokens by now; they are read again'
        : undefined;
    },
    abandon: stopRenewing,
    async release() {
      stopRenewing();
      if (!isLost) await releaseLease(postgres, row).catch(() => {});
    },
  };
}
