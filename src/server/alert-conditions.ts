/** What of the running gateway its owner should know: looked up every half minute, never on the way of a request. */

import type { ManagedAccount } from '../accounts/managed-account.ts';
import { signInCommand } from '../accounts/sign-in-command.ts';
import { keyId } from '../config/hashed-key.ts';
import type { Config } from '../config/schema.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Limiter } from '../limits/limiter.ts';
import { type ListedPool, type ListedQuota, listedQuotas } from '../management/quota-list.ts';
import type { Condition } from './alert-changes.ts';

export interface AlertSource {
  gateway: Pick<Gateway, 'credentials' | 'pool' | 'catalog'>;
  limiter: Pick<Limiter, 'usageOf'>;
  accounts: () => readonly Pick<ManagedAccount, 'account'>[];
}

/** A pool that ends within this is about to run dry, in ms. */
const soon = 60 * 60_000;
/** A pool that is back within this is nothing to act on, in ms: limits by the minute come and go. */
const brief = 5 * 60_000;
/** The share of a budget from which it is nearly spent. */
const nearlySpent = 0.9;

export function alertConditions(
  { gateway, limiter, accounts }: AlertSource,
  keys: Config['api-keys'],
  now: number,
): Condition[] {
  const logins = accounts().flatMap(({ account }): Condition[] =>
    account.settings.disabled || account.login.kind !== 'sign-in-again'
      ? []
      : [
          {
            kind: 'login-needed',
            subject: account.id,
            message: `The account ${account.id} needs a login: ${signInCommand(account)}`,
          },
        ],
  );
  const { providers, quotas } = listedQuotas(gateway, now);
  const pools = providers.flatMap((pool): Condition[] => {
    const { provider, model, window, exhausts } = pool;
    if (exhausts === null || window === 'refusal' || Date.parse(exhausts) > now + soon) return [];
    return isBrief(pool, Date.parse(exhausts), quotas)
      ? []
      : [
          {
            kind: 'pool-runs-dry',
            subject: [provider, window, model].filter(Boolean).join(' '),
            message: `All of ${provider} together (${window}${model === null ? '' : `, ${model}`}) last until ${exhausts}: see cli-proxy-api quota`,
          },
        ];
  });
  const budgets = keys.flatMap(({ key, name = 'client', limits }): Condition[] =>
    limits === undefined
      ? []
      : limiter
          .usageOf({ id: keyId(key), name, limits })
          .filter(({ limit, most, used }) => limit.startsWith('budget') && used >= most * nearlySpent)
          .map(({ limit, most, used }) => ({
            kind: 'budget-nearly-spent',
            subject: `${name} ${limit}`,
            message: `The client key ${name} has used ${Math.round((100 * used) / (most || used || 1))} % of its ${limit}`,
          })),
  );
  const models = gateway.catalog().models();
  const unserved = models.flatMap(({ id, candidates }): Condition[] =>
    candidates.some(
      ({ credential, model }) => gateway.pool.availability(credential.id, model, now) !== 'cooling-down',
    )
      ? []
      : [
          {
            kind: 'model-unserved',
            subject: id,
            message: `Nothing serves ${id} now: see cli-proxy-api explain --model ${id}`,
          },
        ],
  );
  return [...logins, ...pools, ...budgets, ...unserved];
}

/** Whether a pool that ends then is soon back. Windows of unknown length count as those of a minute. */
function isBrief(pool: ListedPool, end: number, quotas: readonly ListedQuota[]): boolean {
  const own = quotas.filter(
    ({ provider, model, window }) =>
      provider === pool.provider && model === pool.model && window === pool.window,
  );
  const resets = own.flatMap(({ resets }) => (resets === null ? [] : [Date.parse(resets)]));
  if (resets.length === 0) return pool.length === undefined || pool.length <= brief;
  return Math.min(...resets.filter((reset) => reset >= end)) - end < brief;
}
