/** A client's request body: bounded, and unpacked when it came compressed. */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import type { ProtocolError } from '../protocols/model.ts';

export type BodyResult = { ok: true; body: Uint8Array } | { ok: false; error: ProtocolError };

const decoders = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
  deflate: promisify(inflate),
};

function isCoding(name: string): name is keyof typeof decoders {
  return name in decoders;
}

/** Reads the body. More than `limit` bytes, packed or unpacked, is a 413; an unknown coding a 415; broken packing a 400. */
export async function readBody(request: Request, limit: number): Promise<BodyResult> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) return tooLarge(limit);
  let body: Uint8Array = new Uint8Array(await request.arrayBuffer());
  if (body.byteLength > limit) return tooLarge(limit);
  const encoding = request.headers.get('content-encoding');
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
      body = await decoders[name](body, { maxOutputLength: limit });
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(limit);
      return failure(400, `The request body is not valid ${name}.`);
    }
  }
  return { ok: true, body };
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
