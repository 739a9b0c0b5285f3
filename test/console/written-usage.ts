/** Requests of the past, put into the usage store of a gateway that does not run. */
import { systemClock } from '../../src/ground/clock.ts';
import { digestsWith, installSecret } from '../../src/usage/digest.ts';
import { localDays, ownTimezone } from '../../src/usage/local-day.ts';
import type { UsageRecord } from '../../src/usage/record.ts';
import { openUsageDatabase, usageFile } from '../../src/usage/usage-database.ts';
import { createUsageStore } from '../../src/usage/usage-store.ts';

/** `accounts` is the directory of the account files, which the store is beside. */
export async function writeUsage(accounts: string, records: readonly UsageRecord[]): Promise<void> {
  const secret = await installSecret(accounts, () => undefined);
  const { database } = openUsageDatabase(usageFile(accounts));
  const store = createUsageStore({
    database,
    digests: digestsWith(secret),
    days: localDays(ownTimezone()),
    clock: systemClock,
    onProblem: (error) => {
      throw error;
    },
  });
  store.take(records.toSorted((one, other) => one.at - other.at));
  store.flushNow();
  store.close();
  database.close();
}
