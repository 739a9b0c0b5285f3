/** Quota windows for people: bars, times of this computer, what comes next. */
import type { ListedPool, ListedQuota, ListedQuotas } from '../management/quota-list.ts';
import { fittedColumns } from './fitted-table.ts';

const barWidth = 10;
const day = 24 * 60 * 60_000;

/** How it is written: times are those of `timezone`, or of this computer; tables as wide as they are without `width`. */
export interface QuotaStyle {
  timezone?: string;
  width?: number | undefined;
}

/** All of it as text. `now` is in ms since the epoch. */
export function quotaText(
  { quotas, providers }: ListedQuotas,
  now: number,
  { timezone, width }: QuotaStyle = {},
): string {
  if (quotas.length === 0)
    return 'No provider has reported a quota yet: they do so in their responses, some only in errors. Send a request, then try again.\n';
  const table = (rows: string[][]): string => fittedColumns(rows, width);
  const moment = (time: string): string => momentText(Date.parse(time), now, timezone);
  const single = table([
    ['ACCOUNT', 'PROVIDER', 'WINDOW', 'LEFT', '', 'USED', 'FORECAST'],
    ...quotas.map((quota) => [
      quota.label,
      quota.provider,
      windowName(quota),
      bar(quota.left),
      percent(quota.left),
      quota.burn === null ? '-' : `${percent(quota.burn)} an hour`,
      forecast(quota, moment),
    ]),
  ]);
  const shared = providers.filter(({ accounts }) => accounts > 1);
  const sums =
    shared.length === 0
      ? ''
      : `\n${table([
          ['ALL OF', 'WINDOW', 'LEFT', '', 'FORECAST'],
          ...shared.map((pool) => [
            pool.provider,
            windowName(pool),
            bar(pool.left / pool.accounts),
            `${pool.left.toFixed(1)} of ${pool.accounts}`,
            poolText(pool, moment),
          ]),
        ])}\n`;
  return `${single}\n${sums}${nextStep(providers, moment)}`;
}

function windowName({ window, model }: Pick<ListedQuota, 'window' | 'model'>): string {
  return model === null ? window : `${window} (${model})`;
}

function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * barWidth);
  return '█'.repeat(full) + '░'.repeat(barWidth - full);
}

const percent = (share: number): string => `${Math.round(share * 1000) / 10}%`;

function forecast(quota: ListedQuota, moment: (time: string) => string): string {
  const resets = quota.resets === null ? undefined : `resets ${moment(quota.resets)}`;
  switch (quota.state) {
    case 'used-up':
      return ['used up', resets].filter(Boolean).join('; ');
    case 'begun-anew':
      return 'reset; nothing reported since';
    case 'low':
    case 'open': {
      const doubt = quota.confidence === 'low' ? ' (rough)' : '';
      const lasts =
        quota.exhausts !== null
          ? `lasts until about ${moment(quota.exhausts)}${doubt}`
          : quota.burn !== null && resets !== undefined
            ? `lasts until its reset`
            : undefined;
      return [lasts, resets].filter(Boolean).join('; ') || '-';
    }
  }
}

function poolText({ exhausts, left, resets, burn }: ListedPool, moment: (time: string) => string): string {
  const first = resets === null ? undefined : `first reset ${moment(resets)}`;
  const lasts =
    left <= 0
      ? 'used up'
      : exhausts !== null
        ? `lasts until about ${moment(exhausts)}`
        : burn === null
          ? undefined
          : 'does not run dry at this speed';
  return [lasts, first].filter(Boolean).join('; ') || '-';
}

/** What the owner can do about it, where there is something to do. */
function nextStep(providers: readonly ListedPool[], moment: (time: string) => string): string {
  const dry = providers.filter(({ model, left }) => model === null && left <= 0);
  if (dry.length === 0) return '';
  const lines = dry.map(
    ({ provider, resets }) =>
      `${provider} is used up${resets === null ? '' : ` until ${moment(resets)}`}: wait, or add an account or a key (cli-proxy-api auth).`,
  );
  return `\n${[...new Set(lines)].join('\n')}\n`;
}

/** `16:40` today, `Tuesday 09:00` within a week, else `5 December 09:00`. */
export function momentText(time: number, now: number, timeZone?: string): string {
  const format = (options: Intl.DateTimeFormatOptions, at: number): string =>
    new Intl.DateTimeFormat('en-GB', { timeZone, ...options }).format(at);
  const clock = format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }, time);
  const date = (at: number): string => format({ year: 'numeric', month: 'numeric', day: 'numeric' }, at);
  if (date(time) === date(now)) return clock;
  if (Math.abs(time - now) < 6 * day) return `${format({ weekday: 'long' }, time)} ${clock}`;
  return `${format({ day: 'numeric', month: 'long' }, time)} ${clock}`;
}
