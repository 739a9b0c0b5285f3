/** "Is it fine, what is left, what failed": the first page of the console. */
import type { Gateway } from '../gateway/gateway.ts';
import type { ShownEngine } from '../management/own-answers.ts';
import { listedQuotas } from '../management/quota-list.ts';
import { type AccountRowsSource, untilMinute } from './account-rows.ts';
import type { DaySums } from './day-sums.ts';
import { type DiskRoom, isNearlyFull } from './disk-room.ts';
import type { Live } from './live.ts';
import { runningRow } from './request-row.ts';
import type { AccountRow, Cooling, Overview, Problem, RequestRow } from './wire.ts';

export interface OverviewSource extends AccountRowsSource {
  gateway: AccountRowsSource['gateway'] & Pick<Gateway, 'running'>;
  live: Pick<Live, 'minutes'>;
  /** Problems for the owner, worded as alerts. */
  conditions: () => readonly { kind: string; subject: string; message: string }[];
  /** Whether the sandbox serves. */
  sandbox: () => boolean;
  /** Why the configuration as it is written is not in force; undefined where it is. */
  configProblem: () => string | undefined;
  /** What a replica shares its state with others on; empty outside of a cluster. */
  engines: () => readonly ShownEngine[];
  authDir: () => string;
}

/** Running requests that are shown. */
const mostRunning = 100;
/** Cooldowns that the sentence of the state names. */
const mostCooling = 2;
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
  disk: DiskRoom | undefined,
  now: number,
): Overview {
  const away = source.engines().filter(({ why }) => why !== null);
  const inUse = rows.filter(({ state }) => state !== 'disabled');
  return {
    state: {
      accounts: inUse.length,
      ready: inUse.filter(({ state }) => state === 'ready' || state === 'partly').length,
      ...coolingOf(inUse),
      sandbox: source.sandbox(),
      away: away.map(({ name }) => name),
    },
    problems: [
      ...ofGateway(source, disk),
      ...away.map(({ name, why }): Problem => ({ kind: 'cluster', text: `${name}: ${why}`, page: 'system' })),
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

/** Which accounts serve less than they could, and until when. */
function coolingOf(rows: readonly AccountRow[]): Pick<Overview['state'], 'cooling' | 'coolingCount'> {
  const cooling = rows.flatMap(({ label, state, until, cooldowns }): Cooling[] => {
    if (until === null) return [];
    if (state === 'cooldown') return [{ label, model: null, until }];
    if (state !== 'partly') return [];
    return cooldowns.flatMap((one) =>
      one.model === null ? [] : [{ label, model: one.model, until: one.until }],
    );
  });
  return {
    cooling: cooling.toSorted((one, other) => (one.until < other.until ? -1 : 1)).slice(0, mostCooling),
    coolingCount: cooling.length,
  };
}

/** Problems of the gateway itself, independent of its accounts. */
function ofGateway(
  { configProblem, authDir }: Pick<OverviewSource, 'configProblem' | 'authDir'>,
  disk: DiskRoom | undefined,
): Problem[] {
  const config = configProblem();
  return [
    ...(config === undefined
      ? []
      : [{ kind: 'config', text: config, page: 'settings?view=yaml' } satisfies Problem]),
    ...(disk === undefined || !isNearlyFull(disk)
      ? []
      : [
          {
            kind: 'disk',
            text: `${Math.floor(disk.free / 1e6)} MB: ${authDir()}`,
            page: 'system',
          } satisfies Problem,
        ]),
  ];
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
