/** All providers. A new one is a file of this folder and a line here: everything else about it follows from its record. */

import type { PricedMaker } from '../models/price-source.ts';
import type { AccountProvider } from './account-provider.ts';
import { antigravity } from './antigravity.ts';
import { azure } from './azure.ts';
import { claude } from './claude.ts';
import { cloudflare } from './cloudflare.ts';
import { codex } from './codex/index.ts';
import { fromEntries } from './from-entries.ts';
import { gemini } from './gemini.ts';
import { iflow } from './iflow.ts';
import { kimi } from './kimi.ts';
import { knownServices, otherMakers } from './known-services.ts';
import { localServers } from './local-servers.ts';
import { mistral } from './mistral.ts';
import { openaiCompatible } from './openai.ts';
import { matchesPattern } from './pattern.ts';
import { qwen } from './qwen.ts';
import type { KeyList, ProviderRecord } from './record.ts';
import type { Service } from './service.ts';
import { vertex } from './vertex.ts';
import { xai } from './xai.ts';

/** By the names of commands, of the configuration and of account files, in the order of help. */
const providers = {
  gemini,
  claude,
  codex,
  qwen,
  iflow,
  antigravity,
  kimi,
  xai,
  vertex,
  azure,
  mistral,
  cloudflare,
} as const;

type Providers = typeof providers;
type NamesWith<Part extends keyof ProviderRecord> = {
  [Name in keyof Providers]: Providers[Name] extends Required<Pick<ProviderRecord, Part>> ? Name : never;
}[keyof Providers];

/** Providers that are used through accounts: the names in `cli-proxy-api auth <name>` and in `type` of account files. */
export type AccountKind = NamesWith<'account'>;
/** Providers whose API keys have a list of their own. */
type KeyName = NamesWith<'keys'>;
/** A list of API keys in the configuration: `gemini-api-key`. */
export type KeyListName = `${KeyName}-api-key`;

const records: readonly (readonly [name: string, record: ProviderRecord])[] = Object.entries(providers);
const namesWith = (part: keyof ProviderRecord): string[] =>
  records.filter(([, record]) => record[part] !== undefined).map(([name]) => name);

const withAccounts: ReadonlySet<string> = new Set(namesWith('account'));
const withKeys: ReadonlySet<string> = new Set(namesWith('keys'));
const isAccountKind = (name: string): name is AccountKind => withAccounts.has(name);
const isKeyName = (name: string): name is KeyName => withKeys.has(name);

export const accountKinds: readonly AccountKind[] = [...withAccounts].filter(isAccountKind);

/** As shipped; `accountProvider` in `accounts/provider-overrides.ts` has what the configuration changes. */
export const accountProviders: Readonly<Record<AccountKind, AccountProvider>> = fromEntries(
  accountKinds.map((kind) => [kind, providers[kind].account]),
);

/** The lists of API keys in the configuration, in its order. */
export const keyLists: readonly (readonly [name: KeyListName, list: KeyList])[] = [...withKeys]
  .filter(isKeyName)
  .map((name) => [`${name}-api-key`, providers[name].keys]);

/** Services that entries of `openai-compatibility` mean by their names, in the order of the reference. */
export const services: Readonly<Record<string, Service>> = {
  ...Object.fromEntries(records.flatMap(([name, { service }]) => (service ? [[name, service]] : []))),
  ...localServers,
  ...knownServices,
};

/** The service that has this name, in any case of letters. */
export function serviceNamed(name: string): Service | undefined {
  const asked = name.trim().toLowerCase();
  const found = Object.entries(services).find(
    ([own, { otherNames = [] }]) => own === asked || otherNames.includes(asked),
  );
  return found?.[1];
}

