/** The credentials that signed-in accounts give. */
import type { Account } from '../accounts/account.ts';
import { accountProvider } from '../accounts/provider-overrides.ts';
import type { TokenSource } from '../accounts/token-source.ts';
import { namesOfKind } from '../config/account-kinds.ts';
import type { Config } from '../config/schema.ts';
import type { AccountKind } from '../providers/registry.ts';
import { slotsOf } from './concurrency.ts';
import type { Credential, ModelAlias } from './credential.ts';
import { errorRulesOf } from './error-rule.ts';

/** An account in use: the contents of its file, and the source of its token. */
export interface UsableAccount {
  account: Omit<Account, 'tokens'>;
  source: TokenSource;
}

/** The part of the configuration that credentials of accounts depend on. */
export type AccountConfig = Pick<
  Config,
  'proxy-url' | 'oauth-model-alias' | 'oauth-excluded-models' | 'oauth-request-scoped-errors' | 'providers'
>;

/** Every credential of these accounts, in their order: one for each API of each account that is not disabled. */
export function credentialsFromAccounts(
  accounts: readonly UsableAccount[],
  config: AccountConfig,
): Credential[] {
  const enabled = accounts.filter(({ account }) => !account.settings.disabled);
  const namesakes = Map.groupBy(enabled, ({ account }) => `${account.kind}\n${ownerName(account)}`);
  return enabled.flatMap(({ account, source }) => {
    const { kind, facts, settings } = account;
    const provider = accountProvider(kind, config);
    const alone = namesakes.get(`${kind}\n${ownerName(account)}`)?.length === 1;
    const known = (alone ? ownerName(account) : undefined) ?? provider.identity(facts);
    const name = known === undefined ? account.id : `${kind}/${known}`;
    return provider.apis(facts, provider).map(
      (api): Credential => ({
        id: api.suffix === undefined ? account.id : `${account.id}/${api.suffix}`,
        label: api.suffix === undefined ? name : `${name} (${api.suffix})`,
        provider: api.provider,
        secret: source,
        baseUrl: api.baseUrl,
        prefix: settings.prefix,
        models: [],
        aliases: [
          ...aliasesOf(config, kind),
          // The file adds names; only the configuration takes one away.
          ...settings.modelAliases.map((alias) => ({ ...alias, fork: true })),
        ],
        excludedModels: [
          ...settings.excludedModels,
          ...namesOfKind(kind).flatMap((known) => config['oauth-excluded-models'][known] ?? []),
        ],
        headers: settings.headers,
        proxyUrl: settings.proxyUrl ?? config['proxy-url'],
        priority: settings.priority,
        weight: settings.weight,
        disableCooling: settings.disableCooling,
        requestRetry: settings.requestRetry,
        websockets: settings.websockets,
        account: account.id,
        places: slotsOf(account.id, settings),
        cooldown: settings.cooldown,
        budget: settings.budget,
        timeouts: settings.timeouts,
        errorRules: [
          ...errorRulesOf(settings.requestScopedErrors ?? []),
          ...namesOfKind(kind).flatMap((known) =>
            errorRulesOf(config['oauth-request-scoped-errors'][known] ?? []),
          ),
        ],
      }),
    );
  });
}

/** Characters of a description that serves as a name. */
const longestName = 32;

/** What people call an account: what its owner wrote beside it where that is as short as a name, else its e-mail address. */
function ownerName({ settings, facts }: Pick<Account, 'settings' | 'facts'>): string | undefined {
  const { description } = settings;
  return description && description.length <= longestName ? description : facts.email;
}

function aliasesOf(config: AccountConfig, kind: AccountKind): ModelAlias[] {
  return namesOfKind(kind)
    .flatMap((known) => config['oauth-model-alias'][known] ?? [])
    .map(({ name, alias, fork, 'display-name': displayName }) => {
      const about = displayName && { displayName, contextLength: undefined, reasoning: undefined };
      const shown = about ? { about } : {};
      // An entry without an alias is the name of a model that the account serves.
      return alias === undefined
        ? { name, alias: name, fork: true, ...shown }
        : { name, alias, fork, ...shown };
    });
}
