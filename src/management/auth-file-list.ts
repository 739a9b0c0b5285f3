/** Accounts as the peer lists them: `GET /auth-files`. No token is in it. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Account } from '../accounts/account.ts';
import { contentOf } from '../accounts/account-file.ts';
import { findKind } from '../accounts/account-kind.ts';
import type { AccountProblem } from '../accounts/account-problem.ts';
import type { AccountStore } from '../accounts/account-store.ts';
import type { LiveAccount } from '../accounts/live-account.ts';
import type { LiveAccounts } from '../accounts/live-accounts.ts';
import type { RestRecord } from '../credentials/pool.ts';
import { idTokenClaims } from '../oauth/id-token.ts';
import { asBoolean, asNumber, asObject, asString, type Json } from '../protocols/json.ts';
import { nextTurn } from '../usage/turns.ts';
import { authIndex } from './auth-index.ts';
import type { ShownCounts } from './recent-requests.ts';
import { isoTime } from './shown-time.ts';

/** The accounts of the running gateway, and the files they are in. */
export interface ManagedAccounts {
  store: Pick<AccountStore, 'directory' | 'names' | 'text' | 'changeText' | 'put' | 'remove' | 'saveSignIn'>;
  live: Pick<LiveAccounts, 'list' | 'problems' | 'look' | 'refresh'>;
}

/** What the list is made of beside the accounts. */
export interface ListingWorld {
  rests: readonly RestRecord[];
  /** Counts of these credentials together. */
  counts: (credentials: readonly string[]) => ShownCounts;
  /** Ids of the credentials of each account. */
  credentials: ReadonlyMap<string, readonly string[]>;
  now: number;
}

/** One of the list; what is not known is left out. Names are the peer's. */
export type ListedFile = Record<string, unknown> & { name: string; auth_index: string };

/** Accounts that are looked at in one turn of the event loop, and files that are looked at on the disk at the same time. */
const perTurn = 50;
/** Files that are no accounts and are read for the list, to say whose they are. */
const mostBroken = 200;

/** Every account file, sorted by name. */
export async function listedFiles(
  { store, live }: ManagedAccounts,
  world: ListingWorld,
): Promise<ListedFile[]> {
  const restsOf = Map.groupBy(world.rests, ({ credential }) => credential);
  const listed: ListedFile[] = [];
  const accounts = live.list();
  for (let start = 0; start < accounts.length; start += perTurn) {
    const files = accounts.slice(start, start + perTurn).map(async (one) => {
      const ids = world.credentials.get(one.account.id) ?? [one.account.id];
      const rests = ids.flatMap((id) => restsOf.get(id) ?? []);
      return {
        ...listedAccount(one, rests, world),
        ...world.counts(ids),
        ...(await fileFacts(one.account.file)),
      };
    });
    listed.push(...(await Promise.all(files)));
    await nextTurn();
  }
  const problems = live.problems().filter(({ file }) => /\.json$/i.test(file));
  for (const problem of problems.slice(0, mostBroken)) listed.push(await brokenFile(problem, store, world));
  return listed.sort((one, other) => (one.name < other.name ? -1 : 1));
}

function listedAccount(
  { account, failure, history }: LiveAccount,
  rests: readonly RestRecord[],
  { now }: ListingWorld,
): ListedFile {
  const { id, file, kind, facts, settings, standing, tokens } = account;
  const whole = rests.find(({ rest }) => rest.model === undefined && rest.until > now)?.rest;
  const name = basename(file);
  const trouble = standing.kind === 'sign-in-again' ? standing.reason : failure;
  const status = settings.disabled
    ? 'disabled'
    : history.running
      ? 'refreshing'
      : trouble !== undefined || whole !== undefined
        ? 'error'
        : 'active';
  return {
    id: name,
    name,
    auth_index: authIndex(id),
    type: kind,
    provider: kind,
    label: facts.email ?? settings.description ?? id,
    status,
    status_message: trouble ?? whole?.reason ?? '',
    disabled: settings.disabled,
    unavailable: whole !== undefined,
    runtime_only: false,
    source: 'file',
    path: file,
    account_type: 'oauth',
    ...known({
      email: facts.email,
      account: facts.email,
      project_id: facts.projects?.join(','),
      note: settings.description,
      last_refresh: tokens.refreshedAt === undefined ? undefined : isoTime(tokens.refreshedAt),
      next_retry_after: whole === undefined ? undefined : isoTime(whole.until),
      id_token: kind === 'codex' ? codexClaims(account) : undefined,
      prefix: settings.prefix,
      priority: settings.priority || undefined,
      weight: settings.weight === 1 ? undefined : settings.weight,
      request_retry: settings.requestRetry,
      websockets: settings.websockets || undefined,
    }),
  };
}

