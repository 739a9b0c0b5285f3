/**
 * A process that renews the tokens of one account over and over until it is killed. Arguments: directory, file, address of
 * the token endpoint. Messages out: the access token of each refresh that has ended, and with it is safe.
 */
import { createRefresh } from '../../src/accounts/refresh.ts';
import { refreshing, storeOf } from './account-folder.ts';

const [directory = '', file = '', tokenUrl = ''] = process.argv.slice(2);
const store = storeOf(directory);
const refresh = createRefresh({ ...refreshing(tokenUrl), store });
await store.recover();
const first = await store.read(file);
if (!first.ok) throw new Error(first.problem.message);
let known = first.account;
for (;;) {
  const result = await refresh(known);
  if (result.kind !== 'refreshed') throw new Error(result.message);
  known = result.account;
  process.send?.(known.tokens.accessToken);
}
