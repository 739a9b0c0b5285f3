/** A client's request body: bounded, and unpacked when it came compressed. */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import type { ProtocolError } from '../protocols/model.ts';

export type BodyResult = { ok: true; body: Uint8Array<ArrayBuffer> } | { ok: false; error: ProtocolError };

const decoders = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
  deflate: promisify(inflate),
};

function isCoding(name: string): name is keyof typeof decoders {
  return Object.hasOwn(decoders, name);
}

/** Whether the body is what the client sent, of a length that it says and that is allowed: nearly all are. */
export function isPlainBody(headers: Headers, limit: number): boolean {
  const announced = headers.get('content-length');
  return announced !== null && Number(announced) <= limit && headers.get('content-encoding') === null;
}

/** Reads the body. More than `limit` bytes, packed or unpacked, is a 413; an unknown coding a 415; broken packing a 400. */
export async function readBody(request: Request, headers: Headers, limit: number): Promise<BodyResult> {
  const announced = headers.get('content-length');
  if (Number(announced ?? 0) > limit) return tooLarge(limit);
  // A body without a length could go on for ever; one with a length is no longer than that.
  const raw =
    announced === null ? await readUpTo(request, limit) : new Uint8Array(await request.arrayBuffer());
  if (raw === undefined) return tooLarge(limit);
  let body = raw;
  const encoding = headers.get('content-encoding');
  if (encoding === null || encoding === 'identity') return { ok: true, body };
  // Codings are listed in the order they were applied (RFC 9110 §8.4).
  for (const coding of encoding.toLowerCase().split(',').reverse()) {
    const name = coding.trim();
    if (name === '' || name === 'identity') continue;
    if (!isCoding(name)) {
      return failure(
        415,
        `content-encoding "${name}" is not supported: use gzip, br, zstd, deflate or none.`,
      );
    }
    try {
      body = new Uint8Array(await decoders[name](body, { maxOutputLength: limit }));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(limit);
      return failure(400, `The request body is not valid ${name}.`);
    }
  }
  return { ok: true, body };
}

/** The body in pieces, up to `limit` bytes; undefined when there are more. */
async function readUpTo(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of request.body ?? []) {
    size += piece.byteLength;
    if (size > limit) return undefined;
    pieces.push(piece);
  }
  return new Uint8Array(Buffer.concat(pieces));
}

function tooLarge(limit: number): BodyResult {
  return {
    ok: false,
    error: {
      status: 413,
      kind: 'too-large',
      message: `The request body is larger than ${limit} bytes. max-request-bytes in the configuration sets this limit.`,
    },
  };
}

function failure(status: number, message: string): BodyResult {
  return { ok: false, error: { status, kind: 'invalid-request', message } };
}
