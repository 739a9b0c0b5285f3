import type { Answer } from '../gateway/answer.ts';

/**
 * An answer's body in the form in which the runtime sends it best. A head and a body that do not fit its buffer of 16 KB
 * together leave in some twenty system calls when they are written later than in the request's own turn, as all of ours
 * are (oven-sh/bun#41341); a stream that is there at once leaves in two. The client gets it in chunks, without a length.
 *
 * Fast path: `npm run bench -- --only JSON` with answers over 14 KB; twenty system calls and 100 µs are saved (performance.md).
 */
export function outgoingBody(body: Answer['body']): Uint8Array | string | ReadableStream<Uint8Array> {
  if (body instanceof ReadableStream || fitsBuffer(body)) return body;
  if (body.length > longBody) return piecewise(body);
  const bytes = typeof body === 'string' ? encoder.encode(body) : body;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        controller.enqueue(bytes);
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * A long one piece by piece, as the client takes them: as bytes and in the runtime's buffers all of it would be there two or three
 * times more.
 */
function piecewise(body: string | Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        let end = Math.min(body.length, at + pieceOfLong);
        if (typeof body === 'string') {
          // The two halves of a character stay together.
          if (end < body.length && isFirstHalf(body.charCodeAt(end - 1))) end -= 1;
          controller.enqueue(encoder.encode(body.slice(at, end)));
        } else controller.enqueue(body.subarray(at, end));
        at = end;
        if (at === body.length) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

function isFirstHalf(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

const encoder = new TextEncoder();

/** Bytes or characters of a body that is handed out in pieces, and of each. */
const longBody = 1024 * 1024;
const pieceOfLong = 256 * 1024;

/** Bytes of a body that fit beside a head of up to 2 KB. */
const mostBuffered = 14 * 1024;

/** Whether the body is no longer than that; characters of strings are up to three bytes each. */
function fitsBuffer(body: string | Uint8Array): boolean {
  if (typeof body !== 'string') return body.length <= mostBuffered;
  return body.length * 3 <= mostBuffered || Buffer.byteLength(body) <= mostBuffered;
}
