/** What each token endpoint gives: tokens, and what the provider adds to them. */

import { jsonAnswer } from '../delivery.ts';
import type { JsonObject } from '../json.ts';
import type { AccountDeps } from './account-deps.ts';
import { signedToken } from './keys.ts';
import { type AccessWriter, type Issued, type Login, secret } from './ledger.ts';
import { type AccountName, services } from './services.ts';

/** What a grant comes to; a `Response` is a refusal. */
export type Granted = { issued: Issued } | Response;

/** Seconds that an id token is good for. */
const idTokenLifetime = 3600;

/** RFC 6749 §5.1: no token is ever cached. */
const noStore = { 'cache-control': 'no-store', pragma: 'no-cache' };

/** The answer to a successful call. */
export function tokenReply(issued: Issued, root: string, deps: AccountDeps): Response {
  return jsonAnswer(replyBody(issued, root, deps), 200, noStore);
}

function replyBody(issued: Issued, root: string, deps: AccountDeps): JsonObject {
  const { login, accessToken, refreshToken, expiresIn } = issued;
  const scope = login.scopes.join(' ');
  const base: JsonObject = {
    access_token: accessToken,
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    expires_in: expiresIn,
    token_type: 'Bearer',
  };
  switch (login.provider) {
    case 'gemini':
    case 'antigravity':
      return { ...base, scope };
    case 'claude': {
      const { organization, uuid, email } = login.person;
      return { ...base, scope, organization, account: { uuid, email_address: email } };
    }
    case 'codex':
      return { ...base, scope, id_token: codexIdToken(login, root, deps) };
    case 'qwen':
      return { ...base, status: 'success', resource_url: root };
    case 'iflow':
      return { ...base, token_type: 'bearer', scope: 'read write' };
    case 'kimi':
      return { ...base, scope };
    case 'xai':
      return {
        ...base,
        scope,
        ...(login.scopes.includes('openid') ? { id_token: xaiIdToken(login, root, deps) } : {}),
      };
    case 'vertex':
      return base;
  }
}

function timed(login: Login, root: string, deps: AccountDeps, lifetime: number): JsonObject {
  const now = Math.floor(deps.ledger.now() / 1000);
  return {
    iss: root,
    aud: [services[login.provider].client.id],
    iat: now,
    exp: now + lifetime,
    jti: secret('', 9),
  };
}

function openAiClaims({ person }: Login, deps: AccountDeps): JsonObject {
  const { accountId, userId, plan, organizations } = person.workspace;
  const start = deps.ledger.now() - 86_400_000;
  return {
    chatgpt_account_id: accountId,
    chatgpt_plan_type: plan,
    chatgpt_user_id: userId,
    user_id: userId,
    ...(plan === 'free'
      ? {}
      : {
          chatgpt_subscription_active_start: new Date(start).toISOString(),
          chatgpt_subscription_active_until: new Date(start + 30 * 86_400_000).toISOString(),
        }),
    organizations,
  };
}

function codexIdToken(login: Login, root: string, deps: AccountDeps): string {
  return signedToken(deps.identityKey(), {
    ...timed(login, root, deps, idTokenLifetime),
    sub: `auth0|${login.person.workspace.userId}`,
    name: login.person.name,
    email: login.person.email,
    email_verified: true,
    'https://api.openai.com/auth': openAiClaims(login, deps),
  });
}

function xaiIdToken(login: Login, root: string, deps: AccountDeps): string {
  return signedToken(deps.identityKey(), {
    ...timed(login, root, deps, idTokenLifetime),
    sub: login.person.uuid,
    ...(login.scopes.includes('email') ? { email: login.person.email, email_verified: true } : {}),
    ...(login.scopes.includes('profile') ? { name: login.person.name } : {}),
  });
}

/** OpenAI's access tokens are JWTs; the others are opaque. */
export function accessWriter(name: AccountName, root: string, deps: AccountDeps): AccessWriter | undefined {
  if (name !== 'codex') return undefined;
  return (login, expiresAt) =>
    signedToken(deps.identityKey(), {
      ...timed(login, root, deps, 0),
      aud: ['https://api.openai.com/v1'],
      exp: Math.floor(expiresAt / 1000),
      client_id: services.codex.client.id,
      scp: [...login.scopes],
      'https://api.openai.com/auth': openAiClaims(login, deps),
      'https://api.openai.com/profile': { email: login.person.email, email_verified: true },
    });
}

/** A refusal in the provider's shape. OpenAI nests it, the others follow RFC 6749 §5.2. */
export function tokenRefusal(
  name: AccountName,
  status: number,
  error: string,
  description: string,
  headers: Record<string, string> = {},
): Response {
  const body =
    name === 'codex'
      ? { error: { message: description, type: 'invalid_request_error', param: null, code: error } }
      : { error, error_description: description };
  return jsonAnswer(body, status, { ...noStore, ...headers });
}
