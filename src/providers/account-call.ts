/** Calls of a login to the provider's account-side APIs: JSON in, JSON out, worth a second try when the server is ill. */
import type { OAuthDeps } from '../oauth/client.ts';
import { type Failed, failed, UnreachableError } from '../oauth/failure.ts';
import { type Json, parseJson } from '../protocols/json.ts';
import { believedRetryAfter } from '../protocols/stated-wait.ts';

export interface AccountCall {
  /** Whose server it is, for messages: `Google`. */
  server: string;
  url: string;
  /** Sent as a bearer token (RFC 6750 §2.1). */
  accessToken?: string;
  headers?: Readonly<Record<string, string>>;
  /** Makes it a POST. */
  body?: Json;
}

export type AccountAnswer = { ok: true; status: number; body: Json | undefined; text: string } | Failed;

/** Milliseconds that one call may take. */
const callTime = 30_000;
/** Milliseconds before a second and a third try. The code of the login is spent, so giving up costs the person another login. */
const pauses = [1000, 2000];

/**
 * The answer, whatever its status below 500. A server that cannot be reached, or that fails three times, is the failure
 * `unavailable`; 429 is `rate-limited`. Messages hold the host but never the address, which may carry a token.
 */
export async function callAccountApi(call: AccountCall, deps: OAuthDeps): Promise<AccountAnswer> {
  const { host } = new URL(call.url);
  for (let attempt = 0; ; attempt++) {
    const answer = await callOnce(call, host, deps);
    const pause = pauses[attempt];
    if (answer.ok || answer.failure.kind !== 'unavailable' || pause === undefined) return answer;
    await deps.wait(pause);
  }
}

async function callOnce(call: AccountCall, host: string, deps: OAuthDeps): Promise<AccountAnswer> {
  try {
    const response = await deps.fetch(call.url, {
      method: call.body === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'application/json',
        'user-agent': deps.userAgent,
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(call.accessToken === undefined ? {} : { authorization: `Bearer ${call.accessToken}` }),
        ...call.headers,
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      redirect: 'error', // The token is for this host only.
      signal: AbortSignal.timeout(callTime),
    });
    const said = await response.text();
    const text = call.accessToken === undefined ? said : said.replaceAll(call.accessToken, '…');
    if (response.status === 429)
      return rateLimited(call.server, believedRetryAfter(response.headers, deps.now()));
    if (response.status >= 500) {
      const message = `${call.server} failed with status ${response.status} (${host}). Try again later.`;
      return failed('unavailable', message);
    }
    return { ok: true, status: response.status, body: parseJson(text), text };
  } catch (cause) {
    const late = cause instanceof DOMException && cause.name === 'TimeoutError';
    const what = late ? `did not answer within ${callTime / 1000} seconds` : 'cannot be reached';
    const message =
      cause instanceof UnreachableError
        ? `${call.server} (${host}) could not be reached ${cause.message}.`
        : `${call.server} ${what} (${host}). Check the network and the proxy.`;
    return failed('unavailable', message, { cause });
  }
}

function rateLimited(server: string, retryAfter: number | undefined): Failed {
  const again = retryAfter === undefined ? 'later' : `in ${retryAfter} seconds`;
  const message = `The rate limit of ${server} is reached. Try again ${again}.`;
  return failed('rate-limited', message, { retryAfter });
}
