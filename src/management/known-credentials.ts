/** Credentials as the peer's clients know them: under its names for providers, and by what distinguishes accounts and keys. */
import type { Credential } from '../credentials/credential.ts';
import { codecs } from '../protocols/registry.ts';
import { openaiCompatible } from '../providers/openai.ts';
import { accountKinds, accountProviders, keyLists } from '../providers/registry.ts';
import { authIndex, authIndexOf } from './auth-index.ts';

export interface KnownCredential {
  authIndex: string;
  /** What is shown of it: an account's e-mail address, by which its file is known, too; a key's name with its last characters. */
  source: string;
  provider: string;
  /** The kind of provider, whatever its owner calls it. */
  kind: string;
  authType: 'oauth' | 'apikey';
  /** Its provider counts cached tokens beside the input, not within. */
  countsCacheApart: boolean;
}

/** What a finished request says of its credential. */
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
  const isAccount = credential === undefined ? accountNames.has(provider) : credential.account !== undefined;
  return {
    authIndex: credential === undefined ? authIndex(id) : authIndexOf(credential),
    source: isAccount ? accountSource(name) : name,
    provider: channel,
    kind: credential?.provider.name ?? (channels.has(provider) ? provider : openaiCompatible.name),
    authType: isAccount ? 'oauth' : 'apikey',
    countsCacheApart:
      credential === undefined
        ? channel === 'claude'
        : codecs[credential.provider.protocol].usage.cacheApart === true,
  };
}

/** `kind/name (api)` without the kind, and without the API of an account that has several. */
export function accountSource(label: string): string {
  return label.slice(label.indexOf('/') + 1).replace(/ \([^()]*\)$/, '');
}

/** The peer's name for a provider: that of commands and of lists of keys. */
export function channelOf(provider: string, givenName: string | undefined): string {
  const own = channels.get(provider);
  if (own !== undefined && givenName === undefined) return own;
  return `openai-compatible-${givenName ?? provider}`;
}

const accountNames: ReadonlySet<string> = new Set(accountKinds.map((kind) => accountProviders[kind].name));

const channels: ReadonlyMap<string, string> = new Map([
  ...keyLists.map(([list, { provider }]): [string, string] => [
    provider.name,
    list.slice(0, -'-api-key'.length),
  ]),
  ...accountKinds.map((kind): [string, string] => [accountProviders[kind].name, kind]),
]);
