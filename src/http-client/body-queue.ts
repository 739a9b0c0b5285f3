/** What has come of an answer's body and waits to be read. */
import { BeyondBound } from './bounds.ts';
import { type GrowingBytes, growingBytes } from './growing-bytes.ts';
import { joined } from './joined-bytes.ts';

export type BodyPiece = { done: false; value: Uint8Array } | { done: true; value?: undefined };

/** Reads a body piece by piece. */
export interface BodyReader {
  /** Rejects when the body breaks off. One read at a time. */
  read(): Promise<BodyPiece>;
  /** Nothing more is wanted. */
  cancel(): Promise<void>;
  /** True once the last piece has been read and the end has come behind it; where this is known without another read. */
  isOver?(): boolean;
}

/** The connection's side of the queue. */
export interface BodySource {
  /** So much waits that no more should come for now; `resume` when it may again. */
  pause(): void;
  resume(): void;
  cancel(): void;
}

export interface BodyQueue extends BodyReader {
  push(bytes: Uint8Array): void;
  end(): void;
  fail(error: Error): void;
  /** The whole body, instead of reading; rejects with BeyondBound when it is longer than `most` bytes. */
  whole(most: number): Promise<Uint8Array>;
}

/** Bytes that wait at most, but for the piece that fills it. */
const mostWaiting = 256 * 1024;
/** Bytes of a piece that is cheaper to copy than to keep. */
const smallPiece = 1024;

interface Waiting {
  resolve(piece: BodyPiece): void;
  reject(error: Error): void;
}

const over: BodyPiece = { done: true };

export function bodyQueue(source: BodySource): BodyQueue {
  let pieces: Uint8Array[] = [];
  /** Small ones behind them, in one; undefined until there are any. */
  let small: GrowingBytes | undefined;
  let size = 0;
  let paused = false;
  let ended = false;
  let failure: Error | undefined;
  let reading: Waiting | undefined;
  /** All of it is wanted: nothing is handed out before. */
  let collecting: ((error: Error | undefined) => void) | undefined;
  /** Bytes that are collected at most. */
  let limit = Number.POSITIVE_INFINITY;

  function take(): Uint8Array | undefined {
    const piece = pieces.shift() ?? smallOnes();
    size -= piece?.length ?? 0;
    if (paused && !ended && size < mostWaiting) {
      paused = false;
      source.resume();
    }
    return piece;
  }

  function smallOnes(): Uint8Array | undefined {
    return small === undefined || small.length === 0 ? undefined : small.take();
  }

  function clear(): void {
    pieces = [];
    small = undefined;
    size = 0;
  }

  function all(): Uint8Array {
    const last = smallOnes();
    return joined(last === undefined ? pieces : [...pieces, last]);
  }

  function tooLarge(): void {
    const settle = collecting;
    collecting = undefined;
    failure = new BeyondBound('the answer', limit, 'whole-answer');
    clear();
    if (!ended) source.cancel();
    settle?.(failure);
  }

  return {
    push(bytes) {
      if (reading !== undefined) {
        const { resolve } = reading;
        reading = undefined;
        resolve({ done: false, value: bytes });
        return;
      }
      if (bytes.length < smallPiece && size > 0) {
        small ??= growingBytes();
        small.push(bytes);
      } else {
        const before = smallOnes();
        if (before !== undefined) pieces.push(before);
        pieces.push(bytes);
      }
      size += bytes.length;
      if (size > limit) return tooLarge();
      if (size >= mostWaiting && collecting === undefined && !paused) {
        paused = true;
        source.pause();
      }
    },
    end() {
      ended = true;
      reading?.resolve(over);
      reading = undefined;
      collecting?.(undefined);
    },
    fail(error) {
      failure ??= error;
      reading?.reject(error);
      reading = undefined;
      collecting?.(error);
    },
    read() {
      const piece = take();
      if (piece !== undefined) return Promise.resolve<BodyPiece>({ done: false, value: piece });
      if (failure !== undefined) return Promise.reject(failure);
      if (ended) return Promise.resolve(over);
      return new Promise<BodyPiece>((resolve, reject) => {
        reading = { resolve, reject };
      });
    },
    cancel() {
      clear();
      if (!ended && failure === undefined) source.cancel();
      ended = true;
      reading?.resolve(over);
      reading = undefined;
      return Promise.resolve();
    },
    isOver: () => ended && pieces.length === 0 && (small?.length ?? 0) === 0,
    whole(most) {
      if (failure !== undefined) return Promise.reject(failure);
      limit = most;
      if (size > most) {
        tooLarge();
        return Promise.reject(failure);
      }
      if (ended) return Promise.resolve(all());
      if (paused) {
        paused = false;
        source.resume();
      }
      return new Promise((resolve, reject) => {
        collecting = (error) => (error === undefined ? resolve(all()) : reject(error));
      });
    },
  };
}
