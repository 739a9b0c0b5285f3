/** Credentials as the peer's clients know them: under its names for providers, and by what distinguishes accounts and keys. */
import type { Credential } from '../credentials/credential.ts';
import type { Protocol } from '../protocols/model.ts';
import { codecs } from '../protocols/registry.ts';
import { accountKinds, accountProviders, keyLists } from '../providers/registry.ts';
import { authIndex, authIndexOf } from './auth-index.ts';
import type { TokenForm } from './peer-tokens.ts';

export interface KnownCredential {
  authIndex: string;
  /** What is shown of it: an account's e-mail address, by which its file is known, too; a key's name with its last characters. */
  source: string;
  provider: string;
  authType: 'oauth' | 'apikey';
  form: TokenForm;
  /** The peer's name for what has asked the provider: its clients know by it how tokens were counted. */
  executor: string;
}

/** The credential's fields in a finished request. */
export interface ServedBy {
  id: string;
  name: string;
  provider: string;
}

/** Credentials that are gone by now are known by what was written down of them. */
export function knownCredentials(credentials: readonly Credential[]): (served: ServedBy) => KnownCredential {
  const byId = new Map(credentials.map((credential) => [credential.id, credential]));
  const remembered = new Map<string, KnownCredential>();
  return ({ id, name, provider }) => {
    const which = `${id}\n${name}\n${provider}`;
    let known = remembered.get(which);
    if (known === undefined) {
      known = knownCredential(byId.get(id), { id, name, provider });
      remembered.set(which, known);
    }
    return known;
  };
}

function knownCredential(
  credential: Credential | undefined,
  { id, name, provider }: ServedBy,
): KnownCredential {
  const channel = channelOf(provider, credential?.givenName);
  const form = formOf(credential?.provider.protocol ?? channelProtocols.get(channel));
  const isAccount = credential === undefined ? accountNames.has(provider) : credential.account !== undefined;
  return {
    authIndex: credential === undefined ? authIndex(id) : authIndexOf(credential),
    source: isAccount ? accountSource(name) : name,
    provider: channel,
    authType: isAccount ? 'oauth' : 'apikey',
    form,
    executor: executorOf(channel, form),
  };
}

/** How usage of what is spoken over this protocol is counted. */
export function formOf(protocol: Protocol | undefined): TokenForm {
  const usage = protocol === undefined ? undefined : codecs[protocol].usage;
  return { cacheApart: usage?.cacheApart === true, reasoningApart: usage?.reasoningApart === true };
}

/**
 * A name of this form of tokens, and of the channel where that has its own. Source: types of
 * router-for-me/CLIProxyAPI v7.2.140; Willxup/cpa-usage-keeper, which distinguishes four forms by them.
 */
function executorOf(channel: string, { cacheApart, reasoningApart }: TokenForm): string {
  if (cacheApart) return 'ClaudeExecutor';
  if (channel.startsWith(compatiblePrefix)) return reasoningApart ? 'GeminiExecutor' : 'OpenAICompatExecutor';
  if (channel === 'vertex') return 'GeminiVertexExecutor';
  const name =
    channel.length <= 3 ? channel.toUpperCase() : channel.charAt(0).toUpperCase() + channel.slice(1);
  return `${name}Executor`;
}

/** `kind/name (api)` without the kind, and without the API of an account that has several. */
export function accountSource(label: string): string {
  return label.slice(label.indexOf('/') + 1).replace(/ \([^()]*\)$/, '');
}

/** The peer's name for a provider: that of commands and of lists of keys. */
export function channelOf(provider: string, givenName: string | undefined): string {
  const own = channels.get(provider);
  if (own !== undefined && givenName === undefined) return own;
  return `${compatiblePrefix}${givenName ?? provider}`;
}

const compatiblePrefix = 'openai-compatible-';

const accountNames: ReadonlySet<string> = new Set(accountKinds.map((kind) => accountProviders[kind].name));

const channels: ReadonlyMap<string, string> = new Map([
  ...keyLists.map(([list, { provider }]): [string, string] => [
    provider.name,
    list.slice(0, -'-api-key'.length),
  ]),
  ...accountKinds.map((kind): [string, string] => [accountProviders[kind].name, kind]),
]);

/** Facts with which every account has an API. */
const someAccount = { projects: ['-'], accountId: '-', location: 'us-central1' };

/** What a channel asks by, for credentials that are gone. */
const channelProtocols: ReadonlyMap<string, Protocol> = new Map([
  ...accountKinds.flatMap((kind): [string, Protocol][] => {
    const { apis, baseUrl } = accountProviders[kind];
    return apis(someAccount, { baseUrl })
      .slice(0, 1)
      .map(({ provider }) => [kind, provider.protocol]);
  }),
  ...keyLists.map(([list, { provider }]): [string, Protocol] => [
    list.slice(0, -'-api-key'.length),
    provider.protocol,
  ]),
]);
