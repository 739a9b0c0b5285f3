/** The one-time secrets of a sign-in: RFC 7636 (PKCE) and RFC 6749 §10.12 (state). */
import { calculatePKCECodeChallenge, generateRandomCodeVerifier, generateRandomState } from 'oauth4webapi';

export interface Pkce {
  /** 32 random bytes in base64url: 43 characters, the least that RFC 7636 §4.1 allows. Stays with us until the exchange. */
  verifier: string;
  /** Its SHA-256 in base64url (S256), for the authorization request. */
  challenge: string;
}

/** A verifier that was never used before, and its challenge. */
export async function newPkce(): Promise<Pkce> {
  const verifier = generateRandomCodeVerifier();
  return { verifier, challenge: await calculatePKCECodeChallenge(verifier) };
}

/** 32 random bytes in base64url, by which an answer is known to belong to this sign-in. */
export function newState(): string {
  return generateRandomState();
}
