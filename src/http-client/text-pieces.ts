/**
 * A long text as UTF-8, piece by piece: all of it at once would be as much memory again.
 *
 * Fast path: `npm run bench -- --only memory`; with what else keeps no second form of a prompt, the highest fell from 200 to 160 MB
 * (performance.md, "Memory").
 */

export interface TextPieces {
  /** The next piece, in a place that is written over by the next one of any text; undefined behind the last. */
  next(): Uint8Array | undefined;
}

/** Bytes of a piece at most. */
const pieceSize = 256 * 1024;

const encoder = new TextEncoder();
let place: Uint8Array<ArrayBuffer> | undefined;

export function textPieces(text: string): TextPieces {
  let at = 0;
  return {
    next() {
      if (at >= text.length) return undefined;
      place ??= new Uint8Array(pieceSize);
      let end = Math.min(text.length, at + pieceSize);
      // The two halves of a character stay together.
      if (end < text.length && isFirstHalf(text.charCodeAt(end - 1))) end -= 1;
      const { read, written } = encoder.encodeInto(text.slice(at, end), place);
      at += read;
      return place.subarray(0, written);
    },
  };
}

function isFirstHalf(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}
