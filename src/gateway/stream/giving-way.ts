/** A stream that comes faster than it is read lets others have their turn, too. */
import type { BodyPiece } from '../../http-client/body-queue.ts';
import type { ChunkReader } from '../answer.ts';
import { nextTurn } from '../turn.ts';

/** Bytes that are handed out at a time: the smallest events in them take some milliseconds. */
const mostAtOnce = 64 * 1024;
/** Milliseconds of work on pieces until others have their turn. */
const mostWork = 10;

/** The same pieces, long ones cut. Work on what was handed out counts until the next read; waiting does not. */
export function givingWay(reader: ChunkReader): ChunkReader {
  let rest: Uint8Array | undefined;
  let handedAt: number | undefined;
  let worked = 0;

  function handOut(bytes: Uint8Array): BodyPiece {
    const cut = bytes.length > mostAtOnce;
    rest = cut ? bytes.subarray(mostAtOnce) : undefined;
    handedAt = performance.now();
    return { done: false, value: cut ? bytes.subarray(0, mostAtOnce) : bytes };
  }

  const came = (piece: BodyPiece): BodyPiece => (piece.done ? piece : handOut(piece.value));
  const next = (): Promise<BodyPiece> =>
    rest === undefined ? reader.read().then(came) : Promise.resolve(handOut(rest));

  return {
    whenSilent: reader.whenSilent,
    leave: reader.leave,
    passed: reader.passed,
    read() {
      if (handedAt !== undefined) worked += performance.now() - handedAt;
      handedAt = undefined;
      if (worked < mostWork) return next();
      worked = 0;
      return nextTurn().then(next);
    },
    cancel() {
      rest = undefined;
      return reader.cancel();
    },
    isOver: () => rest === undefined && reader.isOver?.() === true,
  };
}
