/** An account as a person, or a script, may see it: everything but its secrets. */
import { type Account, isRenewable } from '../../accounts/account.ts';
import { signInCommand } from '../../accounts/sign-in-command.ts';
import type { CooldownRecord } from '../../credentials/known-states.ts';
import type { AccountProvider } from '../../providers/account-provider.ts';

/** What an account can be used for at a moment. */
export type AccountState =
  /** Its token is good. */
  | 'ready'
  /** Its token has run out; the next request, or the running gateway, renews it. */
  | 'expired'
  /** Nothing but a new login helps. */
  | 'sign-in-again'
  /** Its owner has turned it off; it is still refreshed. */
  | 'disabled';

/** The object of `auth list --json` and `auth status --json`; holds no secret. */
export interface AccountView {
  id: string;
  provider: string;
  title: string;
  state: AccountState;
  /** Only for `sign-in-again`: why, and the command that helps. */
  reason?: string;
  command?: string;
  identity?: string;
  email?: string;
  plan?: string;
  organization?: string;
  projects?: readonly string[];
  location?: string;
  description?: string;
  /** ISO 8601; absent where the provider does not report it, or tokens are made anew for each start. */
  expires?: string;
  refreshed?: string;
  priority: number;
  weight: number;
  websockets: boolean;
  prefix?: string;
  proxy: boolean;
  excludedModels: readonly string[];
  modelAliases: readonly { name: string; alias: string }[];
  /** Those that hold, as the gateway wrote them down last; absent where there is none. */
  cooldowns?: readonly AccountCooldown[];
  file: string;
}

export interface AccountCooldown {
  kind: string;
  /** Absent where the whole account is cooling down. */
  model?: string;
  /** ISO 8601. */
  until: string;
  reason: string;
}

/** The cooldowns of an account's credentials that hold at `now`. */
export function cooldownsOf(
  account: string,
  records: readonly CooldownRecord[],
  now: number,
): AccountCooldown[] {
  return records
    .filter(({ credential }) => credential === account || credential.startsWith(`${account}/`))
    .filter(({ cooldown }) => cooldown.until > now)
    .map(({ cooldown: { kind, model, until, reason } }) => ({
      kind,
      ...(model === undefined ? {} : { model }),
      until: new Date(until).toISOString(),
      reason,
    }));
}

/** The account at the moment `now` (milliseconds since the epoch). */
export function viewOf(account: Account, provider: AccountProvider, now: number): AccountView {
  const { tokens, facts, settings, login } = account;
  const state = stateOf(account, now);
  const view: AccountView = {
    id: account.id,
    provider: account.kind,
    title: provider.title,
    state,
    priority: settings.priority,
    weight: settings.weight,
    websockets: settings.websockets,
    proxy: settings.proxyUrl !== undefined,
    excludedModels: settings.excludedModels,
    modelAliases: settings.modelAliases,
    file: account.file,
  };
  const further: Partial<AccountView> = {
    reason: state === 'sign-in-again' ? reasonOf(login) : undefined,
    command: state === 'sign-in-again' ? signInCommand(account) : undefined,
    identity: provider.identity(facts),
    email: facts.email,
    plan: facts.plan,
    organization: facts.organizationName ?? facts.organizationId,
    projects: facts.projects,
    location: facts.location,
    description: settings.description,
    expires: iso(tokens.expiresAt),
    refreshed: iso(tokens.refreshedAt),
    prefix: settings.prefix,
  };
  return Object.assign(
    view,
    Object.fromEntries(Object.entries(further).filter(([, value]) => value !== undefined)),
  );
}

function stateOf({ tokens, facts, settings, login }: Account, now: number): AccountState {
  if (login.kind === 'sign-in-again') return 'sign-in-again';
  if (settings.disabled) return 'disabled';
  if (facts.serviceAccount !== undefined) return 'ready';
  const runOut =
    (tokens.accessToken ?? facts.apiKey) === undefined ||
    (tokens.expiresAt !== undefined && tokens.expiresAt <= now);
  if (!runOut) return 'ready';
  return isRenewable({ tokens, facts }) ? 'expired' : 'sign-in-again';
}

function reasonOf(login: Account['login']): string {
  return login.kind === 'sign-in-again'
    ? login.reason
    : 'its token has run out, and the file holds no refresh token';
}

function iso(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();
}

/** `in 3 h`, `2 days ago`: how far a moment lies from `now`, both in milliseconds since the epoch. */
export function distance(moment: number, now: number): string {
  const seconds = Math.round(Math.abs(moment - now) / 1000);
  const [amount, unit] =
    seconds < 90
      ? [seconds, 's']
      : seconds < 90 * 60
        ? [Math.round(seconds / 60), 'min']
        : seconds < 36 * 3600
          ? [Math.round(seconds / 3600), 'h']
          : [Math.round(seconds / 86_400), 'days'];
  return moment >= now ? `in ${amount} ${unit}` : `${amount} ${unit} ago`;
}
