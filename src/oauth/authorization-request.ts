import type { OAuthClient } from './client.ts';
import type { Pkce } from './pkce.ts';

export interface AuthorizationRequest {
  redirectUri: string;
  state: string;
  /** Undefined where the provider has no PKCE. */
  pkce: Pkce | undefined;
}

/**
 * The address that the person opens to sign in (RFC 6749 §4.1.1, RFC 7636 §4.3).
 *
 * @throws TypeError when `authorizeUrl` is no address; the configuration has checked it.
 */
export function authorizationUrl(
  client: OAuthClient,
  authorizeUrl: string,
  request: AuthorizationRequest,
): string {
  const url = new URL(authorizeUrl);
  const set = (name: string, value: string): void => url.searchParams.set(name, value);
  for (const [name, value] of Object.entries(client.authorizeParameters)) set(name, value);
  set('response_type', 'code');
  set('client_id', client.clientId);
  set(client.redirectParameter ?? 'redirect_uri', request.redirectUri);
  if (client.scopes.length > 0) set('scope', client.scopes.join(' '));
  set('state', request.state);
  if (request.pkce !== undefined) {
    set('code_challenge', request.pkce.challenge);
    set('code_challenge_method', 'S256');
  }
  return url.href;
}
