/** An account file: our own flat shape and every shape that CLIProxyAPI has written. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { z } from 'zod';
import type { TokenReply } from '../oauth/grant.ts';
import { isObject, type JsonObject, parseJsonFile } from '../protocols/json.ts';
import { asObject } from '../protocols/json-members.ts';
import type { AccountFacts } from '../providers/account-provider.ts';
import { knownFacts } from '../providers/known-facts.ts';
import { type AccountKind, accountProviders } from '../providers/registry.ts';
import { type Account, isRenewable, type LoginState } from './account.ts';
import { changedFactFields, factFields, readFacts } from './account-facts.ts';
import { findKind } from './account-kind.ts';
import type { AccountProblem } from './account-problem.ts';
import { readSettings } from './account-settings.ts';
import { readTokens, SIGN_IN_AGAIN, tokenFields, writeTokens } from './account-tokens.ts';
import { readFields } from './field-reader.ts';
import { formatTime, readTime } from './file-time.ts';
import { nestsDeeperThan, removeMember, setMember } from './json-text.ts';
import { otherProgramsFile } from './other-programs.ts';

export type ParsedAccount = { ok: true; account: Account } | { ok: false; problem: AccountProblem };

/** The account in the text of a file; the problem names the file and the field, and shows no value. */
export function parseAccount(file: string, text: string): ParsedAccount {
  const name = basename(file);
  const invalid = (message: string, key?: string): ParsedAccount => ({
    ok: false,
    problem: { file, reason: 'invalid', key, message: `${name}: ${message}` },
  });
  if (!text.trim()) return invalid('the file is empty');
  const content = contentOf(text);
  if (!content) return invalid('expected one JSON object; the file is cut off or is something else');
  const others = otherProgramsFile(content);
  if (others !== undefined) return invalid(others);
  const found = findKind(name, content);
  if (!found.ok) return invalid(`type: expected ${found.expected}`, 'type');

  const top = { path: '', fields: content };
  const attributes = { path: 'attributes', fields: asObject(content.attributes) ?? {} };
  const reader = readFields([top]);
  const settingsReader = readFields([top, attributes]);
  const tokens = readTokens(content, reader);
  const facts = readFacts(content, found.kind, reader);
  const settings = readSettings(settingsReader);
  const issue = [...reader.issues, ...settingsReader.issues][0];
  if (issue) return invalid(`${issue.key}: expected ${issue.expected}, found ${issue.found}`, issue.key);
  if (!tokens.accessToken && !facts.apiKey && !isRenewable({ tokens, facts }))
    return invalid('expected an access_token, a refresh_token or a service_account');
  return {
    ok: true,
    account: {
      id: name.replace(/\.json$/i, ''),
      file,
      kind: found.kind,
      tokens,
      facts,
      settings,
      login: loginIn(content, { tokens, facts }),
    },
  };
}

/** Far deeper than any account file, and far from what would exhaust the stack of a comparison of two. */
const DEEPEST = 64;

/** The JSON object in the text, or undefined. */
export function contentOf(text: string): JsonObject | undefined {
  if (nestsDeeperThan(text, DEEPEST)) return undefined;
  const content = parseJsonFile(text);
  return isObject(content) ? content : undefined;
}

/** Gives the text of an account's file with what a provider has replied. `now`: milliseconds since the epoch. */
type WritesTokens = (
  text: string,
  kind: AccountKind,
  reply: TokenReply | undefined,
  facts: AccountFacts,
  now: number,
) => string;

/**
 * The text with the tokens of a login or a refresh and the facts that are news; every other key, the order and the layout
 * stay, and so do the spellings of the file, so that the program that wrote it can still read it.
 */
export const applyTokens: WritesTokens = (text, kind, reply, facts, now) => {
  const content = contentOf(text);
  if (!content) return text;
  let result = reply ? writeTokens(text, content, reply, now) : text;
  const written = contentOf(result) ?? {};
  const known = readFacts(written, kind, readFields([{ path: '', fields: written }]));
  for (const { field, value } of changedFactFields(written, known, facts))
    result = setMember(result, [field], value);
  return result;
};

/**
 * The text after a new login, as {@link applyTokens} writes it. What the other way of signing in left behind goes, where there are two: a
 * refresh token that an older login gave would be renewed in the place of the new cookie, and the other way round.
 */
export const applySignIn: WritesTokens = (text, kind, reply, facts, now) => {
  const written = applyTokens(text, kind, reply, facts, now);
  if (accountProviders[kind].cookieSignIn === undefined || !contentOf(written)) return written;
  return removeMember(written, [facts.cookie === undefined ? 'cookie' : 'refresh_token']);
};

/** The text of a new file. */
export function newAccountText(
  kind: AccountKind,
  reply: TokenReply | undefined,
  facts: AccountFacts,
  now: number,
): string {
  const content = {
    type: kind,
    ...(reply ? tokenFields(reply, now) : {}),
    ...factFields(knownFacts(facts)),
    attributes: {},
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** The refresh token in the text, also when other fields of it are wrong. */
export function refreshTokenIn(text: string): string | undefined {
  const content = contentOf(text) ?? {};
  return readTokens(content, readFields([])).refreshToken;
}

/** Whether the text still holds what a renewal was asked for with: the refresh token, or the cookie. */
function holdsSecret(text: string, secret: string): boolean {
  return refreshTokenIn(text) === secret || contentOf(text)?.cookie === secret;
}

/** Identifies a refresh token without holding one. */
export function refreshTokenDigest(refreshToken: string): string {
  return createHash('sha256').update(refreshToken).digest('base64url');
}

const signInAgain = z.object({ reason: z.string(), since: z.unknown(), refresh_token_digest: z.string() });

function loginIn(content: JsonObject, { tokens, facts }: Pick<Account, 'tokens' | 'facts'>): LoginState {
  const mark = signInAgain.safeParse(content[SIGN_IN_AGAIN]).data;
  const secrets = [tokens.refreshToken, facts.cookie].filter((secret) => secret !== undefined);
  if (!mark || !secrets.some((secret) => refreshTokenDigest(secret) === mark.refresh_token_digest))
    return { kind: 'good' };
  const since = readTime(asObject(content[SIGN_IN_AGAIN])?.since);
  return { kind: 'sign-in-again', reason: mark.reason, since: (since.ok ? since.time : undefined) ?? 0 };
}

/**
 * The text with the note that the provider no longer takes this refresh token, or cookie; undefined where it holds another by
 * now.
 */
export function applySignInAgain(
  text: string,
  secret: string,
  reason: string,
  now: number,
): string | undefined {
  if (!holdsSecret(text, secret)) return undefined;
  return setMember(removeMember(text, [SIGN_IN_AGAIN]), [SIGN_IN_AGAIN], {
    reason,
    since: formatTime(now),
    refresh_token_digest: refreshTokenDigest(secret),
  });
}
