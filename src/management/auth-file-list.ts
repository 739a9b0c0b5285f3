/** Accounts as the peer lists them: `GET /auth-files`. No token is in it. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Account } from '../accounts/account.ts';
import { contentOf } from '../accounts/account-file.ts';
import { findKind } from '../accounts/account-kind.ts';
import type { AccountProblem } from '../accounts/account-problem.ts';
import type { AccountStore } from '../accounts/account-store.ts';
import type { ManagedAccount } from '../accounts/managed-account.ts';
import type { ManagedAccounts } from '../accounts/managed-accounts.ts';
import type { CooldownRecord } from '../credentials/known-states.ts';
import { yieldToEventLoop } from '../ground/steps.ts';
import { idTokenClaims } from '../oauth/id-token.ts';
import type { Json } from '../protocols/json.ts';
import { asBoolean, asNumber, asObject, asString } from '../protocols/json-members.ts';
import { authIndex } from './auth-index.ts';
import { isoTime } from './shown-time.ts';

/** The accounts of the running gateway, and the files they are in. */
export interface OpenedAccounts {
  store: Pick<
    AccountStore,
    'directory' | 'names' | 'text' | 'changeText' | 'put' | 'remove' | 'takeRoom' | 'saveSignIn'
  >;
  live: Pick<ManagedAccounts, 'list' | 'problems' | 'look' | 'refresh'>;
}

/** What the list is made of beside the accounts. */
export interface ListingDeps {
  cooldowns: readonly CooldownRecord[];
  /** Counts of these credentials together, as members of a JSON object. */
  counts: (credentials: readonly string[]) => string;
  /** Ids of the credentials of each account. */
  credentials: ReadonlyMap<string, readonly string[]>;
  now: number;
}

/** An entry that is made on demand: most of the work is making its description. */
export interface ListedFile {
  name: string;
  /** The account's. */
  id: string;
  /** Its description as JSON. Names are CLIProxyAPI's; unknown members are left out. */
  text(): string | Promise<string>;
}

/** Files that are made ready in one turn of the event loop, and those that are looked at on the disk at the same time. */
const perTurn = 50;
/** Files that are not accounts and are read for the list, to name their owner. */
const mostBroken = 200;

