/**
 * A replica that renews the tokens of one account again and again until it is killed. Arguments: address of Postgres, its directory, the
 * account's file name, address of the token endpoint. Messages out: how each refresh ended.
 */
import { createRefresh } from '../../../src/accounts/refresh.ts';
import { refreshing } from '../../accounts/account-folder.ts';
import { leaseTimes, openReplica } from './replicas.ts';

const [url = '', directory = '', name = '', tokenUrl = ''] = process.argv.slice(2);
const { vault } = await openReplica(url, { directory, times: leaseTimes });
await vault.recover();
const refresh = createRefresh({ ...refreshing(tokenUrl), store: vault, warn: () => {} });
for (;;) {
  const read = await vault.read(name);
  if (read.ok) process.send?.((await refresh(read.account)).kind);
  await vault.writePending();
  await Bun.sleep(10);
}
