/** What outlasts a restart in the `auth-dir`: cooldowns, what providers have told of quotas, and what was alerted. */

import type { StateFile } from '../accounts/state-file.ts';
import type { Config } from '../config/schema.ts';
import { createCooldownFile } from '../credentials/cooldown-file.ts';
import type { Pool } from '../credentials/pool.ts';
import { createQuotaFile } from '../credentials/quota-file.ts';
import type { Clock } from '../ground/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { createAlertFile } from './alert-file.ts';
import type { Alerts } from './alerts.ts';

export interface KeptRecords {
  /** Puts a configuration in force; the first one brings back what an earlier run has left. */
  configure(config: Pick<Config, 'auth-dir' | 'save-cooldown-status'>): Promise<void>;
  /** A record has come, changed or gone. */
  changed(): void;
  /** Writes what has not been written yet. */
  close(): Promise<void>;
}

/** Who is cooling down until when. */
export function keptCooldowns(
  pool: () => Pick<Pool, 'rests' | 'restore'>,
  log: Pick<Log, 'warn'>,
  now: Clock['now'],
): KeptRecords {
  const onProblem = (sentence: string): void => log.warn(sentence);
  return keptRecords(
    (directory) => createCooldownFile({ directory, rests: () => pool().rests(now()), onProblem }),
    (records) => pool().restore(records, now()),
  );
}

/** What is left of quotas. */
export function keptQuotas(
  pool: () => Pick<Pool, 'quotas' | 'restoreQuotas'>,
  log: Pick<Log, 'warn'>,
  now: Clock['now'],
): KeptRecords {
  const onProblem = (sentence: string): void => log.warn(sentence);
  return keptRecords(
    (directory) => createQuotaFile(directory, () => pool().quotas(), onProblem),
    (records) => pool().restoreQuotas(records, now()),
  );
}

/** What has been alerted. */
export function keptAlerts(alerts: Pick<Alerts, 'known' | 'restore'>, log: Pick<Log, 'warn'>): KeptRecords {
  const onProblem = (sentence: string): void => log.warn(sentence);
  return keptRecords(
    (directory) => createAlertFile(directory, alerts.known, onProblem),
    (records) => alerts.restore(records),
  );
}

function keptRecords<Kept>(
  open: (directory: string) => StateFile<Kept[]>,
  restore: (records: Kept[]) => void,
): KeptRecords {
  let file: StateFile<Kept[]> | undefined;
  let directory: string | undefined;
  return {
    async configure(config) {
      const wanted = config['save-cooldown-status'] ? config['auth-dir'] : undefined;
      if (wanted === directory) return;
      await file?.close();
      directory = wanted;
      file = wanted === undefined ? undefined : open(wanted);
      const records = (await file?.load()) ?? [];
      if (records.length > 0) restore(records);
    },
    changed: () => file?.changed(),
    close: async () => file?.close(),
  };
}
