/** RS256 keys and JSON Web Tokens (RFC 7515, 7519), as the authorization servers of the sandbox sign and check them. */
import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { isObject, type JsonObject, parseJson } from '../json.ts';

export interface SigningKey {
  id: string;
  private: KeyObject;
  public: KeyObject;
}

/** A new key; takes a tenth of a second. */
export function newKey(id: string): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { id, private: privateKey, public: publicKey };
}

/** PKCS#8 in PEM, as in Google's key files. */
export function privatePem(key: SigningKey): string {
  return key.private.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** RFC 7517. */
export function publicJwk(key: SigningKey): JsonObject {
  const { n = '', e = '' } = createPublicKey(key.public.export({ type: 'spki', format: 'pem' })).export({
    format: 'jwk',
  });
  return { kty: 'RSA', use: 'sig', alg: 'RS256', kid: key.id, n, e };
}

const part = (value: JsonObject): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export function signedToken(key: SigningKey, claims: JsonObject): string {
  const content = `${part({ alg: 'RS256', typ: 'JWT', kid: key.id })}.${part(claims)}`;
  return `${content}.${sign('RSA-SHA256', Buffer.from(content), key.private).toString('base64url')}`;
}

/** The claims of a token that this key signed; otherwise what is wrong with it. */
export function verifiedClaims(key: SigningKey, token: string): { claims: JsonObject } | { problem: string } {
  const [head = '', body = '', signature = '', ...more] = token.split('.');
  const header = opened(head);
  const claims = opened(body);
  if (header === undefined || claims === undefined || more.length > 0)
    return { problem: 'The assertion is not a JWT.' };
  if (header.alg !== 'RS256') return { problem: 'The assertion is not signed with RS256.' };
  if (header.kid !== undefined && header.kid !== key.id) return { problem: 'The key id is not known.' };
  return verify('RSA-SHA256', Buffer.from(`${head}.${body}`), key.public, Buffer.from(signature, 'base64url'))
    ? { claims }
    : { problem: 'Invalid JWT signature.' };
}

function opened(text: string): JsonObject | undefined {
  const value = parseJson(Buffer.from(text, 'base64url').toString('utf8'));
  return isObject(value) ? value : undefined;
}
