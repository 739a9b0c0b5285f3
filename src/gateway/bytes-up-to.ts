/** A body that says no length, read as it comes: in pieces of any size. */
import { yieldToEventLoop } from '../ground/steps.ts';
import { growingBytes } from '../http-client/growing-bytes.ts';
import { joined } from '../http-client/joined-bytes.ts';

/** Bytes of a piece that is cheaper to copy than to keep. */
const smallPiece = 1024;
/** Small pieces that are read before others have their turn. What comes meanwhile comes as one: a piece by itself takes 10 µs. */
const piecesOfTurn = 64;

/** All of its bytes; undefined where they are more than `most`, and what comes behind those is not taken. Rejects when it breaks off. */
export async function bytesUpTo(
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  most: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const small = growingBytes();
  let size = 0;
  let sinceTurn = 0;
  // Leaving the loop cancels the rest.
  for await (const piece of body ?? []) {
    size += piece.byteLength;
    if (size > most) return undefined;
    if (piece.byteLength >= smallPiece) {
      if (small.length > 0) pieces.push(small.take().slice());
      pieces.push(piece);
      continue;
    }
    small.push(piece);
    sinceTurn += 1;
    if (sinceTurn % piecesOfTurn === 0) await yieldToEventLoop();
  }
  // Not with the room around them: whoever gets a body may give its buffer back.
  if (small.length > 0) pieces.push(small.take().slice());
  return joined(pieces);
}
