import { decodeJwt } from 'jose';
import { isObject, type JsonObject } from '../protocols/json.ts';

/**
 * What a JWT says, or undefined for anything else. The signature is not looked at: the token came over TLS from the
 * server that made it (OpenID Connect Core §3.1.3.7), and what it says only names the account.
 */
export function tokenClaims(token: string | undefined): JsonObject | undefined {
  if (token === undefined) return undefined;
  try {
    const claims: unknown = decodeJwt(token);
    return isObject(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}
