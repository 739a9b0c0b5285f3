/** Bodies that came compressed without having been requested so. The unpacked size is bounded: a few bytes may unpack to gigabytes. */
import type { Transform } from 'node:stream';
import { promisify } from 'node:util';
import {
  brotliDecompress,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
  gunzip,
  inflate,
  zstdDecompress,
} from 'node:zlib';
import { errorCode } from '../ground/error-code.ts';
import { asError } from '../ground/reason.ts';
import type { BodyPiece, BodyQueue, BodyReader } from './body-queue.ts';
import { type AnswerBounds, BeyondBound } from './bounds.ts';
import { createSemaphore, type Semaphore } from './semaphore.ts';

interface Unpacking {
  stream(): Transform;
  whole(packed: Uint8Array, options: { maxOutputLength: number }): Promise<Uint8Array>;
}

const unpackGzip: Unpacking = { stream: createGunzip, whole: promisify(gunzip) };

/** RFC 9110 §8.4.1, RFC 7932, RFC 8878. */
const codings = new Map<string, Unpacking>([
  ['gzip', unpackGzip],
  ['x-gzip', unpackGzip],
  ['deflate', { stream: createInflate, whole: promisify(inflate) }],
  ['br', { stream: createBrotliDecompress, whole: promisify(brotliDecompress) }],
  ['zstd', { stream: createZstdDecompress, whole: promisify(zstdDecompress) }],
]);

/** Whole bodies that are being unpacked. */
const semaphore: Semaphore = createSemaphore();

/** The body without its coding (RFC 9110 §8.4). Reads of a coding that is not known, or is broken, reject. */
export function decoded(
  body: BodyQueue,
  coding: string,
  bounds: AnswerBounds,
): Pick<BodyQueue, 'whole'> & BodyReader {
  const known = codings.get(coding);
  if (known === undefined) {
    const fail = (): Promise<never> => {
      void body.cancel();
      return Promise.reject(new Error(`the answer has a content coding that is not known: ${coding}`));
    };
    return { read: fail, whole: fail, cancel: body.cancel };
  }
  const unpack = known;
  let pieces: AsyncIterator<Uint8Array> | undefined;
  let unpacking: Transform | undefined;

  /** Writes as fast as what comes out is read: the stream holds back in the middle of a piece, too. */
  async function feed(stream: Transform): Promise<void> {
    try {
      for (let piece = await body.read(); !piece.done; piece = await body.read())
        if (!stream.write(piece.value)) await new Promise((resolve) => stream.once('drain', resolve));
      stream.end();
    } catch (error) {
      stream.destroy(asError(error));
    }
  }

  function begin(): AsyncIterator<Uint8Array> {
    const stream = unpack.stream();
    unpacking = stream;
    // The reader gets an error.
    void feed(stream);
    return stream[Symbol.asyncIterator]();
  }

  async function read(): Promise<BodyPiece> {
    pieces ??= begin();
    const { done, value } = await pieces.next();
    return done ? { done: true } : { done: false, value: bytesOf(value) };
  }

  async function whole(most: number): Promise<Uint8Array> {
    const packed = await body.whole(most);
    const limit = Math.min(most, bounds['unpacked-answer']);
    const done = await semaphore.acquire(limit, bounds['all-answers-unpacked']);
    try {
      return bytesOf(await unpack.whole(packed, { maxOutputLength: limit }));
    } catch (error) {
      if (errorCode(error) === 'ERR_BUFFER_TOO_LARGE')
        throw new BeyondBound('the unpacked answer', limit, 'unpacked-answer');
      throw error;
    } finally {
      done();
    }
  }

  return {
    read,
    whole,
    cancel() {
      unpacking?.destroy();
      return body.cancel();
    },
  };
}

/** Not a Buffer: a part of one costs ten times as much. */
function bytesOf(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
