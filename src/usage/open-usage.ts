/** The store of usage as others read it. */
import type { Digests } from './digest.ts';
import type { LocalDays } from './local-day.ts';
import type { UsageDatabase } from './usage-database.ts';

export interface OpenUsage {
  ok: true;
  database: UsageDatabase;
  days: LocalDays;
}

/** Why there is none. */
export interface UsageMissing {
  ok: false;
  code: 'usage_disabled' | 'usage_unavailable';
  sentence: string;
}

/** A store of which it is known whose digests are in it. */
export interface OwnUsageStore extends OpenUsage {
  digests: Digests;
}
