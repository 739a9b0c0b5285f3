/** Who may ask: client keys, compared in constant time by digest. */
import { hash, timingSafeEqual } from 'node:crypto';
import type { ClientKey } from '../config/schema.ts';
import type { LimitedKey } from '../limits/limiter.ts';
import type { Named } from '../usage/record.ts';

export interface ClientAuth {
  /** The client whose key the request carries; {@link anonymous} when no keys are configured. */
  check(headers: Headers, query: URLSearchParams | undefined): AuthResult;
  /** How a key stands that was let in before, by what tells it apart; undefined when it no longer is. */
  standing(key: string): Admitted | undefined;
}

/** A client that was let in: its id is what {@link keyId} gives for its key, its name is the owner's, `client` without one. */
export interface Admitted {
  client: Named;
  limited: LimitedKey | undefined;
}

export type AuthResult = ({ ok: true } & Admitted) | { ok: false; reason: 'missing' | 'wrong' };

/** Everybody, where no keys are configured. */
const anonymous: Named = { id: '', name: 'anonymous' };

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
    const client: Named = { id, name: name ?? 'client' };
    return { digest: hashed, client, limited: limits && { id, name, limits } };
  });
  return {
    check(headers, query) {
      if (known.length === 0) return { ok: true, client: anonymous, limited: undefined };
      const presented = presentedKey(headers, query);
      if (presented === undefined || presented === '') return { ok: false, reason: 'missing' };
      const wanted = digest(presented);
      // Every key is compared, so that the time taken says nothing about which one was near.
      let found: (typeof known)[number] | undefined;
      for (const entry of known) if (timingSafeEqual(entry.digest, wanted)) found = entry;
      return found === undefined
        ? { ok: false, reason: 'wrong' }
        : { ok: true, client: found.client, limited: found.limited };
    },
    standing: (key) =>
      known.length === 0
        ? { client: anonymous, limited: undefined }
        : known.find(({ client }) => client.id === key),
  };
}
