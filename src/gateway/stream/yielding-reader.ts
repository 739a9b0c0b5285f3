/** A stream that comes faster than it is read yields to others, too. */

import { yieldToEventLoop } from '../../ground/steps.ts';
import type { BodyPiece } from '../../http-client/body-queue.ts';
import type { ChunkReader } from '../answer.ts';

/** Bytes that are handed out at a time: the smallest events in them take some milliseconds. */
const mostAtOnce = 64 * 1024;
/** What each piece makes of work by itself, in bytes. */
const pieceCost = 64;

/** The same pieces behind one that has been read already. */
export function behind(first: Uint8Array, reader: ChunkReader): ChunkReader {
  let given: Uint8Array | undefined = first;
  return {
    whenSilent: reader.whenSilent,
    leave: reader.leave,
    passed: reader.passed,
    read() {
      if (given === undefined) return reader.read();
      const value = given;
      given = undefined;
      return Promise.resolve({ done: false, value });
    },
    cancel() {
      given = undefined;
      return reader.cancel();
    },
    isOver: () => given === undefined && reader.isOver?.() === true,
  };
}

/**
 * The same pieces, long ones cut. It yields behind so many bytes, or so many small pieces: to look at the clock with
 * each would cost more than yielding does.
 */
export function yieldingReader(reader: ChunkReader): ChunkReader {
  let rest: Uint8Array | undefined;
  let handed = 0;

  function handOut(bytes: Uint8Array): BodyPiece {
    const cut = bytes.length > mostAtOnce;
    rest = cut ? bytes.subarray(mostAtOnce) : undefined;
    handed += (cut ? mostAtOnce : bytes.length) + pieceCost;
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
      if (handed < mostAtOnce) return next();
      handed = 0;
      return yieldToEventLoop().then(next);
    },
    cancel() {
      rest = undefined;
      return reader.cancel();
    },
    isOver: () => rest === undefined && reader.isOver?.() === true,
  };
}
