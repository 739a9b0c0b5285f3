/** A credential: one way to be let in by a provider, and what it may be used for. */
import type { TokenSource } from '../accounts/token-source.ts';
import type { Budget } from '../config/budget.ts';
import type { Provider } from '../providers/provider.ts';
import type { Slots } from './concurrency.ts';
import type { CooldownOverrides } from './cooldown-table.ts';
import type { ErrorRule } from './error-rule.ts';
import type { OwnerTraits } from './owner-traits.ts';

export interface Credential {
  /** Stable across restarts and reloads: the same key at the same address has the same id. */
  id: string;
  /** For logs and lists; holds no secret. */
  label: string;
  provider: Provider;
  /** What its owner calls the provider, where the configuration has a name for it. */
  givenName?: string | undefined;
  /** A key that stays, or the source of an account's token. */
  secret: string | TokenSource;
  baseUrl: string;
  prefix: string | undefined;
  /** What it serves, by the provider's name and the clients' name. Empty: the provider's families. */
  models: readonly ServedModel[];
  /** Other names for single models of its provider; the rest of the list stays as it is. */
  aliases: readonly ModelAlias[];
  /** The provider's names that it must not serve; `*` matches any text. */
  excludedModels: readonly string[];
  headers: Readonly<Record<string, string>>;
  proxyUrl: string | undefined;
  /** Higher first. */
  priority: number;
  weight: number;
  disableCooling: boolean | undefined;
  requestRetry: number | undefined;
  /** Whether the owner wants the provider's WebSocket used where it has one. */
  websockets: boolean;
  /** The account that several credentials belong to (one a project); undefined for single ones. */
  account?: string | undefined;
  /** How long its provider may take, in ms, where that is not as for others. */
  timeouts?: Partial<Record<'connect' | 'first-byte' | 'stall' | 'whole', number | undefined>> | undefined;
  /** How many requests it serves at a time, with all credentials of the same account; undefined for as many as come. */
  places?: Slots | undefined;
  /** What it may spend, with all credentials of the same account; undefined for as much as comes. */
  budget?: Budget | undefined;
  /** Its own numbers of the cooldown table. */
  cooldown?: CooldownOverrides | undefined;
  /** What single errors mean; the first rule that fits decides. */
  errorRules?: readonly ErrorRule[] | undefined;
}

/**
 * Whom people mean by a credential's provider: the service that its owner has named, otherwise the kind. Usage, metrics, quotas
 * and the log go by it: what one service has used or left does not concern another with the same protocol.
 */
export function providerNameOf({ givenName, provider }: Pick<Credential, 'givenName' | 'provider'>): string {
  return givenName ?? provider.name;
}

export interface ServedModel {
  /** At the provider. */
  name: string;
  /** For clients. */
  alias: string;
  /** The owner's settings of it. */
  about?: OwnerTraits;
}

export interface ModelAlias extends ServedModel {
  /** Keeps the provider's name beside the alias. */
  fork: boolean;
}
