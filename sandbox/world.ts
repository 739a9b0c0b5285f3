/** What one sandbox remembers. */
import type { AccountWorld } from './account-servers/account-world.ts';
import type { BenchAnswer } from './bench.ts';
import type { SandboxState } from './dialect.ts';
import type { FaultCounts } from './faults.ts';
import type { Journal } from './journal.ts';

/** Everything that one sandbox remembers. */
export interface World {
  state: SandboxState;
  journal: Journal;
  counts: FaultCounts;
  accounts: AccountWorld;
  benches: Map<string, BenchAnswer>;
  pace: number;
  keep: number;
  anyModel: boolean;
}
