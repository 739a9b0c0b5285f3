/** Who may ask: client keys, compared in constant time by digest. */
import { hash, timingSafeEqual } from 'node:crypto';
import type { ClientKey } from '../config/schema.ts';
import type { LimitedKey } from '../limits/limiter.ts';

export interface ClientAuth {
  /** The client whose key the request carries; `anonymous` when no keys are configured. */
  check(headers: Headers, query: URLSearchParams | undefined): AuthResult;
  /** How a key stands that was let in before, by what tells it apart; undefined when it no longer is. */
  standing(key: string): { limited: LimitedKey | undefined } | undefined;
}

/** `key` tells clients apart whose keys have no name; it is no secret. */
export type AuthResult =
  | { ok: true; client: string; key: string; limited: LimitedKey | undefined }
  | { ok: false; reason: 'missing' | 'wrong' };

/** A client key is looked for in these places, in this order. */
function presentedKey(headers: Headers, query: URLSearchParams | undefined): string | undefined {
  const authorization = headers.get('authorization');
  if (authorization !== null) {
    const bearer = /^bearer\s+(.+)$/i.exec(authorization);
    return bearer?.[1]?.trim() ?? authorization.trim();
  }
  return headers.get('x-api-key') ?? headers.get('x-goog-api-key') ?? query?.get('key') ?? undefined;
}

/** What tells a client key apart in counts and stored things; no secret. */
export function keyId(key: string): string {
  return idOf(digest(key));
}

function idOf(hashed: Buffer): string {
  return hashed.toString('hex', 0, 8);
}

function digest(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}

export function clientAuth(keys: readonly ClientKey[]): ClientAuth {
  const known = keys.map(({ key, name, limits }) => {
    const hashed = digest(key);
    const id = idOf(hashed);
    return { digest: hashed, client: name ?? 'client', key: id, limited: limits && { id, name, limits } };
  });
  return {
    check(headers, query) {
      if (known.length === 0) return { ok: true, client: 'anonymous', key: '', limited: undefined };
      const presented = presentedKey(headers, query);
      if (presented === undefined || presented === '') return { ok: false, reason: 'missing' };
      const wanted = digest(presented);
      // Every key is compared, so that the time taken says nothing about which one was near.
      let found: (typeof known)[number] | undefined;
      for (const entry of known) if (timingSafeEqual(entry.digest, wanted)) found = entry;
      return found === undefined
        ? { ok: false, reason: 'wrong' }
        : { ok: true, client: found.client, key: found.key, limited: found.limited };
    },
    standing: (key) =>
      known.length === 0 ? { limited: undefined } : known.find((entry) => entry.key === key),
  };
}
