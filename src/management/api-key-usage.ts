/** How the provider's keys of the configuration went lately, as panels show it beside them. */

import { type Group, isGroup } from '../config/group.ts';
import type { Credential } from '../credentials/credential.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Clock } from '../ground/clock.ts';
import { yieldToEventLoop } from '../ground/steps.ts';
import type { RecentCounter } from '../usage/recent-counts.ts';
import { authIndexOf } from './auth-index.ts';
import { channelOf } from './known-credentials.ts';
import { listedEntries, type ProviderKeysDeps, providerLists } from './provider-keys.ts';
import { countsWriter } from './recent-requests.ts';
import { jsonText } from './reply.ts';
import { type Route, route } from './route.ts';

export interface ApiKeyUsageDeps extends ProviderKeysDeps {
  gateway: Pick<Gateway, 'credentials'>;
  counts: Pick<RecentCounter, 'of'>;
  now: Clock['now'];
}

/** Keys of one turn. */
const portion = 100;

export function apiKeyUsageRoutes(deps: ApiKeyUsageDeps): Route[] {
  const { gateway, counts, now } = deps;
  return [
    route({
      method: 'GET',
      v0: 'api-key-usage',
      answers: 'keyUsage',
      v8: 'observability/usage/api-keys',
      sentence:
        "Successes and failures of each provider's key since the start and in the last 200 minutes, by provider and `base-url|api-key` of the entry, as panels look them up.",
      async run() {
        const texts = new Map<string, Map<string, string>>();
        const countsOf = countsWriter(counts, now());
        const written = await writtenAddresses(deps);
        for (const [index, credential] of keysOf(gateway.credentials()).entries()) {
          if (index % portion === portion - 1) await yieldToEventLoop();
          const { id, provider, givenName, baseUrl, secret } = credential;
          const name = givenName ?? channelOf(provider.name, undefined);
          const address = written.get(authIndexOf(credential)) ?? baseUrl;
          const own = texts.get(name) ?? new Map<string, string>();
          own.set(`${address}|${secret}`, `{${countsOf([id])}}`);
          texts.set(name, own);
        }
        const lists = [...texts].map(([name, keys]) => `${JSON.stringify(name)}:${objectText(keys)}`);
        return jsonText(`{${lists.join(',')}}`);
      },
    }),
  ];
}

/** A JSON object of members that are written already. */
function objectText(members: ReadonlyMap<string, string>): string {
  return `{${Array.from(members, ([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
}

/** The `base-url` of each key as the file has it, nothing where it names none: clients identify an entry by it. */
async function writtenAddresses(deps: ProviderKeysDeps): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  if (deps.configFile() === undefined) return found;
  const note = (entry: Group, address: unknown) => {
    const index = entry['auth-index'];
    if (typeof index === 'string') found.set(index, typeof address === 'string' ? address : '');
  };
  for (const list of providerLists) {
    for (const entry of listedEntries(deps, list)) {
      note(entry, entry['base-url']);
      const keys = entry['api-key-entries'];
      if (Array.isArray(keys)) for (const key of keys) if (isGroup(key)) note(key, entry['base-url']);
    }
    await yieldToEventLoop();
  }
  return found;
}

function keysOf(credentials: readonly Credential[]) {
  return credentials.flatMap((credential) => {
    const { secret, account } = credential;
    return account === undefined && typeof secret === 'string' ? [{ ...credential, secret }] : [];
  });
}
