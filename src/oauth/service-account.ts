/** A service account's grant: a JWT that its own key has signed, for an access token (RFC 7523 §2.1). */
import { SignJWT } from 'jose';
import { genericTokenEndpointRequest } from 'oauth4webapi';
import type { JsonObject } from '../protocols/json.ts';
import { asString } from '../protocols/json-members.ts';
import type { OAuthDeps } from './client.ts';
import { ask, callOptions, errorOf } from './endpoint.ts';
import { failed, reason } from './failure.ts';
import type { GrantResult } from './grant.ts';
import { readPrivateKey } from './private-key.ts';
import { readTokenAnswer } from './token-reply.ts';

const title = 'Google (service account)';
const scope = 'https://www.googleapis.com/auth/cloud-platform';
/** The `token_uri` of Google's key files, for one without it. */
const defaultTokenUri = 'https://oauth2.googleapis.com/token';
/** Seconds: the longest life that Google allows an assertion. */
const assertionLifetime = 3600;

/**
 * An access token for the account of a key file (`client_email`, `private_key`, optionally `private_key_id` and
 * `token_uri`). A file that cannot be used is `refused`, with the field's name; a key that Google no longer knows is
 * `sign-in-again`.
 */
export async function serviceAccountToken(
  key: JsonObject,
  deps: OAuthDeps,
  signal?: AbortSignal,
): Promise<GrantResult> {
  const email = asString(key.client_email);
  if (!email) return failed('refused', 'The service account file has no client_email.');
  const privateKey = readPrivateKey(asString(key.private_key) ?? '');
  if (privateKey === undefined)
    return failed(
      'refused',
      'The private_key of the service account file is not an RSA key in PEM (BEGIN PRIVATE KEY or BEGIN RSA PRIVATE KEY).',
    );
  const tokenUri = asString(key.token_uri) || defaultTokenUri;

  const issuedAt = Math.floor(deps.now() / 1000);
  const keyId = asString(key.private_key_id);
  const assertion = await new SignJWT({ scope })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(keyId ? { kid: keyId } : {}) })
    .setIssuer(email)
    .setAudience(tokenUri)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + assertionLifetime)
    .sign(privateKey);
  const answer = await ask(title, tokenUri, deps, signal, () =>
    genericTokenEndpointRequest(
      { issuer: tokenUri, token_endpoint: tokenUri },
      { client_id: email },
      // The assertion is all the proof there is: no client id beside it.
      () => undefined,
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
      { assertion },
      callOptions({ headers: {}, tokenRequest: 'form' }, deps, signal),
    ),
  );
  const secrets = [assertion];
  return readTokenAnswer(answer, {
    title,
    secrets,
    special: (code, { body }) =>
      code === 'invalid_grant'
        ? failed(
            'sign-in-again',
            `Google does not accept the key of ${email}: it was deleted or disabled, or this computer's clock is wrong. Import a new key.${reason(code, errorOf(body).words, secrets)}`,
          )
        : undefined,
  });
}
