/** What one sandbox remembers. */
import type { AccountDeps } from './account-servers/account-deps.ts';
import type { BenchAnswer } from './bench.ts';
import type { SandboxState } from './dialect.ts';
import type { FaultCounts } from './faults.ts';
import type { Journal } from './journal.ts';

/** Everything that one sandbox remembers. */
export interface Deps {
  state: SandboxState;
  journal: Journal;
  counts: FaultCounts;
  accounts: AccountDeps;
  benches: Map<string, BenchAnswer>;
  pace: number;
  keep: number;
  anyModel: boolean;
}
