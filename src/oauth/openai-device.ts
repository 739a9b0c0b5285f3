/**
 * OpenAI's device sign-in, which is not RFC 8628: JSON, 403 or 404 while the person has not confirmed, and then not tokens
 * but a code with its verifier, for a normal exchange.
 */
import { asString } from '../protocols/json-members.ts';
import { exchangeCode } from './authorization-code.ts';
import type { OAuthClient, OAuthDeps } from './client.ts';
import { ask, beside, errorOf, postJson, seconds } from './endpoint.ts';
import { type Failed, failed, reason } from './failure.ts';
import { declined, defaultInterval, expired, type Polled, type StartedDevice } from './started-device.ts';
import { readRefusal } from './token-reply.ts';

/** Seconds that the code is good for; the server does not report it. */
const lifetime = 15 * 60;

interface Confirmed {
  ok: 'confirmed';
  code: string;
  verifier: string;
}

export async function startOpenaiDevice(
  client: OAuthClient,
  deps: OAuthDeps,
  signal: AbortSignal | undefined,
): Promise<StartedDevice | Failed> {
  const { title, deviceAuthorizationUrl: startUrl, tokenUrl } = client;
  if (startUrl === undefined)
    return failed('refused', `${title} has no sign-in with a device code. Use the browser sign-in.`);
  const answer = await ask(title, startUrl, deps, signal, () =>
    postJson(client, startUrl, { client_id: client.clientId }, deps, signal),
  );
  if (!answer.ok) return answer;
  const { status, body, askedAt } = answer;
  if (status === 404)
    return failed(
      'refused',
      `Device login is not available for this account at ${title}. Use the browser login.`,
    );
  const deviceAuthId = asString(body?.device_auth_id);
  const userCode = asString(body?.user_code) ?? asString(body?.usercode);
  if (status > 299 || body === undefined || !deviceAuthId || !userCode)
    return readRefusal(answer, {
      title,
      secrets: [deviceAuthId ?? ''],
      goal: 'a device_auth_id and a user_code',
      special: () => undefined,
    });

  const pollUrl = new URL('token', startUrl).href;
  // Where the server itself sends the browser; a mirror of the token endpoint also serves this one.
  const redirectUri = beside(tokenUrl, '/oauth/token', '/deviceauth/callback');
  /** Asks whether the person has confirmed: a code for the exchange, or the state. */
  async function confirmation(): Promise<Confirmed | Polled> {
    const answer = await ask(title, pollUrl, deps, signal, () =>
      postJson(client, pollUrl, { device_auth_id: deviceAuthId, user_code: userCode }, deps, signal),
    );
    if (!answer.ok) return answer;
    const { status, body } = answer;
    const { code: error, words } = errorOf(body);
    const code = asString(body?.authorization_code);
    const verifier = asString(body?.code_verifier);
    const secrets = [deviceAuthId ?? '', code ?? '', verifier ?? ''];
    // No list of the codes is public; RFC 8628 has access_denied and expired_token.
    if (error?.includes('denied')) return declined(title, reason(error, words, secrets));
    if (error?.includes('expired')) return expired(title);
    if (status === 403 || status === 404) return { ok: 'pending', slowDown: false };
    if (status > 299 || !code || !verifier)
      return readRefusal(answer, {
        title,
        secrets,
        goal: 'an authorization_code and a code_verifier',
        special: () => undefined,
      });
    return { ok: 'confirmed', code, verifier };
  }

  // The server gives the code once: when the exchange meets a broken network, only that is tried again.
  let confirmed: Confirmed | undefined;
  async function poll(): Promise<Polled> {
    if (confirmed === undefined) {
      const answer = await confirmation();
      if (answer.ok !== 'confirmed') return answer;
      confirmed = answer;
    }
    const { code, verifier } = confirmed;
    return exchangeCode(client, { code, state: undefined, redirectUri, verifier }, deps, signal);
  }

  return {
    ok: true,
    code: {
      userCode,
      address: beside(startUrl, '/api/accounts/deviceauth/usercode', '/codex/device'),
      completeAddress: undefined,
      expiresAt: askedAt + lifetime * 1000,
    },
    interval: seconds(body.interval) ?? defaultInterval,
    poll,
  };
}
