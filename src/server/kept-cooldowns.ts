/** Keeps who rests until when over a restart, in the `auth-dir`. */
import type { Config } from '../config/schema.ts';
import { type CooldownFile, createCooldownFile } from '../credentials/cooldown-file.ts';
import type { Pool } from '../credentials/pool.ts';
import type { Log } from '../telemetry/log.ts';

export interface KeptCooldowns {
  /** Puts a configuration in force; the first one brings back what an earlier run has left. */
  configure(config: Pick<Config, 'auth-dir' | 'save-cooldown-status'>): Promise<void>;
  /** A rest has begun, changed or ended. */
  changed(): void;
  /** Writes what has not been written yet. */
  close(): Promise<void>;
}

export function keptCooldowns(pool: () => Pick<Pool, 'rests' | 'restore'>, log: Log): KeptCooldowns {
  let file: CooldownFile | undefined;
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
          : createCooldownFile({
              directory: wanted,
              rests: () => pool().rests(Date.now()),
              onProblem: (sentence) => log.warn(sentence),
            });
      const records = (await file?.load()) ?? [];
      if (records.length > 0) pool().restore(records, Date.now());
    },
    changed: () => file?.changed(),
    close: async () => file?.close(),
  };
}
