/**
 * Bytes as text of one character a byte: what is looked for is ASCII, and other characters come out wrong. The cheapest way
 * to look at bytes; a Buffer over them would cost several times as much. What lies outside of the bytes is left out.
 *
 * Fast path: `npm run bench -- --only SSE`; a part of a `Buffer` costs ten times as much as one of a `Uint8Array` (performance.md).
 */
export function latin1(bytes: Uint8Array, from = 0, to = bytes.byteLength): string {
  return Buffer.prototype.toString.call(bytes, 'latin1', Math.max(0, from), Math.min(to, bytes.byteLength));
}
