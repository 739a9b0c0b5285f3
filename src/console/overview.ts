/** "Is it fine, what is left, what failed": the first page of the console, from what is in memory and the usage store. */
import type { Gateway } from '../gateway/gateway.ts';
import { listedQuotas } from '../management/quota-list.ts';
import type { AskedUsage } from '../management/usage-answers.ts';
import { requestReader } from '../usage/request-reader.ts';
import { usageReader } from '../usage/usage-reader.ts';
import type { UsageRow } from '../usage/usage-row.ts';
import { type AccountRowsSource, accountRows } from './account-rows.ts';
import { lastMinutes } from './minutes.ts';
import { keptRow, runningRow } from './request-row.ts';
import type { Overview, Problem, RequestRow } from './wire.ts';

export interface OverviewSource extends AccountRowsSource {
  gateway: AccountRowsSource['gateway'] & Pick<Gateway, 'traces'>;
  usage: AskedUsage;
  /** What the owner should know, as alerts say it. */
  conditions: () => readonly { kind: string; subject: string; message: string }[];
  /** Whether the sandbox serves. */
  sandbox: () => boolean;
}

/** Traces that are looked at for the last hour, and those that may still run. */
const newest = 2000;
const mostFailures = 10;
/** A cooldown of a whole account that is longer is a problem. */
const longCooldown = 10 * 60_000;

export function runningRows({ gateway }: Pick<OverviewSource, 'gateway'>): RequestRow[] {
  return gateway
    .traces(newest)
    .filter(({ outcome }) => outcome === undefined)
    .slice(0, 100)
    .map(runningRow);
}

/** `now` is in ms since the epoch. */
export async function overview(source: OverviewSource, now: number): Promise<Overview> {
  const { gateway } = source;
  const rows = accountRows(source, now);
  const [today, yesterday, failures] = await fromStore(source.usage, now);
  const inUse = rows.filter(({ state }) => state !== 'disabled');
  return {
    state: {
      accounts: inUse.length,
      ready: inUse.filter(({ state }) => state === 'ready').length,
      sandbox: source.sandbox(),
    },
    problems: [
      ...source.conditions().map(({ kind, message }): Problem => problemOf(kind, message)),
      ...rows.flatMap(({ state, label, until, reason }): Problem[] =>
        state === 'cooldown' && until !== null && Date.parse(until) - now > longCooldown
          ? [{ kind: 'cooldown', text: `${label}: ${reason ?? ''} (until ${until})`, page: 'accounts' }]
          : [],
      ),
    ],
    minutes: lastMinutes(gateway.traces(newest), now),
    failures,
    pools: listedQuotas(gateway, now).providers,
    today,
    yesterday,
  };
}

function problemOf(kind: string, text: string): Problem {
  switch (kind) {
    case 'login-needed':
      return { kind: 'sign-in', text, page: 'accounts' };
    case 'model-unserved':
      return { kind: 'nothing-serves', text, page: 'models' };
    default:
      return { kind: 'quota', text, page: kind === 'budget-nearly-spent' ? 'keys' : 'accounts' };
  }
}

const day = 24 * 3600_000;

/** Today until now, yesterday until the same time, and the latest failures; nothing where usage is not kept. */
async function fromStore(
  usage: AskedUsage,
  now: number,
): Promise<[UsageRow | null, UsageRow | null, RequestRow[]]> {
  const open = await usage.open();
  if (!open.ok) return [null, null, []];
  const { database, days } = open;
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const reader = usageReader(database, days);
  const total = async (since: number, until: number): Promise<UsageRow> =>
    (await reader.totals({ since, until, by: [], where: {} })).total;
  const failed = await requestReader(database).list({
    since: now - day,
    until: now,
    where: {},
    status: 'failed',
    before: undefined,
    limit: mostFailures,
  });
  return [await total(midnight, now), await total(midnight - day, now - day), failed.map(keptRow)];
}
