/** Reads what a token endpoint answers: tokens, or why there are none. */
import { asString } from '../protocols/json-members.ts';
import { type Answer, errorOf, seconds } from './endpoint.ts';
import { type Failed, failed, reason } from './failure.ts';
import type { GrantResult, TokenReply } from './grant.ts';

/**
 * The tokens in an answer, or undefined where it is no success: some servers report errors with status 200, and some
 * with any other, so that the body decides.
 */
export function tokensIn({ status, body, askedAt }: Answer): TokenReply | undefined {
  if (status < 200 || status > 299 || body === undefined) return undefined;
  const accessToken = asString(body.access_token);
  const tokenType = asString(body.token_type) || 'Bearer';
  // RFC 6749 §7.1: a token of a type that is not understood must not be used.
  if (!accessToken || tokenType.toLowerCase() !== 'bearer') return undefined;
  const lifetime = seconds(body.expires_in);
  return {
    accessToken,
    refreshToken: asString(body.refresh_token) || undefined,
    idToken: asString(body.id_token) || undefined,
    tokenType,
    scope: asString(body.scope),
    expiresAt: lifetime === undefined ? undefined : askedAt + lifetime * 1000,
    body,
  };
}

/** Words of one grant for what a server answers. */
export interface GrantWords {
  /** For people: `Claude`. */
  title: string;
  /** What was sent and must not come back in a message. */
  secrets: readonly string[];
  /** What a good answer would have held, where that is no access token. */
  goal?: string;
  /** The failure for a code that has a meaning of its own in this grant; undefined leaves it to the general rules. */
  special: (code: string | undefined, answer: Answer) => Failed | undefined;
}

/** The result of a grant from the server's answer. */
export function readTokenAnswer(answer: Answer | Failed, words: GrantWords): GrantResult {
  if (!answer.ok) return answer;
  const tokens = tokensIn(answer);
  return tokens === undefined ? readRefusal(answer, words) : { ok: true, tokens };
}

/** Why an answer is no success. RFC 6749 §5.2, and what servers do beside it. */
export function readRefusal(answer: Answer, words: GrantWords): Failed {
  const { title, secrets, goal = 'an access token of type Bearer', special } = words;
  const { status, body, retryAfter } = answer;
  const error = errorOf(body);
  const { code } = error;
  const why = reason(code, error.words, secrets);
  if (status === 429)
    return failed('rate-limited', `${title} reports a rate limit: there were too many requests.${why}`, {
      retryAfter,
    });
  if (status >= 500 || code === 'server_error' || code === 'temporarily_unavailable')
    return failed(
      'unavailable',
      `${title} has a problem of its own at the moment (status ${status}).${why}`,
      {
        retryAfter,
      },
    );
  const known = special(code, answer);
  if (known !== undefined) return known;
  if (code === 'invalid_client' || code === 'unauthorized_client')
    return failed(
      'refused',
      `${title} does not accept the client id or secret. If the configuration sets them, check them there.${why}`,
    );
  if (status >= 300 && status < 400)
    return failed(
      'refused',
      `${title} answered with a redirect (status ${status}), which is not followed with secrets. Check the address.`,
    );
  if (body === undefined)
    return failed(
      'refused',
      `${title} answered with something other than JSON (status ${status}). Check the address, and whether something on the way answers in its place.`,
    );
  if (status < 300 && code === undefined)
    return failed('refused', `${title} answered without ${goal}.${why}`);
  return failed('refused', `${title} refused (status ${status}).${why}`);
}
