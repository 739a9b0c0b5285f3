/** An account: the tokens of one login, what is known of whom it belongs to, and what its owner wants done with it. */
import type { Budget } from '../config/budget.ts';
import type { ErrorRules, OwnCooldown, OwnTimeouts } from '../config/pool-keys.ts';
import type { AccountFacts } from '../providers/account-provider.ts';
import type { AccountKind } from '../providers/registry.ts';

export interface Account {
  /** The file's name without `.json`; stable across restarts. */
  id: string;
  /** Absolute path. */
  file: string;
  kind: AccountKind;
  tokens: AccountTokens;
  facts: AccountFacts;
  settings: AccountSettings;
  login: LoginState;
}

export interface AccountTokens {
  accessToken: string | undefined;
  refreshToken: string | undefined;
  idToken: string | undefined;
  tokenType: string;
  /** Milliseconds since the epoch; undefined when unknown. */
  expiresAt: number | undefined;
  /** Milliseconds since the epoch of the last refresh or login; undefined when unknown. */
  refreshedAt: number | undefined;
}

/** The owner's own fields, at top level of the file or under `attributes`. */
export interface AccountSettings {
  /** Higher first; 0 by default. */
  priority: number;
  weight: number;
  websockets: boolean;
  description: string | undefined;
  prefix: string | undefined;
  proxyUrl: string | undefined;
  disabled: boolean;
  excludedModels: readonly string[];
  /** Other names for models: by the provider's name, the clients' name. */
  modelAliases: readonly { name: string; alias: string }[];
  headers: Readonly<Record<string, string>>;
  disableCooling: boolean | undefined;
  requestRetry: number | undefined;
  /** The account's own numbers of the cooldown table, limits of calls (ms) and meanings of errors, as a key's entry has them. */
  cooldown?: OwnCooldown | undefined;
  /** What it may spend. */
  budget?: Budget | undefined;
  timeouts?: OwnTimeouts | undefined;
  requestScopedErrors?: ErrorRules | undefined;
  /** Most requests at the same time, and most that wait for a place; undefined where not configured. */
  concurrency?: number | undefined;
  queue?: number | undefined;
  /** Milliseconds between refreshes, instead of the provider's lead before expiry. */
  refreshInterval: number | undefined;
}

/** Whether the login still holds. */
export type LoginState =
  | { kind: 'good' }
  /** The provider no longer takes the refresh token: no retries until the file changes. */
  | { kind: 'sign-in-again'; reason: string; since: number };

/** Whether there is anything to get new tokens with. */
export function isRenewable({ tokens, facts }: Pick<Account, 'tokens' | 'facts'>): boolean {
  return (
    tokens.refreshToken !== undefined || facts.serviceAccount !== undefined || facts.cookie !== undefined
  );
}
