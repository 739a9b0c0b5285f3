/** Ids that a client gives its end users and caches, in a form that the upstream takes. */
import type { LossReport } from './codec.ts';

/** What an upstream takes as an id. */
export interface IdRule {
  /** UTF-16 units. */
  most: number;
  /** Whether it refuses what identifies somebody. */
  opaque?: boolean;
}

/** "Invalid 'user': string too long. Expected a string with maximum length 64"; the same of `prompt_cache_key`. */
export const openaiIds: IdRule = { most: 64 };

const address = /[^\s@]+@[^\s@]+\.[^\s@]+/;
const phoneNumber = /^\+?[\d\s().-]{7,}$/;

/** The id itself where the upstream takes it, else its SHA-256: the same for each request of one user, and of no other one. */
export function takenId(
  id: string | undefined,
  field: string,
  { most, opaque }: IdRule,
  report: LossReport,
): string | undefined {
  if (id === undefined) return undefined;
  const long = id.length > most;
  // Of a short one alone: to look for an address takes a time that grows with the square of the length.
  if (!long && !(opaque === true && (address.test(id) || phoneNumber.test(id)))) return id;
  const why = long
    ? `longer than ${most} characters`
    : 'the upstream takes no addresses and numbers of people';
  report('approximated', field, `${why}: a hash of it`);
  return new Bun.CryptoHasher('sha256').update(id).digest('hex');
}
