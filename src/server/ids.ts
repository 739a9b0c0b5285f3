/** Ids: for requests, in the order of time, and random ones for answers whose upstream gave none. */
import { systemClock } from '../ground/clock.ts';

/** Bytes of an id. */
const size = 12;
/** Of those, random ones in the id of a request. */
const randomBytes = 6;
// One call to the system's randomness, and one for its digits, serves many ids.
const pool = Buffer.alloc(size * 256);
let digits = '';
let used = 0;

/** A number of unpredictable hexadecimal digits, never repeated. */
function randomDigits(count: number): string {
  if (used + count > digits.length) {
    digits = crypto.getRandomValues(pool).toString('hex');
    used = 0;
  }
  used += count;
  return digits.slice(used - count, used);
}

/** `prefix_` and 24 hexadecimal digits, 96 bits of randomness. */
export function newId(prefix: string): string {
  return `${prefix}_${randomDigits(2 * size)}`;
}

/** The millisecond that ids were made in last, as they have it. */
let latest = { at: 0, digits: '' };

/**
 * `req_` and 24 hexadecimal digits: 12 of the time in ms since the epoch, 12 of randomness. A list of them in the order of
 * the alphabet is in the order of time, and an id shows its time.
 */
export function newRequestId(now: number = systemClock.now()): string {
  if (latest.at !== now) latest = { at: now, digits: now.toString(16).padStart(12, '0').slice(-12) };
  return `req_${latest.digits}${randomDigits(2 * randomBytes)}`;
}
