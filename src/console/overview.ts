/** "Is it fine, what is left, what failed": the first page of the console. */
import type { Gateway } from '../gateway/gateway.ts';
import { listedQuotas } from '../management/quota-list.ts';
import { type AccountRowsSource, untilMinute } from './account-rows.ts';
import type { DaySums } from './day-sums.ts';
import type { Live } from './live.ts';
import { runningRow } from './request-row.ts';
import type { AccountRow, Overview, Problem, RequestRow } from './wire.ts';

export interface OverviewSource extends AccountRowsSource {
  gateway: AccountRowsSource['gateway'] & Pick<Gateway, 'running'>;
  live: Pick<Live, 'minutes'>;
  /** What the owner should know, as alerts say it. */
  conditions: () => readonly { kind: string; subject: string; message: string }[];
  /** Whether the sandbox serves. */
  sandbox: () => boolean;
}

/** Running requests that are shown. */
const mostRunning = 100;
/** A cooldown of a whole account that is longer is a problem. */
const longCooldown = 10 * 60_000;

export function runningRows({ gateway }: Pick<OverviewSource, 'gateway'>): RequestRow[] {
  return gateway.running(mostRunning).map(runningRow);
}

/** `rows` are {@link accountRows} of `now`, in ms since the epoch. */
export function overviewOf(
  source: OverviewSource,
  rows: readonly AccountRow[],
  sums: DaySums,
  now: number,
): Overview {
  const inUse = rows.filter(({ state }) => state !== 'disabled');
  return {
    state: {
      accounts: inUse.length,
      ready: inUse.filter(({ state }) => state === 'ready').length,
      sandbox: source.sandbox(),
    },
    problems: [
      ...source.conditions().map(({ kind, message }): Problem => problemOf(kind, message)),
      ...rows.flatMap(({ id, state, label, until, reason }): Problem[] =>
        state === 'cooldown' && until !== null && Date.parse(until) - now > longCooldown
          ? [
              {
                kind: 'cooldown',
                text: `${label}: ${reason ?? ''}`,
                page: accountPage(id),
                until,
                credential: id,
              },
            ]
          : [],
      ),
    ],
    minutes: source.live.minutes(now),
    pools: listedQuotas(source.gateway, now).providers.map(untilMinute),
    ...sums,
  };
}

const accountPage = (id: string): string => `accounts/${encodeURIComponent(id)}`;

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
