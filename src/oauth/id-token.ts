import { decodeJwt } from 'jose';
import { isObject, type JsonObject } from '../protocols/json.ts';

/**
 * The claims of an id_token, or undefined for what is no JWT.
 *
 * The signature is not checked: these servers promise no key set (Codex' has none that is documented), and the token came
 * from the token endpoint over TLS, for which OpenID Connect Core §3.1.3.7 allows it. So the claims may name an account
 * and choose a file for it, and must not let anybody in.
 */
export function idTokenClaims(idToken: string): JsonObject | undefined {
  try {
    const claims: unknown = decodeJwt(idToken);
    return isObject(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}
