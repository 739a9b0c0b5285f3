/** What outlasts a restart in the `auth-dir`: cooldowns, what providers have reported of quotas, and what was alerted. */
import type { RecordFile, RecordFileOptions } from '../accounts/record-file.ts';
import type { Log } from '../telemetry/log.ts';

export interface SavedRecords {
  /** They are kept in this directory from now on, or nowhere; what an earlier run has left there is brought back. */
  configure(directory: string | undefined): Promise<void>;
  /** A record has come, changed or gone. */
  changed(): void;
  /** Writes what has not been written yet. */
  close(): Promise<void>;
}

export interface Recorded<Kept> {
  /** What there is now. */
  records(): readonly Kept[];
  /** Takes what an earlier run has left. */
  restore(left: Kept[]): void;
}

export function savedRecords<Kept>(
  open: (options: RecordFileOptions<Kept>) => RecordFile<Kept>,
  log: Pick<Log, 'warn'>,
  { records, restore }: Recorded<Kept>,
): SavedRecords {
  let file: RecordFile<Kept> | undefined;
  let directory: string | undefined;
  return {
    async configure(wanted) {
      if (wanted === directory) return;
      await file?.close();
      directory = wanted;
      file =
        wanted === undefined
          ? undefined
          : open({ directory: wanted, records, onProblem: (sentence) => log.warn(sentence) });
      const left = (await file?.load()) ?? [];
      if (left.length > 0) restore(left);
    },
    changed: () => file?.changed(),
    close: async () => file?.close(),
  };
}
