/** Metrics that are looked up in the running gateway when they are asked for: credentials, accounts and limits. */

import type { ManagedAccount } from '../../accounts/managed-account.ts';
import { keyId } from '../../config/hashed-key.ts';
import type { Config } from '../../config/schema.ts';
import { type Credential, providerNameOf } from '../../credentials/credential.ts';
import { unknownQuota } from '../../credentials/quota.ts';
import { forecastOf } from '../../credentials/quota-forecast.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { Clock } from '../../ground/clock.ts';
import type { Limiter } from '../../limits/limiter.ts';
import { shortId } from '../../telemetry/credential-id.ts';
import { metricTable } from '../../telemetry/metrics/metric-table.ts';
import { other, type Registry, type Sample } from '../../telemetry/metrics/registry.ts';

export interface GaugeDeps {
  gateway: Pick<Gateway, 'credentials' | 'pool' | 'catalog' | 'waiting'>;
  limiter: Pick<Limiter, 'usageOf'>;
  accounts: () => readonly ManagedAccount[];
  /** The configuration in force. */
  config: () => Config;
  isKnownModel: (model: string) => boolean;
  /** Milliseconds since the epoch. */
  now: Clock['now'];
}

/** Credentials, and client keys, that have series of their own at most. */
export const mostNamed = 200;

export function gatewayGauges(registry: Registry, deps: GaugeDeps): void {
  const { gateway, limiter, now } = deps;
  const named = (): readonly Credential[] => {
    const credentials = gateway.credentials();
    return deps.config().metrics['per-credential'] && credentials.length <= mostNamed ? credentials : [];
  };
  const modelLabel = (model: string): string => (deps.isKnownModel(model) ? model : other);

  registry.collected(metricTable.queueWaiting, () => [{ labels: [], value: gateway.waiting() }]);

  registry.collected(metricTable.credentials, () => {
    const counts = tally();
    const seen = new Set<string>();
    const at = now();
    for (const { candidates } of gateway.catalog().models())
      for (const { credential, model } of candidates) {
        const key = `${credential.id}\0${model}`;
        if (seen.has(key)) continue;
        seen.add(key);
        const labels = [providerNameOf(credential), modelLabel(model)] as const;
        // A model without a ready credential has its line too: alerts look at it.
        counts.add([...labels, 'ready'], 0);
        counts.add([...labels, states[gateway.pool.availability(credential.id, model, at)]], 1);
      }
    for (const { account } of deps.accounts()) {
      const state = accountState(account);
      if (state !== undefined) counts.add([account.kind, '', state], 1);
    }
    return counts.samples();
  });

  registry.collected(metricTable.quotaLeft, () => {
    const least = new Map<string, Sample>();
    const at = now();
    for (const credential of named()) {
      const { ofAccount, ofModels } = gateway.pool.quotaOf(credential.id) ?? unknownQuota;
      for (const window of [...ofAccount, ...[...ofModels.values()].flat()]) {
        const labels = [credentialLabel(credential), window.name];
        const key = labels.join('\0');
        const before = least.get(key)?.value ?? Number.POSITIVE_INFINITY;
        // A window that has begun anew since it was reported is full, whether or not somebody has asked since.
        const { left } = forecastOf(window, at);
        if (left < before) least.set(key, { labels, value: left });
      }
    }
    return least.values();
  });

  registry.collected(metricTable.cooldownUntil, () => {
    const known = new Map(named().map((credential) => [credential.id, credential]));
    const latest = new Map<string, Sample>();
    for (const { credential: id, cooldown } of gateway.pool.cooldowns(now())) {
      const credential = known.get(id);
      if (credential === undefined || !Number.isFinite(cooldown.until)) continue;
      const window =
        cooldown.model === undefined ? cooldown.kind : `${cooldown.kind} ${modelLabel(cooldown.model)}`;
      const labels = [credentialLabel(credential), window];
      const key = labels.join('\0');
      const value = cooldown.until / 1000;
      if (value > (latest.get(key)?.value ?? 0)) latest.set(key, { labels, value });
    }
    return latest.values();
  });

  registry.collected(metricTable.tokenExpiry, () => {
    const accounts = deps.accounts();
    if (!deps.config().metrics['per-credential'] || accounts.length > mostNamed) return [];
    const used = new Map(gateway.credentials().map((credential) => [credential.account, credential]));
    return accounts.flatMap(({ account: { id, kind, tokens } }) => {
      if (tokens.expiresAt === undefined) return [];
      const credential = used.get(id);
      const label = credential === undefined ? shortId(kind, id) : credentialLabel(credential);
      return [{ labels: [label], value: tokens.expiresAt / 1000 }];
    });
  });

  registry.collected(metricTable.limitUsed, () => {
    const { 'api-keys': keys, metrics } = deps.config();
    const limited = keys.filter(({ name, limits }) => name !== undefined && limits !== undefined);
    if (!metrics['per-credential'] || limited.length > mostNamed) return [];
    const most = new Map<string, Sample>();
    for (const { key, name = '', limits = {} } of limited)
      for (const { limit, most: allowed, used } of limiter.usageOf({ id: keyId(key), name, limits })) {
        const value = allowed > 0 ? used / allowed : 1;
        const id = `${limit}\0${name}`;
        if (value >= (most.get(id)?.value ?? 0)) most.set(id, { labels: [limit, name], value });
      }
    return most.values();
  });
}

function credentialLabel(credential: Credential): string {
  return shortId(providerNameOf(credential), credential.id);
}

/** What the pool's words are in metrics. */
const states = {
  ready: 'ready',
  'cooling-down': 'cooling_down',
  'last-resort': 'last_resort',
  reserved: 'reserved',
} as const;

function accountState({ settings, login }: ManagedAccount['account']): string | undefined {
  if (settings.disabled) return 'disabled';
  return login.kind === 'sign-in-again' ? 'sign_in_again' : undefined;
}

/** Adds up by labels. */
function tally(): { add(labels: readonly string[], amount: number): void; samples(): Iterable<Sample> } {
  const counts = new Map<string, { labels: readonly string[]; value: number }>();
  return {
    add(labels, amount) {
      const key = labels.join('\0');
      const known = counts.get(key);
      if (known === undefined) counts.set(key, { labels, value: amount });
      else known.value += amount;
    },
    samples: () => counts.values(),
  };
}
