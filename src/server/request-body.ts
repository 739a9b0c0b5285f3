/** A client's request body: bounded, and unpacked when it came compressed. */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import type { Bounds } from '../config/bounds.ts';
import { bytesUpTo } from '../gateway/bytes-up-to.ts';
import { errorCode } from '../ground/error-code.ts';
import type { ProtocolError } from '../protocols/protocol-error.ts';

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

/** Whether the body is unencoded, with a content-length within the bound: nearly all are. */
export function isPlainBody(headers: Headers, limit: number): boolean {
  const announced = headers.get('content-length');
  return announced !== null && Number(announced) <= limit && headers.get('content-encoding') === null;
}

/** How much of a body is taken. */
export type BodyBounds = Pick<Bounds, 'request-body' | 'unpacked-request' | 'all-requests-unpacked'>;

/**
 * Reads the body. More bytes than are taken, packed or unpacked, are a 413; an unknown coding a 415; broken packing a 400;
 * more that is being unpacked than may be, at the same time, a 503.
 */
export async function readBody(request: Request, headers: Headers, bounds: BodyBounds): Promise<BodyResult> {
  const limit = bounds['request-body'];
  const announced = headers.get('content-length');
  if (Number(announced ?? 0) > limit) return tooLarge('request-body', limit);
  // A body without a length could go on for ever; one with a length is no longer than that.
  const raw =
    announced === null ? await bytesUpTo(request.body, limit) : new Uint8Array(await request.arrayBuffer());
  if (raw === undefined) return tooLarge('request-body', limit);
  const encoding = headers.get('content-encoding');
  if (encoding === null || encoding === 'identity') return { ok: true, body: raw };
  // Codings are listed in the order they were applied (RFC 9110 §8.4).
  let body = raw;
  const codings = encoding.toLowerCase().split(',').reverse();
  if (codings.length > mostCodings) return failure(400, 'content-encoding names too many codings.');
  for (const coding of codings) {
    const name = coding.trim();
    if (name === '' || name === 'identity') continue;
    if (!isCoding(name)) {
      return failure(
        415,
        `content-encoding "${name}" is not supported: use gzip, br, zstd, deflate or none.`,
      );
    }
    const read = await unpacked(body, name, bounds);
    if (!read.ok) return read;
    body = read.body;
  }
  return { ok: true, body };
}

/** A body may be packed again and again, and unpack to itself. */
const mostCodings = 4;

/** Bytes that bodies are being unpacked to, all requests together. */
let unpacking = 0;
/** Most bodies unpack to less than this, and to less than so many times their own length. */
const usual = { bytes: 1024 * 1024, times: 16, more: 8 };

/** Unpacks a body into as much room as such bodies need, and more only where it is needed: what runs at once has a bound. */
async function unpacked(
  packed: Uint8Array<ArrayBuffer>,
  coding: keyof typeof decoders,
  bounds: BodyBounds,
): Promise<BodyResult> {
  const limit = bounds['unpacked-request'];
  const all = Math.max(limit, bounds['all-requests-unpacked']);
  let room = Math.min(limit, Math.max(usual.bytes, usual.times * packed.byteLength));
  for (;;) {
    if (unpacking + room > all) return busyUnpacking;
    unpacking += room;
    try {
      const body = await decoders[coding](packed, { maxOutputLength: room });
      return { ok: true, body: new Uint8Array(body) };
    } catch (error) {
      const code = errorCode(error);
      if (code !== 'ERR_BUFFER_TOO_LARGE') return failure(400, `The request body is not valid ${coding}.`);
      if (room >= limit) return tooLarge('unpacked-request', limit);
    } finally {
      unpacking -= room;
    }
    room = Math.min(limit, room * usual.more);
  }
}

const busyUnpacking: BodyResult = {
  ok: false,
  error: {
    status: 503,
    kind: 'overloaded',
    message:
      'Too many large compressed requests at the same time (bounds.all-requests-unpacked). Send the request again.',
    code: 'busy',
    retryAfter: 1,
  },
};

/** The refusal of a request whose JSON has more values than are read. */
export function tooManyValues(most: number): ProtocolError {
  return {
    status: 413,
    kind: 'too-large',
    message: `The request has more than ${most} values (bounds.json-values).`,
  };
}

function tooLarge(bound: keyof BodyBounds, limit: number): BodyResult {
  return {
    ok: false,
    error: {
      status: 413,
      kind: 'too-large',
      message: `The request body is larger than ${limit} bytes (bounds.${bound}).`,
    },
  };
}

function failure(status: number, message: string): BodyResult {
  return { ok: false, error: { status, kind: 'invalid-request', message } };
}
