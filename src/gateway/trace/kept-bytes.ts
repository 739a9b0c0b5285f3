/** What is kept of a body that comes in pieces, for people who look at a request afterwards. */

/** Bytes that all bodies of one request may take together. */
export interface Room {
  left: number;
}

export interface KeptBytes {
  /** Gives how many of the bytes were kept. */
  add(piece: Uint8Array | string): number;
  bytes(): Buffer<ArrayBuffer>;
  /** How many came that were not kept. */
  cut(): number;
}

/** `most`: bytes of this body. */
export function keptBytes(most: number, room: Room): KeptBytes {
  const pieces: Uint8Array[] = [];
  let size = 0;
  let seen = 0;
  return {
    add(piece) {
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
      seen += bytes.length;
      const taken = Math.max(0, Math.min(most - size, room.left, bytes.length));
      if (taken === 0) return 0;
      pieces.push(bytes.slice(0, taken));
      size += taken;
      room.left -= taken;
      return taken;
    },
    bytes: () => Buffer.concat(pieces),
    cut: () => seen - size,
  };
}
