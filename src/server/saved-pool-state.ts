/** What the pool knows of its credentials outlasts a restart: cooldowns, and what providers have reported of quotas. */
import type { Config } from '../config/schema.ts';
import { createCooldownFile } from '../credentials/cooldown-file.ts';
import type { Pool } from '../credentials/pool.ts';
import { createQuotaFile } from '../credentials/quota-file.ts';
import type { Clock } from '../ground/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { savedRecords } from './saved-records.ts';

export interface SavedPoolState {
  configure(config: Pick<Config, 'auth-dir' | 'save-cooldown-status'>): Promise<void>;
  cooldownChanged(): void;
  quotaChanged(): void;
  /** Writes what has not been written yet. */
  close(): Promise<void>;
}

export function savedPoolState(
  pool: () => Pick<Pool, 'cooldowns' | 'restore' | 'quotas' | 'restoreQuotas'>,
  now: Clock['now'],
  log: Pick<Log, 'warn'>,
): SavedPoolState {
  const cooldowns = savedRecords(createCooldownFile, log, {
    records: () => pool().cooldowns(now()),
    restore: (left) => pool().restore(left, now()),
  });
  const quotas = savedRecords(createQuotaFile, log, {
    records: () => pool().quotas(),
    restore: (left) => pool().restoreQuotas(left, now()),
  });
  return {
    async configure(config) {
      const directory = config['save-cooldown-status'] ? config['auth-dir'] : undefined;
      await cooldowns.configure(directory);
      await quotas.configure(directory);
    },
    cooldownChanged: cooldowns.changed,
    quotaChanged: quotas.changed,
    async close() {
      await cooldowns.close();
      await quotas.close();
    },
  };
}
