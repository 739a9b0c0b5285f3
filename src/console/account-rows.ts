/** Every credential as a row of the console: accounts of files and keys of the configuration alike. */
import type { ManagedAccount } from '../accounts/managed-account.ts';
import { signInCommand } from '../accounts/sign-in-command.ts';
import { type Credential, providerNameOf } from '../credentials/credential.ts';
import type { CooldownRecord } from '../credentials/known-states.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { authIndex, authIndexOf } from '../management/auth-index.ts';
import { type ListedQuota, listedQuotas } from '../management/quota-list.ts';
import { isoTime } from '../management/shown-time.ts';
import { countedSpan, type RecentCounter } from '../usage/recent-counts.ts';
import { type Serving, servedModels } from './served-models.ts';
import type { AccountRow, ServedModels } from './wire.ts';

export interface AccountRowsSource {
  gateway: Pick<Gateway, 'credentials' | 'pool'> & Pick<Serving, 'catalog'>;
  accounts: () => readonly Pick<ManagedAccount, 'account' | 'failure'>[];
  counts: Pick<RecentCounter, 'of' | 'last'>;
}

/** By the ids of credentials: when each was used last before the start, in ms since the epoch. */
export type UsedBefore = ReadonlyMap<string, number>;

/** `now` is in ms since the epoch. Accounts that are switched off, or need a login, have no credential and come last. */
export function accountRows(
  { gateway, accounts, counts }: AccountRowsSource,
  usedBefore: UsedBefore,
  now: number,
): AccountRow[] {
  const cooldowns = Map.groupBy(gateway.pool.cooldowns(now), ({ credential }) => credential);
  const served = servedModels(gateway, new Set(cooldowns.keys()), now);
  const windows = Map.groupBy(listedQuotas(gateway, now).quotas, ({ credential }) => credential);
  const credentials = gateway.credentials();
  const files = new Map(accounts().map((live) => [live.account.id, live]));
  const inUse = new Set(credentials.map(({ account }) => account));
  return [
    ...credentials.map((credential) => {
      const live = credential.account === undefined ? undefined : files.get(credential.account);
      return credentialRow(
        credential,
        live,
        cooldowns.get(credential.id) ?? [],
        (windows.get(credential.id) ?? []).map(untilMinute),
        {
          models: served.get(credential.id) ?? null,
          inFlight: gateway.pool.inFlightOf(credential.id),
          ...lately(credential.id, counts, usedBefore, now),
        },
      );
    }),
    ...[...files.values()].filter(({ account }) => !inUse.has(account.id)).map(idleRow),
  ];
}

/** As keys of the configuration are switched off. */
function isOff({ excludedModels }: Credential): boolean {
  return excludedModels.includes('*');
}

/** A forecast moves on with every second in which nothing is reported: equal to the minute, it counts as unchanged. */
export function untilMinute<Window extends { exhausts: string | null }>(window: Window): Window {
  return window.exhausts === null
    ? window
    : { ...window, exhausts: `${window.exhausts.slice(0, 'yyyy-mm-ddThh:mm'.length)}:00.000Z` };
}

function credentialRow(
  credential: Credential,
  live: Pick<ManagedAccount, 'account' | 'failure'> | undefined,
  cooldowns: readonly CooldownRecord[],
  windows: ListedQuota[],
  { models, inFlight, lastUse, recent }: Pick<AccountRow, 'models' | 'inFlight' | 'lastUse' | 'recent'>,
): AccountRow {
  const state = coolingState(cooldowns, models);
  // What ends last ends the cooldown of a whole account; of single models the first is back before.
  const first = cooldowns.toSorted(
    (one, other) =>
      Number(one.cooldown.model !== undefined) - Number(other.cooldown.model !== undefined) ||
      one.cooldown.until - other.cooldown.until,
  )[0];
  const shown = state === 'ready' ? undefined : first;
  const signIn = live?.account.login.kind === 'sign-in-again' ? live.account.login : undefined;
  return {
    id: credential.id,
    index: authIndexOf(credential),
    label: credential.label,
    provider: providerNameOf(credential),
    file: live?.account.id ?? null,
    email: live?.account.facts.email ?? null,
    plan: live?.account.facts.plan ?? null,
    state: isOff(credential) ? 'disabled' : signIn ? 'sign-in' : state,
    reason: signIn?.reason ?? shown?.cooldown.reason ?? null,
    until: shown === undefined ? null : isoTime(shown.cooldown.until),
    models,
    cooldowns: cooldowns.map(({ cooldown }) => ({
      model: cooldown.model ?? null,
      kind: cooldown.kind,
      since: isoTime(cooldown.since),
      until: isoTime(cooldown.until),
      reason: cooldown.reason,
    })),
    windows,
    inFlight,
    priority: credential.priority,
    note: live?.account.settings.description ?? null,
    lastUse,
    recent,
  };
}

/** By what it would serve now; where nothing is known of its models, by the cooldown of the whole. */
function coolingState(
  cooldowns: readonly CooldownRecord[],
  models: ServedModels | null,
): Extract<AccountRow['state'], 'ready' | 'partly' | 'cooldown'> {
  if (cooldowns.length === 0) return 'ready';
  if (models === null)
    return cooldowns.some(({ cooldown }) => cooldown.model === undefined) ? 'cooldown' : 'ready';
  return models.ready === models.all ? 'ready' : models.ready === 0 ? 'cooldown' : 'partly';
}

/** The last use, and how it has gone since a piece of time that is counted still. */
function lately(
  id: string,
  counts: AccountRowsSource['counts'],
  usedBefore: UsedBefore,
  now: number,
): Pick<AccountRow, 'lastUse' | 'recent'> {
  const last = counts.last(id) ?? usedBefore.get(id);
  const lastUse = last === undefined ? null : isoTime(last);
  if (counts.last(id) === undefined) return { lastUse, recent: null };
  const { recent } = counts.of([id], now);
  if (recent.every(({ success, failed }) => success + failed === 0)) return { lastUse, recent: null };
  return {
    lastUse,
    recent: {
      from: isoTime(recent[0]?.from ?? now),
      piece: countedSpan,
      answered: recent.map(({ success }) => success),
      failed: recent.map(({ failed }) => failed),
    },
  };
}

function idleRow({ account }: Pick<ManagedAccount, 'account'>): AccountRow {
  const { login, settings, facts, kind, id } = account;
  const signIn = login.kind === 'sign-in-again';
  return {
    id,
    index: authIndex(id),
    label: id,
    provider: kind,
    file: id,
    email: facts.email ?? null,
    plan: facts.plan ?? null,
    state: settings.disabled ? 'disabled' : signIn ? 'sign-in' : 'ready',
    reason: settings.disabled ? null : signIn ? `${login.reason} (${signInCommand(account)})` : null,
    until: null,
    models: null,
    cooldowns: [],
    windows: [],
    inFlight: 0,
    priority: settings.priority ?? 0,
    note: settings.description ?? null,
    lastUse: null,
    recent: null,
  };
}
