/** A service account's grant: a JWT that its own key has signed, for an access token (RFC 7523 §2.1). */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { genericTokenEndpointRequest } from 'oauth4webapi';
import { asString, type JsonObject } from '../protocols/json.ts';
import type { OAuthWorld } from './client.ts';
import { ask, callOptions, errorOf } from './endpoint.ts';
import { type Failed, failed, reason } from './failure.ts';
import type { GrantResult } from './grant.ts';
import { readTokenAnswer } from './token-reply.ts';

const title = 'Google (service account)';
const scope = 'https://www.googleapis.com/auth/cloud-platform';
/** What Google's key files say in `token_uri`, for one that does not. */
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
  world: OAuthWorld,
  signal?: AbortSignal,
): Promise<GrantResult> {
  const email = asString(key.client_email);
  if (!email) return failed('refused', 'The service account file has no client_email.');
  const read = readPrivateKey(asString(key.private_key));
  if (!read.ok) return read;
  const tokenUri = asString(key.token_uri) || defaultTokenUri;

  const issuedAt = Math.floor(world.now() / 1000);
  const keyId = asString(key.private_key_id);
  const assertion = await new SignJWT({ scope })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(keyId ? { kid: keyId } : {}) })
    .setIssuer(email)
    .setAudience(tokenUri)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + assertionLifetime)
    .sign(read.key);
  const answer = await ask(title, tokenUri, world, signal, () =>
    genericTokenEndpointRequest(
      { issuer: tokenUri, token_endpoint: tokenUri },
      { client_id: email },
      // The assertion is all the proof there is: no client id beside it.
      () => undefined,
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
      { assertion },
      callOptions({ headers: {}, tokenRequest: 'form' }, world, signal),
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

/** Escape sequences of a terminal that a key was copied from. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const terminalEscapes = /\x1b\[[0-9;?]*[ -/]*[@-~]/g;

/**
 * The RSA key in PEM text, PKCS#8 or PKCS#1, whatever copying did to its line ends: CRLF, `\n` written out, none at all,
 * or a terminal's colours.
 */
export function readPrivateKey(text: string | undefined): { ok: true; key: KeyObject } | Failed {
  if (!text) return failed('refused', 'The service account file has no private_key.');
  const plain = text.replace(terminalEscapes, '').replace(/\\r|\\n/g, '\n');
  const pem = /-----BEGIN ((?:RSA )?PRIVATE KEY)-----([\sA-Za-z0-9+/=]+)-----END \1-----/.exec(plain);
  const [, label, body] = pem ?? [];
  if (label === undefined || body === undefined)
    return failed(
      'refused',
      'The private_key of the service account file is no key: it should begin with -----BEGIN PRIVATE KEY-----.',
    );
  const lines = body.replace(/\s+/g, '').match(/.{1,64}/g) ?? [];
  try {
    const key = createPrivateKey(
      [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n'),
    );
    if (key.asymmetricKeyType === 'rsa') return { ok: true, key };
  } catch {
    // What node says of a damaged key names its parser; the sentence below says what to do.
  }
  return failed(
    'refused',
    'The private_key of the service account file cannot be read as an RSA key. Download the key file again.',
  );
}
