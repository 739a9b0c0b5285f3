/** Bodies that are worth giving back early: a long answer would keep several times their size. */

/** Bytes from which on a body is large. */
const large = 64 * 1024;

/** Whether a body's forms are let go of while its answer is waited for. */
export function isLarge(body: Uint8Array): boolean {
  return body.byteLength >= large;
}

/**
 * Lets go of a large body for all that refer to it, and they are many: the record, limits, copies of the request. They see a
 * body without bytes from now on; the memory goes with the next collection.
 */
export function release(body: Uint8Array<ArrayBuffer>): void {
  // One that is a part of something is not ours alone.
  if (isLarge(body) && body.byteLength === body.buffer.byteLength) body.buffer.transfer(0);
}

/** Whether a body has been let go of. */
export function isReleased({ buffer }: Uint8Array<ArrayBuffer>): boolean {
  return buffer.detached;
}
