/** Every quota window that is known, with its forecast: what `GET /v0/management/quotas` and `cli-proxy-api quota` show. */
import { type Credential, providerNameOf } from '../credentials/credential.ts';
import type { Pool } from '../credentials/pool.ts';
import { endOf, type QuotaWindow, unknownQuota } from '../credentials/quota.ts';
import {
  type Confidence,
  forecastOf,
  type PoolPart,
  poolForecast,
  type QuotaState,
} from '../credentials/quota-forecast.ts';
import { pointsOf } from '../credentials/quota-history.ts';
import { isoTime } from './shown-time.ts';

/** A quota window of a credential; times are ISO 8601. */
export interface ListedQuota {
  credential: string;
  label: string;
  provider: string;
  /** Null where the window is that of the whole account. */
  model: string | null;
  /** The provider's name for it; `refusal` where only a refusal has reported it: `resets` is when it is asked again then. */
  window: string;
  /** From its beginning to its reset, in ms; absent where neither its name nor the provider tells. */
  length?: number;
  state: QuotaState;
  /** The share that is left, 0 to 1. */
  left: number;
  /** The share of the window that is used in an hour; null while too little is known. */
  burn: number | null;
  /** When nothing is left if it is used on like that; null where it lasts until its reset, or nothing is known. */
  exhausts: string | null;
  confidence: Confidence;
  resets: string | null;
  told: string;
  /** Only with `history=true`: what was left, from when the window began. */
  history?: { at: string; left: number }[];
}

/** The same window of all accounts of a provider. */
export interface ListedPool {
  provider: string;
  model: string | null;
  window: string;
  length?: number;
  accounts: number;
  /** In whole windows: 2.5 of 4 accounts. */
  left: number;
  /** Whole windows used in an hour. */
  burn: number | null;
  exhausts: string | null;
  /** The first reset among those that have a time; null where none has. */
  resets: string | null;
}

export interface ListedQuotas {
  quotas: ListedQuota[];
  providers: ListedPool[];
}

export interface QuotaSource {
  credentials(): readonly Pick<Credential, 'id' | 'label' | 'provider' | 'givenName' | 'account'>[];
  pool: Pick<Pool, 'quotaOf' | 'cooldowns'>;
}

interface Known {
  credential: ReturnType<QuotaSource['credentials']>[number];
  model: string | null;
  window: QuotaWindow;
}

/** `now` is in ms since the epoch. */
export function listedQuotas(source: QuotaSource, now: number, history = false): ListedQuotas {
  const known = knownWindows(source, now);
  return {
    quotas: known.map((one) => listed(one, now, history)),
    providers: [...Map.groupBy(known, groupOf).values()].flatMap((group) => pooled(group, now)),
  };
}

function knownWindows(source: QuotaSource, now: number): Known[] {
  const cooldowns = Map.groupBy(source.pool.cooldowns(now), ({ credential }) => credential);
  return source.credentials().flatMap((credential): Known[] => {
    const { ofAccount, ofModels } = source.pool.quotaOf(credential.id) ?? unknownQuota;
    const reported = [
      ...ofAccount.map((window) => ({ credential, model: null, window })),
      ...[...ofModels].flatMap(([model, windows]) =>
        windows.map((window) => ({ credential, model, window })),
      ),
    ];
    const refused = (cooldowns.get(credential.id) ?? []).flatMap(({ cooldown }): Known[] => {
      const model = cooldown.model ?? null;
      const explained = reported.some((one) => (one.model ?? model) === model && isUsedUp(one.window, now));
      if (cooldown.kind !== 'quota' || explained) return [];
      const window = {
        name: 'refusal',
        ofModel: model !== null,
        left: 0,
        closed: true,
        resetsAt: cooldown.promised ?? cooldown.until,
        reportedAt: cooldown.since,
      };
      return [{ credential, model, window }];
    });
    return [...reported, ...refused];
  });
}

const isUsedUp = (window: QuotaWindow, now: number): boolean => forecastOf(window, now).state === 'used-up';

function listed({ credential, model, window }: Known, now: number, history: boolean): ListedQuota {
  const { state, left, burn, exhaustsAt, confidence } = forecastOf(window, now);
  return {
    credential: credential.id,
    label: credential.label,
    provider: providerNameOf(credential),
    model,
    window: window.name,
    ...(window.length !== undefined && { length: window.length }),
    state,
    left: rounded(left),
    burn: burn === undefined ? null : rounded(burn),
    exhausts: listedTime(exhaustsAt),
    confidence,
    resets: listedTime(window.resetsAt),
    told: new Date(window.reportedAt).toISOString(),
    ...(history && {
      history: pointsOf(window).map((point) => ({
        at: new Date(point.at).toISOString(),
        left: rounded(point.left),
      })),
    }),
  };
}

function groupOf({ credential, model, window }: Known): string {
  return [providerNameOf(credential), model ?? '', window.name].join('\0');
}

function pooled(group: readonly Known[], now: number): ListedPool[] {
  const [first] = group;
  if (first === undefined) return [];
  const parts = group.map(
    ({ window }): PoolPart => ({ forecast: forecastOf(window, now), resetsAt: endOf(window) }),
  );
  const { accounts, left, burn, exhaustsAt } = poolForecast(parts, now);
  // Only the provider's own times: the assumed end of a window without a reset is for arithmetic alone.
  const resets = group.flatMap(({ window: { resetsAt } }) =>
    resetsAt === undefined || resetsAt <= now ? [] : [resetsAt],
  );
  return [
    {
      provider: providerNameOf(first.credential),
      model: first.model,
      window: first.window.name,
      ...(first.window.length !== undefined && { length: first.window.length }),
      accounts,
      left: rounded(left),
      burn: burn === undefined ? null : rounded(burn),
      exhausts: listedTime(exhaustsAt),
      resets: listedTime(resets.length === 0 ? undefined : Math.min(...resets)),
    },
  ];
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

function listedTime(time: number | undefined): string | null {
  return time === undefined ? null : isoTime(time);
}
