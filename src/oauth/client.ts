/** What is known of an authorization server and of us as its client. A record: the grants read it, a provider fills it in. */
import type { Clock } from '../ground/clock.ts';

export interface OAuthClient {
  /** For people: `Claude`. */
  title: string;
  authorizeUrl: string | undefined;
  tokenUrl: string;
  /** RFC 8628 §3.1; undefined where the provider has no device flow. */
  deviceAuthorizationUrl: string | undefined;
  userinfoUrl: string | undefined;
  clientId: string;
  clientSecret: string | undefined;
  scopes: readonly string[];
  /** Where the browser comes back to; the listener is on loopback whatever the host is called. */
  redirect: { host: 'localhost' | '127.0.0.1'; port: number; path: string } | undefined;
  /** Whether the code is protected by S256 (RFC 7636); in the device flow too with `devicePkce`. */
  pkce: boolean;
  devicePkce: boolean;
  /**
   * Whether the provider sends the browser back to any port of this computer (RFC 8252 §7.3): then the redirect goes to the port that
   * is listened on.
   */
  anyRedirectPort?: boolean | undefined;
  /** The parameter of the authorization request that names the redirect; some call it `redirect`. */
  redirectParameter?: 'redirect_uri' | 'redirect' | undefined;
  /** Further parameters of the authorization request. */
  authorizeParameters: Readonly<Record<string, string>>;
  /** How the token endpoint reads a request: RFC 6749 wants a form, Claude's wants JSON (with `state` in the exchange). */
  tokenRequest: 'form' | 'json';
  /** How the client proves itself at the token endpoint: only `client_id`, id and secret in the body, or HTTP Basic as well. */
  clientAuthentication: 'none' | 'body' | 'body-and-basic';
  /** Scopes repeated in a refresh, where the server wants them. */
  refreshScopes: readonly string[];
  /**
   * Statuses that mean, whatever the body is, that a refresh token is no longer good: 401 and 403 with some servers. Elsewhere 401, and
   * the error codes of RFC 6749 §5.2.
   */
  deadRefreshStatuses?: readonly number[] | undefined;
  /** `openai` is OpenAI's own way: JSON, `device_auth_id`, 403 or 404 while pending, a code for a normal exchange at the end. */
  deviceDialect: 'rfc8628' | 'openai';
  /** Headers on every call to this server. */
  headers: Readonly<Record<string, string>>;
}

/** What the grants run on; tests give their own. */
export interface OAuthDeps extends Pick<Clock, 'now' | 'wait'> {
  /** Already goes through the account's proxy; rejects with UnreachableError where that is why there is no answer. */
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** `cli-proxy-api/<version>`. */
  userAgent: string;
}

/** What is so for most: a public client (RFC 8252 §8.4) that proves itself by PKCE, of an endpoint that takes forms. */
export const publicClient = {
  authorizeUrl: undefined,
  deviceAuthorizationUrl: undefined,
  userinfoUrl: undefined,
  clientSecret: undefined,
  scopes: [],
  redirect: undefined,
  pkce: true,
  devicePkce: false,
  authorizeParameters: {},
  tokenRequest: 'form',
  clientAuthentication: 'none',
  refreshScopes: [],
  deviceDialect: 'rfc8628',
  headers: {},
} satisfies Partial<OAuthClient>;
