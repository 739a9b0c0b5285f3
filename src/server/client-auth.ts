/** Who may ask: client keys, compared in constant time by digest. */

import { hash, timingSafeEqual } from 'node:crypto';
import { idOfDigest, keyDigest } from '../config/hashed-key.ts';
import type { ClientKey } from '../config/schema.ts';
import { type Clock, systemClock } from '../ground/clock.ts';
import type { LimitedKey } from '../limits/limiter.ts';
import type { Named } from '../usage/record.ts';

export interface ClientAuth {
  /** The client whose key the request carries, in whichever place it stands; {@link anonymous} when no keys are configured. */
  check(headers: Headers, query: URLSearchParams | undefined): AuthResult;
  /** The state of a key that was admitted before, by its {@link Admitted.presented}; undefined when it is no longer admitted. */
  byId(presented: string): Admitted | undefined;
}

/** A client that was let in: its id is that of its present key, its name is the owner's, `client` without one. */
export interface Admitted {
  client: Named;
  limited: LimitedKey | undefined;
  /** When that key ceases to open, ms since the epoch; undefined where it does not. */
  ends: number | undefined;
  /** Identifies the very key that was sent: the one before a rotation ends earlier than its owner does. No secret. */
  presented: string;
}

/** Why a key does not open. Only holders of the right key get `disabled` and `expired`. */
export type NotAdmitted = 'missing' | 'wrong' | 'disabled' | 'expired' | 'rotated';

export type AuthResult = ({ ok: true } & Admitted) | { ok: false; reason: NotAdmitted };

/** Everybody, where no keys are configured. */
const anonymous: Admitted & { ok: true } = {
  ok: true,
  client: { id: '', name: 'anonymous' },
  limited: undefined,
  ends: undefined,
  presented: '',
};

/** Client keys are looked for in these places, in this order. */
function* presentedKeys(headers: Headers, query: URLSearchParams | undefined): Generator<string, void> {
  const authorization = headers.get('authorization');
  if (authorization !== null) {
    const bearer = /^bearer\s+(.+)$/i.exec(authorization);
    yield bearer?.[1]?.trim() ?? authorization.trim();
  }
  for (const name of ['x-api-key', 'x-goog-api-key']) yield headers.get(name) ?? '';
  yield query?.get('key') ?? '';
}

interface KnownKey {
  digest: Buffer;
  /** Whether no other key has taken its place. */
  present: boolean;
  admitted: Admitted & { ok: true };
  disabled: boolean;
  /** When it ceases to open, ms since the epoch, and what it is then. */
  ends: { at: number; as: 'expired' | 'rotated' } | undefined;
}

/** `now`: ms since the epoch; asked only of keys that end some day. */
export function clientAuth(keys: readonly ClientKey[], now: Clock['now'] = systemClock.now): ClientAuth {
  // The last one counts: a key that is somebody's now is not also the former one of another.
  const known = keys.flatMap(knownKeys).sort((one, other) => Number(one.present) - Number(other.present));

  function refusal({ disabled, ends }: KnownKey): NotAdmitted | undefined {
    if (disabled) return 'disabled';
    return ends !== undefined && now() >= ends.at ? ends.as : undefined;
  }

  function find(presented: string): KnownKey | undefined {
    const wanted = hash('sha256', presented, 'buffer');
    // Every key is compared, so that the time taken says nothing about which one was near.
    let found: KnownKey | undefined;
    for (const entry of known) if (timingSafeEqual(entry.digest, wanted)) found = entry;
    return found;
  }

  return {
    check(headers, query) {
      if (known.length === 0) return anonymous;
      let refused: AuthResult = { ok: false, reason: 'missing' };
      // Programs send what their settings hold, and proxies their own: one key that opens is enough.
      for (const presented of presentedKeys(headers, query)) {
        if (presented === '') continue;
        const found = find(presented);
        const reason = found === undefined ? 'wrong' : refusal(found);
        if (found !== undefined && reason === undefined) return found.admitted;
        if (refused.reason === 'missing' || refused.reason === 'wrong')
          refused = { ok: false, reason: reason ?? 'wrong' };
      }
      return refused;
    },
    byId(presented) {
      if (known.length === 0) return anonymous;
      const found = known.find(({ admitted }) => admitted.presented === presented);
      return found === undefined || refusal(found) !== undefined ? undefined : found.admitted;
    },
  };
}

/** The key and, while there is one, the key before it: both are the same client. */
function knownKeys({ key, name, limits, disabled, expires, previous }: ClientKey): KnownKey[] {
  const digest = keyDigest(key);
  const id = idOfDigest(digest);
  const whose = { client: { id, name: name ?? 'client' }, limited: limits && { id, name, limits } };
  const known = (digest: Buffer, present: boolean, ends: KnownKey['ends']): KnownKey => ({
    digest,
    present,
    admitted: { ok: true, ...whose, ends: ends?.at, presented: idOfDigest(digest) },
    disabled: disabled === true,
    ends,
  });
  const expiry: KnownKey['ends'] = expires === undefined ? undefined : { at: expires, as: 'expired' };
  const present = known(digest, true, expiry);
  if (previous === undefined) return [present];
  const replaced = previous.until < (expires ?? Number.POSITIVE_INFINITY);
  const ends: KnownKey['ends'] = replaced ? { at: previous.until, as: 'rotated' } : expiry;
  return [known(keyDigest(previous.key), false, ends), present];
}

/** The client whose key this is, its id that of the very key ({@link Admitted.presented}); undefined for any other text, and where no keys are configured. */
export function clientOf(key: string, keys: readonly ClientKey[]): Named | undefined {
  const result = clientAuth(keys).check(new Headers({ 'x-api-key': key }), undefined);
  return result.ok && keys.length > 0 ? { id: result.presented, name: result.client.name } : undefined;
}
