/** Keeps what providers have told of quotas over a restart, in the `auth-dir`. */
import type { KeptFile } from '../accounts/kept-file.ts';
import type { Config } from '../config/schema.ts';
import type { Pool } from '../credentials/pool.ts';
import { createQuotaFile, type QuotaRecord } from '../credentials/quota-file.ts';
import type { Log } from '../telemetry/log.ts';

export interface KeptQuotas {
  /** Puts a configuration in force; the first one brings back what an earlier run has left. */
  configure(config: Pick<Config, 'auth-dir' | 'save-cooldown-status'>): Promise<void>;
  /** Something has been told. */
  changed(): void;
  /** Writes what has not been written yet. */
  close(): Promise<void>;
}

export function keptQuotas(
  pool: () => Pick<Pool, 'quotas' | 'restoreQuotas'>,
  log: Pick<Log, 'warn'>,
  now: () => number,
): KeptQuotas {
  let file: KeptFile<QuotaRecord[]> | undefined;
  let directory: string | undefined;
  return {
    async configure(config) {
      const wanted = config['save-cooldown-status'] ? config['auth-dir'] : undefined;
      if (wanted === directory) return;
      await file?.close();
      directory = wanted;
      file =
        wanted === undefined
          ? undefined
          : createQuotaFile(
              wanted,
              () => pool().quotas(),
              (sentence) => log.warn(sentence),
            );
      const records = (await file?.load()) ?? [];
      if (records.length > 0) pool().restoreQuotas(records, now());
    },
    changed: () => file?.changed(),
    close: async () => file?.close(),
  };
}
