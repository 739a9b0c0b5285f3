/**
 * A process that renews the tokens of every account of a directory over and over until it is killed. Arguments: directory,
 * address of the token endpoint. Messages out: the access token of each refresh that has ended, and with it is safe.
 */
import type { Account } from '../../src/accounts/account.ts';
import { createRefresh } from '../../src/accounts/refresh.ts';
import { refreshing, storeOf } from './account-folder.ts';

const [directory = '', tokenUrl = ''] = process.argv.slice(2);
const store = storeOf(directory);
const refresh = createRefresh({ ...refreshing(tokenUrl), store });
await store.recover();
const { accounts } = await store.list();
await Promise.all(accounts.map(refreshForEver));

async function refreshForEver(first: Account): Promise<never> {
  for (let known = first; ; ) {
    const result = await refresh(known);
    if (result.kind !== 'refreshed') throw new Error(result.message);
    known = result.account;
    process.send?.(known.tokens.accessToken);
  }
}
