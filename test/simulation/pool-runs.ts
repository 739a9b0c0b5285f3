/** A pool and its requests, one after the other. */

import { cooldownTable, defaultRules, type RuleKind } from '../../src/credentials/cooldown-table.ts';
import type { Credential } from '../../src/credentials/credential.ts';
import { createPool, type Lease, type Pool, type Wanted } from '../../src/credentials/pool.ts';
import type { StrategyName } from '../../src/credentials/strategy.ts';
import { testCredential, testRoute } from './accounts.ts';

export const anybody: Wanted = { passOver: () => false };

export function poolOf(credentials: Credential[], strategy: StrategyName = 'round-robin', random = () => 0) {
  const pool = createPool({ random });
  pool.configure(credentials, { strategy, rulesOf: () => defaultRules, quotaOfAccount: false });
  const route = testRoute(credentials);
  return {
    pool,
    route,
    /** Takes the next one, whatever follows. */
    take(now: number, wanted: Wanted = anybody): Lease {
      const choice = pool.choose(route, wanted, now);
      if (choice.kind !== 'chosen') throw new Error('nobody may serve');
      return choice.lease;
    },
    /** The ids of the next so many, each served at once. */
    serve(count: number, now: number): string[] {
      return Array.from({ length: count }, () => {
        const lease = this.take(now);
        pool.succeed(lease, now);
        pool.end(lease, now);
        return lease.candidate.credential.id;
      });
    },
  };
}

export function fail(pool: Pool, lease: Lease, kind: RuleKind, now: number, retryAfter?: number) {
  const model = cooldownTable[kind].scope === 'account' ? undefined : lease.candidate.model;
  return pool.fail(lease, { kind, model, retryAfter, reason: 'as the test says' }, now);
}

export const named = (...ids: string[]) => ids.map((id) => testCredential(id));