/** The service that an entry of `openai-compatibility` is for: the one of its name, else the one whose host it names. */
export function serviceOf(name: string, baseUrl: string): Service | undefined {
  const named = serviceNamed(name);
  if (named !== undefined) return named.isAddress?.(baseUrl) === false ? undefined : named;
  const host = URL.parse(baseUrl)?.hostname ?? '';
  return Object.values(services).find(
    ({ baseUrl: own = '', hosts = [], keyless }) =>
      // Anything may be at a port of this computer.
      keyless !== true &&
      [URL.parse(own)?.hostname ?? '', ...hosts].some((pattern) => matchesPattern(host, pattern)),
  );
}

/** What the OpenTelemetry conventions call the provider of this name; its own name where they have none for it. */
export function genaiNameOf(provider: string): string {
  return genaiNames.get(provider.toLowerCase()) ?? provider;
}

const genaiNames: ReadonlyMap<string, string> = new Map([
  ...Object.entries(services).flatMap(([own, { genaiName, otherNames = [] }]) =>
    genaiName === undefined ? [] : [own, ...otherNames].map((name): [string, string] => [name, genaiName]),
  ),
  ...records.flatMap(([, { genaiName, account, keys }]) =>
    genaiName === undefined
      ? []
      : [account?.name, keys?.provider.name].flatMap((name): [string, string][] =>
          name === undefined ? [] : [[name, genaiName]],
        ),
  ),
]);

/** The hosts that take the token of an account, by the name of its provider: that of its API as shipped, and those of its record. */
export function tokenHostsOf(provider: string): readonly string[] {
  return tokenHosts.get(provider) ?? [];
}

const tokenHosts: ReadonlyMap<string, readonly string[]> = new Map(
  records.flatMap(([, { account, tokenHosts: more = [] }]) =>
    account === undefined
      ? []
      : [[account.name, [URL.parse(account.baseUrl)?.hostname ?? '', ...more]] as const],
  ),
);

/** Whether an address is at a provider that the program knows, and not at one of its owner's own: by the last two parts of its host. */
export function isShippedAddress(baseUrl: string): boolean {
  return shippedDomains.has(domainOf(baseUrl));
}

function domainOf(address: string): string {
  const host = URL.parse(address)?.hostname ?? '';
  return /^[\d.]+$|^\[/.test(host) ? host : host.split('.').slice(-2).join('.');
}

const shippedDomains: ReadonlySet<string> = new Set(
  [
    ...keyLists.map(([, { baseUrl }]) => baseUrl),
    ...accountKinds.map((kind) => accountProviders[kind].baseUrl),
    ...Object.values(services)
      .filter(({ keyless }) => keyless !== true)
      .flatMap(({ baseUrl, hosts = [] }) => [
        baseUrl ?? '',
        ...hosts.map((host) => `https://${host.replaceAll('*', 'any')}`),
      ]),
  ].map(domainOf),
);

/** The names of all APIs, as in `cooldown.providers`: those of keys, then those of accounts. */
export const apiNames: readonly string[] = [
  ...keyLists.map(([, { provider }]) => provider.name),
  openaiCompatible.name,
  ...accountKinds.map((kind) => accountProviders[kind].name),
].filter((name, index, all) => all.indexOf(name) === index);

/** Whose models the table of models has. */
export const modelMakers: readonly PricedMaker[] = [
  ...records.flatMap(([, { maker }]) => maker ?? []),
  ...otherMakers,
];

/** Keys in files of CLIProxyAPI that are about one provider and change nothing here. */
export const unusedKeys = (reason: 'not-yet' | 'by-design'): readonly string[] =>
  records.flatMap(([, { unusedKeys: keys }]) => keys?.[reason] ?? []);
/** Where version 8 of those files has keys, and where older ones have them. */
export const movedKeys: readonly (readonly [since8: string, before: string])[] = records.flatMap(
  ([, { version8 = {} }]) => Object.entries(version8),
);
/** The providers that such files have groups of keys for. */
export const namesWithUnusedKeys: readonly string[] = namesWith('unusedKeys');
