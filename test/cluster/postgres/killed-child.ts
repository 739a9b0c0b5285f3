/**
 * A replica that renews the tokens of one account and is killed at a step of it. Arguments: address of Postgres, its directory, the
 * account's file name, address of the token endpoint, and the step: `before 3` or `after 3`, counted in statements from the lease on;
 * `never` for none. Message out: how the refresh ended.
 */
import { createRefresh } from '../../../src/accounts/refresh.ts';
import type { Postgres } from '../../../src/cluster/postgres/connection.ts';
import { refreshing } from '../../accounts/account-folder.ts';
import { leaseTimes, openReplica } from './replicas.ts';

const [url = '', directory = '', name = '', tokenUrl = '', step = ''] = process.argv.slice(2);
let counts = false;
let statements = 0;

async function counted<T>(run: () => Promise<T>): Promise<T> {
  if (!counts) return run();
  statements += 1;
  const number = statements;
  if (step === `before ${number}`) process.kill(process.pid, 'SIGKILL');
  const result = await run();
  if (step === `after ${number}`) process.kill(process.pid, 'SIGKILL');
  return result;
}

const counting = (postgres: Postgres): Postgres => ({
  ...postgres,
  get state() {
    return postgres.state;
  },
  rows: (row, text, values) => counted(() => postgres.rows(row, text, values)),
  run: (text, values) => counted(() => postgres.run(text, values)),
});

const replica = await openReplica(url, { directory, times: leaseTimes, around: counting });
const read = await replica.vault.read(name);
if (!read.ok) throw new Error(read.problem.message);
counts = true;
const result = await createRefresh({ ...refreshing(tokenUrl), store: replica.vault })(read.account);
process.send?.({ kind: result.kind, statements });
await replica[Symbol.asyncDispose]();
process.exit(0);
