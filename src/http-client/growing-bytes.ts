/** Bytes that come piece by piece, in one buffer: a piece may be a single byte, and keeping each costs a hundred times that. */
export interface GrowingBytes {
  readonly length: number;
  push(bytes: Uint8Array): void;
  /** What has come; what comes later may move elsewhere. */
  bytes(): Uint8Array;
  /** The same, given away: the next piece begins anew. */
  take(): Uint8Array;
}

const smallest = 1024;
const nothing = new Uint8Array();

export function growingBytes(): GrowingBytes {
  let room = nothing;
  let size = 0;
  return {
    get length() {
      return size;
    },
    push(bytes) {
      if (size + bytes.length > room.length) {
        const larger = new Uint8Array(Math.max(smallest, 2 * (size + bytes.length)));
        larger.set(room.subarray(0, size));
        room = larger;
      }
      room.set(bytes, size);
      size += bytes.length;
    },
    bytes: () => room.subarray(0, size),
    take() {
      const all = room.subarray(0, size);
      room = nothing;
      size = 0;
      return all;
    },
  };
}
