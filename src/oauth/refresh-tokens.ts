/** The refresh grant (RFC 6749 §6). */
import { refreshTokenGrantRequest } from 'oauth4webapi';
import type { OAuthClient, OAuthDeps } from './client.ts';
import { type Answer, ask, authenticationOf, callOptions, clientOf, errorOf, serverOf } from './endpoint.ts';
import { failed, reason } from './failure.ts';
import type { GrantResult } from './grant.ts';
import { readTokenAnswer } from './token-reply.ts';

/** Error codes after which a refresh token is of no more use. The first is RFC 6749's; the others are OpenAI's. */
const deadTokenCodes = new Set([
  'invalid_grant',
  'refresh_token_reused',
  'refresh_token_expired',
  'refresh_token_invalidated',
  'refresh_token_revoked',
  'token_revoked',
  'token_expired',
  'invalid_refresh_token',
]);
/**
 * Servers that have no code for it describe it in the message: 400 `invalid_request` "Invalid refresh token or client_id". Words
 * about a request that lacks the token speak of the request.
 */
const deadTokenWords =
  /\b(?:invalid|expired|revoked|reused|unknown)\b.{0,20}\brefresh[ _-]?token\b|\brefresh[ _-]?token\b.{0,30}\b(?:invalid|expired|revoked|reused|not found|(?:already|been) used|no longer valid|does not exist)\b/i;
const aboutRequest = /\b(?:missing|required|format|malformed)\b/i;
/** With these a 401 speaks of the client, not of the token (RFC 6749 §5.2). */
const clientCodes = new Set(['invalid_client', 'unauthorized_client']);

/**
 * New tokens for a refresh token. Keeps nothing: the caller holds on to the old refresh token where the reply has none
 * (RFC 6749 §6), and sees to it that a rotating one is spent once.
 *
 * Failures: `sign-in-again` when the token is used up, revoked or expired; `rate-limited` with the server's Retry-After;
 * `unavailable` when another try may help; `refused` for the rest.
 */
export async function refreshTokens(
  client: OAuthClient,
  refreshToken: string,
  deps: OAuthDeps,
  signal?: AbortSignal,
): Promise<GrantResult> {
  const { title, refreshScopes } = client;
  const secrets = [refreshToken, client.clientSecret ?? ''];
  const answer = await ask(title, client.tokenUrl, deps, signal, () =>
    refreshTokenGrantRequest(serverOf(client), clientOf(client), authenticationOf(client), refreshToken, {
      ...callOptions(client, deps, signal),
      ...(refreshScopes.length > 0 ? { additionalParameters: { scope: refreshScopes.join(' ') } } : {}),
    }),
  );
  return readTokenAnswer(answer, {
    title,
    secrets,
    special: (code, said) =>
      isDead(client, code, said)
        ? failed(
            'sign-in-again',
            `${title} no longer accepts this sign-in. Sign in again.${reason(code, errorOf(said.body).words, secrets)}`,
          )
        : undefined,
  });
}

function isDead(client: OAuthClient, code: string | undefined, { status, body }: Answer): boolean {
  if (code !== undefined && deadTokenCodes.has(code)) return true;
  if (code !== undefined && clientCodes.has(code)) return false;
  const { words = '' } = errorOf(body);
  if (deadTokenWords.test(words) && !aboutRequest.test(words)) return true;
  // A page in place of JSON comes from something on the way, which knows nothing of the token.
  return body !== undefined && (client.deadRefreshStatuses ?? [401]).includes(status);
}
