/**
 * A process that renews the tokens of one account whenever it is told to, as the gateway or the command line does beside
 * another. Arguments: directory, file, address of the token endpoint, `now` of the clock. Messages in: how far the clock
 * has gone on, in ms. Messages out: `ready`, and what each refresh ended with.
 */
import { createRefresh } from '../../src/accounts/refresh.ts';
import { refreshing, storeOf } from './account-folder.ts';

const [directory = '', file = '', tokenUrl = '', start = ''] = process.argv.slice(2);
let clock = Number(start);
const now = () => clock;
const store = storeOf(directory, now);
const refresh = createRefresh({ ...refreshing(tokenUrl, now), store });
const first = await store.read(file);
if (!first.ok) throw new Error(first.problem.message);
let known = first.account;

process.on('message', async (time: number) => {
  clock = time;
  const result = await refresh(known);
  if (result.kind === 'refreshed') known = result.account;
  process.send?.({
    kind: result.kind,
    by: result.kind === 'refreshed' ? result.by : undefined,
    token: known.tokens.accessToken,
    message: result.kind === 'refreshed' ? undefined : result.message,
  });
});
process.send?.('ready');
