/** Bodies that came compressed though nobody had asked for it. */
import type { BodyPiece, BodyQueue, BodyReader } from './body-queue.ts';
import { joined } from './joined-bytes.ts';

const formats = { gzip: 'gzip', 'x-gzip': 'gzip', deflate: 'deflate', br: 'brotli', zstd: 'zstd' } as const;

function isKnown(coding: string): coding is keyof typeof formats {
  return coding in formats;
}

/** The body without its coding (RFC 9110 §8.4). Reads of a coding that is not known, or is broken, reject. */
export function decoded(body: BodyQueue, coding: string): Pick<BodyQueue, 'whole'> & BodyReader {
  if (!isKnown(coding)) {
    const fail = (): Promise<never> =>
      Promise.reject(new Error(`the answer has a content coding that is not known: ${coding}`));
    return { read: fail, whole: fail, cancel: body.cancel };
  }
  const unpacking = new DecompressionStream(formats[coding]);
  const writer = unpacking.writable.getWriter();
  const reader = unpacking.readable.getReader();
  let begun = false;

  /** Writes as fast as what comes out is read. */
  async function unpack(): Promise<void> {
    try {
      for (let piece = await body.read(); !piece.done; piece = await body.read())
        await writer.write(new Uint8Array(piece.value));
      await writer.close();
    } catch (error) {
      await writer.abort(error);
    }
  }

  async function read(): Promise<BodyPiece> {
    // Whoever reads hears of an error.
    if (!begun) unpack().catch(() => undefined);
    begun = true;
    const { done, value } = await reader.read();
    if (done || value === undefined) return { done: true };
    return { done: false, value: new Uint8Array(value.buffer, value.byteOffset, value.byteLength) };
  }

  async function whole(): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for (let piece = await read(); !piece.done; piece = await read()) pieces.push(piece.value);
    return joined(pieces);
  }

  return { read, whole, cancel: body.cancel };
}
