/** The authorization code grant's second half (RFC 6749 §4.1.3): a code becomes tokens. */
import { authorizationCodeGrantRequest, expectNoState, nopkce, validateAuthResponse } from 'oauth4webapi';
import type { OAuthClient, OAuthDeps } from './client.ts';
import { ask, authenticationOf, callOptions, clientOf, errorOf, serverOf } from './endpoint.ts';
import { failed, reason } from './failure.ts';
import type { GrantResult } from './grant.ts';
import { readTokenAnswer } from './token-reply.ts';

export interface CodeExchange {
  code: string;
  /** Sent along where the provider wants it (JSON requests). */
  state: string | undefined;
  /** Exactly as in the authorization request. */
  redirectUri: string;
  /** Undefined where the provider has no PKCE. */
  verifier: string | undefined;
}

/**
 * Exchanges a code for tokens. The caller has checked the state. A code that the server does not accept (used, run out,
 * another sign-in's, or with a verifier or redirect that does not match) is `refused`: only a new sign-in helps.
 */
export async function exchangeCode(
  client: OAuthClient,
  exchange: CodeExchange,
  deps: OAuthDeps,
  signal?: AbortSignal,
): Promise<GrantResult> {
  const { code, state, redirectUri, verifier } = exchange;
  const server = serverOf(client);
  const secrets = [code, verifier ?? '', client.clientSecret ?? '', state ?? ''];
  const answer = await ask(client.title, client.tokenUrl, deps, signal, () => {
    const parameters = validateAuthResponse(
      server,
      clientOf(client),
      new URLSearchParams({ code }),
      expectNoState,
    );
    return authorizationCodeGrantRequest(
      server,
      clientOf(client),
      authenticationOf(client),
      parameters,
      redirectUri,
      verifier ?? nopkce,
      {
        ...callOptions(client, deps, signal),
        ...(client.tokenRequest === 'json' && state !== undefined ? { additionalParameters: { state } } : {}),
      },
    );
  });
  return readTokenAnswer(answer, {
    title: client.title,
    secrets,
    special: (error, { body }) =>
      error === 'invalid_grant'
        ? failed(
            'refused',
            `${client.title} does not accept the sign-in code: it has run out, was used before, or belongs to another sign-in. Start again.${reason(error, errorOf(body).words, secrets)}`,
          )
        : undefined,
  });
}
