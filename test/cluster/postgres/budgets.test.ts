/** What was spent of budgets is kept in Postgres: a total never falls, whoever writes it, in whatever order. */
import { expect, test } from 'bun:test';
import { createEncryption } from '../../../src/accounts/encryption.ts';
import { createBudgetVault } from '../../../src/cluster/postgres/budgets/budget-vault.ts';
import { openPreparedPostgres } from '../../../src/cluster/postgres/prepared-postgres.ts';
import { systemClock } from '../../../src/ground/clock.ts';
import { startPostgres } from '../servers.ts';

test('the greatest total that was written is read, until its period is over', async () => {
  await using server = await startPostgres();
  const url = await server.database('budgets');
  const encryption = createEncryption({ key: 'the key of the cluster, long enough' });
  const deps = { encryption, onRefused() {}, clock: systemClock };
  const open = () => openPreparedPostgres({ url, cluster: 'default', ...deps });
  const all = await Promise.all([open(), open(), open()]);
  const vaults = all.map(createBudgetVault);
  const until = Date.now() + 3600_000;
  const money = 9_007_199_254_740_000;
  await Promise.all(
    vaults.map((vault, at) =>
      vault.write([
        { meter: 'a', used: 100 * (at + 1), until },
        { meter: 'b', used: money - at, until },
        { meter: 'over', used: 5, until: Date.now() - 48 * 3600_000 },
      ]),
    ),
  );
  await vaults[0]?.write([{ meter: 'a', used: 50, until }]);
  const read = await vaults[1]?.read(['a', 'b', 'over', 'unknown']);
  expect(read).toEqual(
    new Map([
      ['a', 300],
      ['b', money],
    ]),
  );
  for (const postgres of all) await postgres.close();
}, 30_000);
