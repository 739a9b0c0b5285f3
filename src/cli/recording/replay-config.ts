/** The configuration of a gateway that meets a recording as the recorded one did: its credentials, in the order in which they were asked. */

import { accountKinds, accountProviders, keyLists, serviceOf, services } from '../../providers/registry.ts';
import type { RecordedAttempt, RecordedExchange } from '../../recording/bundle.ts';

export type ReplayConfig =
  | { ok: true; settings: Record<string, unknown>; accounts: { name: string; content: object }[] }
  | { ok: false; sentence: string };

/** The client key of such a gateway. */
export const replayKey = 'replay-client-key';

export function replayConfig(
  { request, attempts }: RecordedExchange,
  baseUrl: (attempt: RecordedAttempt) => string,
): ReplayConfig {
  const lists: Record<string, object[]> = {};
  const providers: Record<string, object> = {};
  const aliases: Record<string, object[]> = {};
  const accounts: { name: string; content: object }[] = [];
  const seen = new Set<string>();
  // A suffix sets the effort; the name before it is the model's.
  const asked = request.model.replace(/\([^()]*\)$/, '');
  for (const [index, attempt] of attempts.entries()) {
    if (seen.has(attempt.credential)) continue;
    seen.add(attempt.credential);
    const models = attempts
      .filter(({ credential }) => credential === attempt.credential)
      .map((one) => modelIn(one) ?? asked);
    const named = [...new Set(models)].map((name) => (name === asked ? { name } : { name, alias: asked }));
    const priority = attempts.length - index;
    if (attempt.account) {
      const kind = accountKinds.find((one) => accountProviders[one].name === attempt.provider);
      if (kind === undefined || kind === 'vertex')
        return { ok: false, sentence: `an account of ${attempt.provider} cannot be stood in for` };
      providers[kind] = { 'base-url': baseUrl(attempt) };
      const renamed = named.filter((model) => 'alias' in model);
      if (renamed.length > 0) aliases[kind] = renamed.map((model) => ({ ...model, fork: true }));
      accounts.push({ name: `${kind}-replay-${index}.json`, content: accountOf(kind, index, priority) });
      continue;
    }
    const list = keyLists.find(([, { provider }]) => provider.name === attempt.provider)?.[0];
    const entry = { 'api-key': `replay-key-${index}`, 'base-url': baseUrl(attempt), priority, models: named };
    const name = list ?? 'openai-compatibility';
    lists[name] ??= [];
    lists[name].push(
      list === undefined ? { ...entry, name: serviceName(attempt), ...protocolOf(attempt) } : entry,
    );
  }
  return {
    ok: true,
    accounts,
    settings: {
      ...lists,
      ...(Object.keys(providers).length > 0 && { providers }),
      ...(Object.keys(aliases).length > 0 && { 'oauth-model-alias': aliases }),
      host: '127.0.0.1',
      port: 0,
      'api-keys': [replayKey],
      'request-retry': 0,
      routing: { strategy: 'fill-first' },
    },
  };
}

/** A login that needs no renewal for a long time. */
function accountOf(kind: string, index: number, priority: number): object {
  return {
    type: kind,
    email: `replay-${index}@replay.invalid`,
    access_token: `replay-token-${index}`,
    refresh_token: `replay-refresh-${index}`,
    expired: '2096-01-01T00:00:00Z',
    project_id: 'replay-project',
    account_id: `replay-${index}`,
    api_key: `replay-token-${index}`,
    priority,
  };
}

/** What it is called by what it is: how a service is asked goes by its name, or its host, which is not the same here. */
function serviceName({ provider, baseUrl }: RecordedAttempt): string {
  const service = serviceOf(provider, baseUrl);
  const own = Object.entries(services).find(([, one]) => one === service)?.[0];
  return own ?? (provider || 'replay');
}

function protocolOf({ url }: RecordedAttempt): { protocol?: 'responses' } {
  return /\/responses$/.test(URL.parse(url)?.pathname ?? '') ? { protocol: 'responses' } : {};
}

/** The model that the provider was asked for: in the body, or in the address. */
function modelIn({ body, url }: RecordedAttempt): string | undefined {
  const inAddress = /\/models\/([^/:]+):/.exec(URL.parse(url)?.pathname ?? '')?.[1];
  if (inAddress !== undefined) return decodeURIComponent(inAddress);
  const found = /"model"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(body.text ?? '')?.[1];
  return found === undefined ? undefined : String(JSON.parse(`"${found}"`));
}
