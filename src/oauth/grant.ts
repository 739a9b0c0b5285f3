/** What a grant gives: tokens, or a failure that the program can act on and a person can read. */
import type { JsonObject } from '../protocols/json.ts';

export interface TokenReply {
  accessToken: string;
  refreshToken: string | undefined;
  idToken: string | undefined;
  tokenType: string;
  scope: string | undefined;
  /** Milliseconds since the epoch; undefined when the server did not report it. */
  expiresAt: number | undefined;
  /** Everything that the server answered. */
  body: JsonObject;
}

export type OAuthFailureKind =
  /** The person denied, or the server on their behalf. */
  | 'denied'
  /** The login was not completed in time, or the code expired. */
  | 'timed-out'
  /** The answer belongs to another login. */
  | 'state-mismatch'
  /** Another program listens on the port that the provider sends the browser to. */
  | 'port-taken'
  /** The person stopped it. */
  | 'cancelled'
  /** The refresh token is no longer good: invalid_grant, refresh_token_reused, revoked. Nothing but a new login helps. */
  | 'sign-in-again'
  /** 429; `retryAfter` when the server sent it. */
  | 'rate-limited'
  /** The server could not be reached, or failed with 5xx: worth another try. */
  | 'unavailable'
  /** The server refuses, for a reason that another try does not change. */
  | 'refused';

export interface OAuthFailure {
  kind: OAuthFailureKind;
  /** A sentence for people; never holds a token, a code or a verifier. */
  message: string;
  /** Seconds. */
  retryAfter?: number;
  cause?: unknown;
}

export type GrantResult = { ok: true; tokens: TokenReply } | { ok: false; failure: OAuthFailure };
