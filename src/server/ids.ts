/** Ids: for requests, in the order of time, and random ones for answers whose upstream gave none. */
/** Bytes of an id. */
const size = 12;
/** Of those, random ones in the id of a request. */
const randomBytes = 6;
// One call to the system's randomness serves many ids.
const pool = Buffer.alloc(size * 256);
let used = pool.length;

/** `prefix_` and 24 hexadecimal digits, 96 bits of randomness. */
export function newId(prefix: string): string {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const from = used;
  used += size;
  return `${prefix}_${pool.toString('hex', from, used)}`;
}

/** The millisecond that ids were made in last, as they have it. */
let latest = { at: 0, digits: '' };

/**
 * `req_` and 24 hexadecimal digits: 12 of the time in ms since the epoch, 12 of randomness. A list of them in the order of
 * the alphabet is in the order of time, and whoever looks for one knows when it was.
 */
export function newRequestId(now: number = Date.now()): string {
  if (latest.at !== now) latest = { at: now, digits: now.toString(16).padStart(12, '0').slice(-12) };
  if (used >= pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const from = used;
  used += size;
  return `req_${latest.digits}${pool.toString('hex', from, from + randomBytes)}`;
}
