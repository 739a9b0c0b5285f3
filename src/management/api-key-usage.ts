/** How the provider's keys of the configuration went lately, as panels show it beside them. */
import type { Credential } from '../credentials/credential.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { RecentCounter } from '../usage/recent-counts.ts';
import { nextTurn } from '../usage/turns.ts';
import { channelOf } from './known-credentials.ts';
import { type ShownCounts, shownCounts } from './recent-requests.ts';
import { json } from './reply.ts';
import { type Route, route } from './route.ts';

export interface ApiKeyUsageDeps {
  gateway: Pick<Gateway, 'credentials'>;
  counts: Pick<RecentCounter, 'of'>;
  now: () => number;
}

/** Keys of one turn. */
const portion = 100;

export function apiKeyUsageRoutes({ gateway, counts, now }: ApiKeyUsageDeps): Route[] {
  return [
    route({
      method: 'GET',
      v0: 'api-key-usage',
      v8: 'observability/usage/api-keys',
      sentence:
        "Successes and failures of each provider's key since the start and in the last 200 minutes, by provider and `base-url|api-key`, as panels look them up.",
      async run() {
        const usage: Record<string, Record<string, ShownCounts>> = {};
        const time = now();
        for (const [index, { id, provider, givenName, baseUrl, secret }] of keysOf(
          gateway.credentials(),
        ).entries()) {
          if (index % portion === portion - 1) await nextTurn();
          const name = givenName ?? channelOf(provider.name, undefined);
          usage[name] ??= {};
          usage[name][`${baseUrl}|${secret}`] = shownCounts(counts.of([id], time));
        }
        return json(usage);
      },
    }),
  ];
}

function keysOf(credentials: readonly Credential[]) {
  return credentials.flatMap((credential) => {
    const { secret, account } = credential;
    return account === undefined && typeof secret === 'string' ? [{ ...credential, secret }] : [];
  });
}
