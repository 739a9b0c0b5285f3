/** Random ids: for requests, and for answers whose upstream gave none. */
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
// One call to the system's randomness serves many ids.
const pool = new Uint8Array(4096);
let used = pool.length;

/** `prefix_` and 24 characters, 142 bits of randomness. */
export function newId(prefix: string): string {
  if (used + 24 > pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  let id = `${prefix}_`;
  for (let i = 0; i < 24; i++) id += alphabet.charAt((pool[used++] ?? 0) % 62);
  return id;
}