/** Every account file, sorted by name. */
export function listedFiles({ store, live }: OpenedAccounts, deps: ListingDeps): ListedFile[] {
  const cooldownsOf = Map.groupBy(deps.cooldowns, ({ credential }) => credential);
  const accounts = live.list().map((one): ListedFile => {
    const { account } = one;
    return {
      name: basename(account.file),
      id: account.id,
      text() {
        const ids = deps.credentials.get(account.id) ?? [account.id];
        const cooldowns = ids.flatMap((id) => cooldownsOf.get(id) ?? []);
        const now = `${stateFieldsOf(one, cooldowns, deps.now)},${deps.counts(ids)}}`;
        const before = known.get(account);
        return before === undefined ? knownOf(account).then((made) => `${made},${now}`) : `${before},${now}`;
      },
    };
  });
  const broken = live
    .problems()
    .filter(({ file }) => /\.json$/i.test(file))
    .slice(0, mostBroken)
    .map((problem): ListedFile => {
      const name = basename(problem.file);
      const id = name.replace(/\.json$/i, '');
      return {
        name,
        id,
        text: async () => `${await brokenFile(problem, store)},${deps.counts([id])}}`,
      };
    });
  return [...accounts, ...broken].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** What does not change while the account is the same, as the beginning of a JSON object. An account that changes is another object. */
const known = new WeakMap<Account, string>();

async function knownOf(account: Account): Promise<string> {
  const { id, file, kind, facts, settings, tokens } = account;
  const name = basename(file);
  const said = {
    ...namesOf(name, id, kind),
    label: facts.email ?? settings.description ?? id,
    disabled: settings.disabled,
    runtime_only: false,
    source: 'file',
    path: file,
    account_type: 'oauth',
    email: facts.email,
    account: facts.email,
    project_id: facts.projects?.join(','),
    note: settings.description,
    last_refresh: tokens.refreshedAt === undefined ? undefined : isoTime(tokens.refreshedAt),
    id_token: kind === 'codex' ? codexClaims(account) : undefined,
    prefix: settings.prefix,
    priority: settings.priority || undefined,
    weight: settings.weight === 1 ? undefined : settings.weight,
    request_retry: settings.requestRetry,
    websockets: settings.websockets || undefined,
    ...(await fileFacts(file)),
  };
  const text = JSON.stringify(said).slice(0, -1);
  known.set(account, text);
  return text;
}

/** Its present state, as members of a JSON object. */
function stateFieldsOf(
  { account, failure, history }: ManagedAccount,
  cooldowns: readonly CooldownRecord[],
  now: number,
): string {
  const { settings, login } = account;
  const whole = cooldowns.find(
    ({ cooldown }) => cooldown.model === undefined && cooldown.until > now,
  )?.cooldown;
  const trouble = login.kind === 'sign-in-again' ? login.reason : failure;
  const status = settings.disabled
    ? 'disabled'
    : history.running
      ? 'refreshing'
      : trouble !== undefined || whole !== undefined
        ? 'error'
        : 'active';
  const said = {
    status,
    status_message: trouble ?? whole?.reason ?? '',
    unavailable: whole !== undefined,
    next_retry_after: whole === undefined ? undefined : isoTime(whole.until),
  };
  return JSON.stringify(said).slice(1, -1);
}

const knownProblems = new WeakMap<AccountProblem, string>();

/** A file that is not a usable account: its contents, and the problem. */
async function brokenFile(problem: AccountProblem, store: Pick<AccountStore, 'text'>): Promise<string> {
  const before = knownProblems.get(problem);
  if (before !== undefined) return before;
  const { file, message } = problem;
  const name = basename(file);
  const id = name.replace(/\.json$/i, '');
  const read = await store.text(name);
  const content = (read.ok ? contentOf(read.text) : undefined) ?? {};
  const found = findKind(name, content);
  const kind = found.ok ? found.kind : 'unknown';
  const email = asString(content.email);
  const disabled = asBoolean(content.disabled) ?? false;
  const said = {
    ...namesOf(name, id, kind),
    label: email ?? id,
    status: disabled ? 'disabled' : 'error',
    status_message: message,
    disabled,
    unavailable: true,
    runtime_only: false,
    source: 'file',
    path: file,
    account_type: 'oauth',
    email,
    account: email,
    note: asString(content.note) ?? asString(content.description),
    prefix: asString(content.prefix),
    priority: asNumber(content.priority),
    weight: asNumber(content.weight),
    websockets: asBoolean(content.websockets),
    ...(await fileFacts(file)),
  };
  const text = JSON.stringify(said).slice(0, -1);
  knownProblems.set(problem, text);
  return text;
}

function namesOf(name: string, id: string, kind: string): Record<string, unknown> {
  return { id: name, name, auth_index: authIndex(id), type: kind, provider: kind };
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

/** What panels read of Codex accounts to ask for their quota. */
function codexClaims({ tokens, facts }: Account): Record<string, Json> | undefined {
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
  return Object.keys(found).length === 0 ? undefined : found;
}

/** `{"files":[…]}` and its further members, written in slices: a thousand accounts are over a megabyte. */
export async function filesText(
  files: readonly ListedFile[],
  beside: Record<string, unknown>,
): Promise<string> {
  const pieces: string[] = [];
  for (let start = 0; start < files.length; start += perTurn) {
    const part = await Promise.all(files.slice(start, start + perTurn).map((file) => file.text()));
    pieces.push(part.join(','));
    await yieldToEventLoop();
  }
  const members = JSON.stringify(beside).slice(1, -1);
  return `{"files":[${pieces.join(',')}]${members === '' ? '' : `,${members}`}}`;
}
