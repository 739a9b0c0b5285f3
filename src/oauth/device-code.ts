/** The device authorization grant, RFC 8628. */
import { deviceAuthorizationRequest, deviceCodeGrantRequest } from 'oauth4webapi';
import { asString } from '../protocols/json-members.ts';
import type { OAuthClient, OAuthDeps } from './client.ts';
import { ask, authenticationOf, callOptions, clientOf, errorOf, seconds, serverOf } from './endpoint.ts';
import { type Failed, failed, reason } from './failure.ts';
import { newPkce } from './pkce.ts';
import { declined, defaultInterval, expired, type Polled, type StartedDevice } from './started-device.ts';
import { readRefusal, tokensIn } from './token-reply.ts';

/** Seconds that a code is good for where the server does not report it, though RFC 8628 §3.2 requires it. */
const defaultLifetime = 15 * 60;
/** Seconds after which waiting ends in any case. */
const longestLifetime = 30 * 60;

export async function startDeviceCode(
  client: OAuthClient,
  deps: OAuthDeps,
  signal: AbortSignal | undefined,
): Promise<StartedDevice | Failed> {
  const { title, deviceAuthorizationUrl, tokenUrl, scopes, clientSecret = '' } = client;
  if (deviceAuthorizationUrl === undefined)
    return failed('refused', `${title} has no sign-in with a device code. Use the browser sign-in.`);
  // Some protect the device code as the code flow protects the authorization code.
  const pkce = client.devicePkce ? await newPkce() : undefined;
  const parameters = {
    ...(scopes.length > 0 ? { scope: scopes.join(' ') } : {}),
    ...(pkce === undefined ? {} : { code_challenge: pkce.challenge, code_challenge_method: 'S256' }),
  };
  const answer = await ask(title, deviceAuthorizationUrl, deps, signal, () =>
    deviceAuthorizationRequest(
      serverOf(client),
      clientOf(client),
      authenticationOf(client),
      parameters,
      callOptions(client, deps, signal),
    ),
  );
  if (!answer.ok) return answer;
  const { status, body, askedAt } = answer;
  const deviceCode = asString(body?.device_code);
  const userCode = asString(body?.user_code);
  // Google's servers wrote `verification_url` before there was a standard, and still do.
  const address = asString(body?.verification_uri) ?? asString(body?.verification_url);
  if (status > 299 || body === undefined || !deviceCode || !userCode || !address)
    return readRefusal(answer, {
      title,
      secrets: [clientSecret, deviceCode ?? ''],
      goal: 'a device code, a user code and an address for them',
      special: () => undefined,
    });
  const completeAddress = asString(body.verification_uri_complete);
  const lifetime = Math.min(seconds(body.expires_in) ?? defaultLifetime, longestLifetime);
  const secrets = [deviceCode, pkce?.verifier ?? '', clientSecret];

  async function poll(): Promise<Polled> {
    const answer = await ask(title, tokenUrl, deps, signal, () =>
      deviceCodeGrantRequest(serverOf(client), clientOf(client), authenticationOf(client), deviceCode ?? '', {
        ...callOptions(client, deps, signal),
        ...(pkce === undefined ? {} : { additionalParameters: { code_verifier: pkce.verifier } }),
      }),
    );
    if (!answer.ok) return answer;
    const tokens = tokensIn(answer);
    if (tokens !== undefined) return { ok: true, tokens };
    // RFC 8628 §3.5 has these at status 400; some servers send slow_down with 429, or any of them at any status.
    const { code, words } = errorOf(answer.body);
    switch (code) {
      case 'authorization_pending':
        return { ok: 'pending', slowDown: false };
      case 'slow_down':
        return { ok: 'pending', slowDown: true };
      case 'expired_token':
        return expired(title);
      case 'access_denied':
        return declined(title, reason(code, words, secrets));
      default:
        return readRefusal(answer, { title, secrets, special: () => undefined });
    }
  }

  return {
    ok: true,
    code: { userCode, address, completeAddress, expiresAt: askedAt + lifetime * 1000 },
    interval: seconds(body.interval) ?? defaultInterval,
    poll,
  };
}
