/** One credential, with all that is known of it but its secrets. */
import { isRenewable } from '../accounts/account.ts';
import type { ManagedAccount } from '../accounts/managed-account.ts';
import type { Credential } from '../credentials/credential.ts';
import { maskedProxy } from '../http-client/proxy.ts';
import type { KeyLimit } from '../management/own-answers.ts';
import { listedQuotas } from '../management/quota-list.ts';
import { isoTime } from '../management/shown-time.ts';
import type { AskedUsage } from '../management/usage-answers.ts';
import { type KeptCooldown, requestReader } from '../usage/request-reader.ts';
import { type AccountRowsSource, accountRows, type UsedBefore } from './account-rows.ts';
import { servesNow } from './served-models.ts';
import type { AccountDetail, OwnerFields } from './wire.ts';

export interface AccountDetailSource extends AccountRowsSource {
  usage: AskedUsage;
  /** `proxy-url` of the configuration: where a credential has no other, it is not its own. */
  proxyUrl: () => string | undefined;
  /** The budgets of the credential with this id, and what is used of each. */
  budgetUse(id: string): KeyLimit[];
}

const day = 24 * 3600_000;
const mostCooldowns = 200;

/** `id` is that of a row. Undefined where there is none. `now` is in ms since the epoch. */
export async function accountDetail(
  source: AccountDetailSource,
  id: string,
  usedBefore: UsedBefore,
  now: number,
): Promise<AccountDetail | undefined> {
  const row = accountRows(source, usedBefore, now).find((one) => one.id === id);
  if (row === undefined) return undefined;
  const { gateway } = source;
  const credential = gateway.credentials().find((one) => one.id === id);
  const live = source.accounts().find(({ account }) => account.id === row.file);
  return {
    row,
    kind: live?.account.kind ?? null,
    owner: live === undefined ? ofKey(credential, source.proxyUrl()) : ofAccount(live),
    baseUrl: credential?.baseUrl ?? null,
    path: live?.account.file ?? null,
    expires: timeOrNull(live?.account.tokens.expiresAt),
    refreshed: timeOrNull(live?.account.tokens.refreshedAt),
    refreshable: live !== undefined && isRenewable(live.account),
    models: modelsOf(source, id, now),
    windows: listedQuotas(gateway, now, true).quotas.filter((window) => window.credential === id),
    budgets: source.budgetUse(id),
    cooldowns: await keptCooldowns(source.usage, id, now),
  };
}

const timeOrNull = (time: number | undefined): string | null => (time === undefined ? null : isoTime(time));

function modelsOf({ gateway }: AccountDetailSource, id: string, now: number): AccountDetail['models'] {
  return gateway
    .catalog()
    .models()
    .flatMap(({ id: model, candidates }) => {
      const own = candidates.filter(({ credential }) => credential.id === id);
      if (own.length === 0) return [];
      return [
        {
          id: model,
          ready: own.some((one) => servesNow(gateway, id, one.model, now)),
        },
      ];
    });
}

async function keptCooldowns(usage: AskedUsage, id: string, now: number): Promise<KeptCooldown[]> {
  const open = await usage.open();
  return open.ok ? requestReader(open.database).cooldowns(id, now - day, mostCooldowns) : [];
}

function ofAccount({ account }: Pick<ManagedAccount, 'account'>): OwnerFields {
  const { settings } = account;
  return {
    note: settings.description ?? null,
    prefix: settings.prefix ?? null,
    proxy: masked(settings.proxyUrl),
    priority: settings.priority,
    weight: settings.weight,
    concurrency: settings.concurrency ?? null,
    queue: settings.queue ?? null,
    requestRetry: settings.requestRetry ?? null,
    excludedModels: settings.excludedModels,
    disableCooling: settings.disableCooling ?? null,
    budget: budgetOf(settings.budget),
  };
}

function ofKey(credential: Credential | undefined, usualProxy: string | undefined): OwnerFields {
  const { proxyUrl, places, label = '' } = credential ?? {};
  // The label contains the owner's name for it; the label of a key without one ends like the key.
  const name = label.slice(label.indexOf('/') + 1);
  return {
    note: label.includes('/') && !/\(…[^)]*\)$/.test(name) && name !== credential?.prefix ? name : null,
    prefix: credential?.prefix ?? null,
    proxy: proxyUrl === usualProxy ? null : masked(proxyUrl),
    priority: credential?.priority ?? 0,
    weight: credential?.weight ?? 1,
    concurrency: places?.places ?? null,
    queue: places?.queue ?? null,
    requestRetry: credential?.requestRetry ?? null,
    excludedModels: (credential?.excludedModels ?? []).filter((model) => model !== '*'),
    disableCooling: null,
    budget: budgetOf(credential?.budget),
  };
}

const masked = (proxy: string | undefined): string | null =>
  proxy === undefined ? null : maskedProxy(proxy);

function budgetOf(budget: Credential['budget']): OwnerFields['budget'] {
  const of = (spending: { usd?: number | undefined; tokens?: number | undefined } | undefined) => ({
    usd: spending?.usd ?? null,
    tokens: spending?.tokens ?? null,
  });
  return { day: of(budget?.day), month: of(budget?.month) };
}
