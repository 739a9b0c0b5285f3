/** What lasts, in Postgres: the half of a cluster that outlives every process of it. */
import type { Encryption } from '../../accounts/encryption.ts';
import { reasonOf } from '../../ground/reason.ts';
import type { DurableState, HalfOptions } from '../ports.ts';
import { takeAccountIn, watchIntake } from './accounts/account-intake.ts';
import { createAccountVault } from './accounts/account-vault.ts';
import { createBudgetVault } from './budgets/budget-vault.ts';
import { createConfigVault } from './config/config-vault.ts';
import { openMemberTable } from './members/member-table.ts';
import { postgresMessages } from './members/replica-messages.ts';
import { postgresTexts } from './members/shared-texts.ts';
import { openPreparedPostgres } from './prepared-postgres.ts';
import { createResponseVault } from './responses/response-vault.ts';
import { createUsageVault } from './usage/usage-vault.ts';

export interface DurableOptions extends HalfOptions {
  /** Must open what is there already. */
  encryption: Encryption;
  /** For statements, where the usual number is too many. */
  connections?: number;
}

/**
 * Resolves once Postgres has answered, or has had its time to. Throws ClusterRefused where this program is too old for it, or its
 * key is not that of the cluster.
 */
export async function openDurable(url: string, options: DurableOptions): Promise<DurableState> {
  const { cluster, replica, encryption, log, clock, onOperation, connections: most } = options;
  const postgres = await openPreparedPostgres({
    url,
    cluster: cluster.name,
    encryption,
    most,
    onRefused: (sentence) => log.warn(`Postgres is there and is not used: ${sentence}`),
    clock,
    onOperation,
  });
  let lastProblem = '';
  const problemWith = (sentence: string) => (error: unknown) => {
    const problem = reasonOf(error);
    if (problem !== lastProblem) log.warn(sentence, { error: problem });
    lastProblem = problem;
  };
  const responses = createResponseVault({
    postgres,
    onProblem: problemWith('kept responses cannot be shared'),
  });
  const usage = createUsageVault({
    postgres,
    instance: replica.id,
    onProblem: problemWith('usage cannot be shared'),
  });
  return {
    config: (encryption) => createConfigVault(postgres, encryption),
    responses,
    usage,
    engine: postgres,
    budgets: createBudgetVault(postgres),
    members: () => openMemberTable({ postgres, replica, clock }),
    passing: () => ({
      texts: postgresTexts(postgres, clock),
      messages: postgresMessages(postgres, replica.id),
    }),
    accounts: (place) =>
      createAccountVault({
        ...place,
        postgres,
        instance: `${replica.name} ${replica.id}`,
        refreshAlone: cluster['refresh-alone'],
        clock,
      }),
    takeAccountIn: (file, text, encryption) => takeAccountIn(file, text, { postgres, encryption }),
    async takeAccountFiles(place) {
      const intake = await watchIntake({ ...place, postgres, now: clock.now, log });
      const forget = postgres.onState(({ kind }) => {
        if (kind === 'up') void intake.check();
      });
      await intake.ready;
      return async () => {
        forget();
        await intake.close();
      };
    },
    async close() {
      responses.close();
      await postgres.close();
    },
  };
}
