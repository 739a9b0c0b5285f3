/** Random ids: for requests, and for answers whose upstream gave none. */
/** Bytes of an id. */
const size = 12;
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