/** A file that is no account that can be used: what it says of itself, and what is wrong with it. */
async function brokenFile(
  { file, message }: AccountProblem,
  store: Pick<AccountStore, 'text'>,
  { counts }: ListingWorld,
): Promise<ListedFile> {
  const name = basename(file);
  const id = name.replace(/\.json$/i, '');
  const read = await store.text(name);
  const content = (read.ok ? contentOf(read.text) : undefined) ?? {};
  const found = findKind(name, content);
  const kind = found.ok ? found.kind : 'unknown';
  const email = asString(content.email);
  const disabled = asBoolean(content.disabled) ?? false;
  return {
    id: name,
    name,
    auth_index: authIndex(id),
    type: kind,
    provider: kind,
    label: email ?? id,
    status: disabled ? 'disabled' : 'error',
    status_message: message,
    disabled,
    unavailable: true,
    runtime_only: false,
    source: 'file',
    path: file,
    account_type: 'oauth',
    ...known({
      email,
      account: email,
      note: asString(content.note) ?? asString(content.description),
      prefix: asString(content.prefix),
      priority: asNumber(content.priority),
      weight: asNumber(content.weight),
      websockets: asBoolean(content.websockets),
    }),
    ...counts([id]),
    ...(await fileFacts(file)),
  };
}

function known(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

async function fileFacts(file: string): Promise<Record<string, unknown>> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return {};
  const modified = found.mtime.toISOString();
  return {
    size: found.size,
    created_at: found.birthtime.toISOString(),
    modtime: modified,
    updated_at: modified,
  };
}

const claimsKnown = new WeakMap<Account, Record<string, Json>>();

/** What panels read of Codex accounts to ask for their quota. Read once an account: tokens are long. */
function codexClaims(account: Account): Record<string, Json> | undefined {
  const before = claimsKnown.get(account);
  if (before !== undefined) return before;
  const { tokens, facts } = account;
  const token = tokens.idToken ?? tokens.accessToken;
  const claims = asObject(
    (token === undefined ? undefined : idTokenClaims(token))?.['https://api.openai.com/auth'],
  );
  const accountId = facts.accountId ?? asString(claims?.chatgpt_account_id);
  const plan = facts.plan ?? asString(claims?.chatgpt_plan_type);
  const found: Record<string, Json> = {};
  if (accountId !== undefined) found.chatgpt_account_id = accountId;
  if (plan !== undefined) found.plan_type = plan;
  for (const field of ['chatgpt_subscription_active_start', 'chatgpt_subscription_active_until']) {
    const value = claims?.[field];
    if (typeof value === 'string' || typeof value === 'number') found[field] = value;
  }
  if (Object.keys(found).length === 0) return undefined;
  claimsKnown.set(account, found);
  return found;
}

/** `{"files":[…]}` and what stands beside, written in turns: a thousand accounts are over a megabyte. */
export async function filesText(
  files: readonly ListedFile[],
  beside: Record<string, unknown>,
): Promise<string> {
  const pieces: string[] = [];
  for (let start = 0; start < files.length; start += 2 * perTurn) {
    const part = JSON.stringify(files.slice(start, start + 2 * perTurn));
    pieces.push(part.slice(1, -1));
    await nextTurn();
  }
  const rest = JSON.stringify(beside).slice(1, -1);
  return `{"files":[${pieces.join(',')}]${rest === '' ? '' : `,${rest}`}}`;
}
