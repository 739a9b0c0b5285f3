/** The credentials that a configuration file holds. */
import { createHash } from 'node:crypto';
import type { CompatibleEntry, CompatibleKey, Config, KeyEntry, KeyModelEntry } from '../config/schema.ts';
import type { Provider } from '../providers/provider.ts';
import { keyLists, serviceOf } from '../providers/registry.ts';
import { serviceProvider } from '../providers/service.ts';
import { slotsOf } from './concurrency.ts';
import type { Credential, ServedModel } from './credential.ts';
import { errorRulesOf } from './error-rule.ts';
import { reasoningOf } from './owner-traits.ts';

/** Every credential of the configuration, in the file's order. Two entries for the same key and address are one. */
export function credentialsFromConfig(config: Config): Credential[] {
  const idOf = keyIds();
  const all = [
    ...keyLists.flatMap(([list, { provider }]) =>
      config[list].map((entry) => fromKeyEntry(provider, entry, idOf)).filter((made) => made !== undefined),
    ),
    ...config['openai-compatibility'].flatMap((entry) => fromCompatibleEntry(entry, idOf)),
  ];
  const unique = new Map(all.map((credential) => [credential.id, credential]));
  const global = config['proxy-url'];
  return [...unique.values()].map((credential) => ({
    ...credential,
    proxyUrl: credential.proxyUrl ?? global,
  }));
}

// The key entries of all providers have the same shape.
function fromKeyEntry(provider: Provider, entry: KeyEntry, idOf: KeyIds): Credential | undefined {
  const id = idOf(provider.name, entry['api-key'], entry['base-url'], entry.prefix);
  if (entry.disabled) return undefined;
  return {
    ...limits(entry),
    id,
    places: slotsOf(id, entry),
    label: label(provider.name, entry.name, entry.prefix, entry['api-key']),
    provider,
    secret: entry['api-key'],
    baseUrl: entry['base-url'],
    proxyUrl: entry['proxy-url'],
    weight: entry.weight,
    websockets: 'websockets' in entry && entry.websockets === true,
  };
}

function fromCompatibleEntry(entry: CompatibleEntry, idOf: KeyIds): Credential[] {
  const { name, 'base-url': written, 'api-key': single } = entry;
  const service = serviceOf(name, written);
  const protocol = entry.protocol === 'responses' ? 'openai-responses' : 'openai-chat';
  const settings = { protocol, apiVersion: entry['api-version'] } as const;
  const shipped = serviceProvider(service, settings, entry.models.length === 0);
  const { 'stream-usage': streamUsage = shipped.streamUsage } = entry;
  const provider = { ...shipped, streamUsage };
  const baseUrl = service?.addressOf?.(written) ?? written;
  const own: CompatibleKey[] = single ? [{ 'api-key': single, weight: 1, disabled: false }] : [];
  const listed = [...own, ...entry['api-key-entries']];
  const keys = listed.length > 0 ? listed : [{ 'api-key': '', weight: 1, disabled: false }];
  const known = keys.map((key) => ({ key, id: idOf(name, key['api-key'], written, entry.prefix) }));
  const used = entry.disabled ? [] : known.filter(({ key }) => !key.disabled);
  return used.map(({ key, id }) => {
    return {
      ...limits(entry),
      id,
      places: slotsOf(id, entry),
      label: label(name, 'name' in key ? key.name : undefined, undefined, key['api-key']),
      provider,
      givenName: name,
      secret: key['api-key'],
      baseUrl,
      proxyUrl: ('proxy-url' in key ? key['proxy-url'] : undefined) ?? entry['proxy-url'],
      weight: key.weight,
    };
  });
}

function limits(entry: KeyEntry | CompatibleEntry) {
  return {
    prefix: entry.prefix,
    models: entry.models.map(servedModel),
    aliases: [],
    excludedModels: entry['excluded-models'],
    headers: entry.headers,
    priority: entry.priority,
    disableCooling: entry['disable-cooling'],
    requestRetry: entry['request-retry'],
    websockets: false,
    cooldown: entry.cooldown,
    budget: entry.budget,
    timeouts: entry.timeouts,
    errorRules: errorRulesOf(entry['request-scoped-errors']),
  };
}

function servedModel(entry: KeyModelEntry): ServedModel {
  const { name, alias, thinking } = entry;
  const about = {
    displayName: entry['display-name'],
    contextLength: entry['max-context-length'],
    reasoning: thinking && reasoningOf(thinking),
  };
  const said = Object.values(about).some((value) => value !== undefined);
  return { name, alias: alias ?? name, ...(said && { about }) };
}

/** Names a credential without giving it away: `gemini/team` where its owner has named it, else `gemini/work (…x9Qf)`. */
function label(
  provider: string,
  name: string | undefined,
  prefix: string | undefined,
  secret: string,
): string {
  if (name !== undefined) return `${provider}/${name}`;
  const known = prefix === undefined ? provider : `${provider}/${prefix}`;
  return secret.length < 12 ? known : `${known} (…${secret.slice(-4)})`;
}

export type KeyIds = (kind: string, secret: string, address: string, prefix: string | undefined) => string;

/**
 * Ids of keys, asked for in the order of the file, switched off ones too. A prefix is the owner's to change without the key
 * becoming another one: it only distinguishes entries with the same key and address.
 */
export function keyIds(): KeyIds {
  const first = new Map<string, string | undefined>();
  return (kind, secret, address, prefix) => {
    const id = credentialId(kind, secret, address, undefined);
    if (!first.has(id)) first.set(id, prefix);
    return first.get(id) === prefix ? id : credentialId(kind, secret, address, prefix);
  };
}

/** `<kind>:<12 hex digits>` of a SHA-256 over what makes the credential itself. */
function credentialId(kind: string, ...identity: (string | undefined)[]): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([kind, ...identity]))
    .digest('hex');
  return `${kind}:${digest.slice(0, 12)}`;
}
