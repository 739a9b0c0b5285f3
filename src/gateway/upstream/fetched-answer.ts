/** Answers of the runtime's `fetch`, in the form of our own client's. */
import type { BodyReader } from '../../http-client/body-queue.ts';
import { BeyondBound, usualBounds } from '../../http-client/bounds.ts';
import { BrokenAnswer } from '../../http-client/broken-answer.ts';
import type { HttpResponse } from '../../http-client/message.ts';
import { bytesUpTo } from '../bytes-up-to.ts';

/** Throws a BrokenAnswer for a status that there is not, and for a body that is packed. */
export function answerOfResponse(response: Response): HttpResponse {
  const { status, headers } = response;
  if (status < 200 || status > 599)
    throw new BrokenAnswer(`the answer has the status ${status}, which there is not`);
  const coding = headers.get('content-encoding') ?? 'identity';
  if (coding !== 'identity')
    throw new BrokenAnswer(`the answer has the content coding ${coding}, which was not requested`);
  return {
    status,
    headers,
    // The runtime does not report it.
    unsent: true,
    header: (name) => headers.get(name),
    bytes: (most = usualBounds['whole-answer']) => bytesOf(response, most),
    body: () => (response.body === null ? empty : readerOf(response.body)),
  };
}

async function bytesOf({ body }: Response, most: number): Promise<Uint8Array> {
  const bytes = await bytesUpTo(body, most);
  if (bytes === undefined) throw new BeyondBound('the answer', most, 'whole-answer');
  return bytes;
}

function readerOf(body: ReadableStream<Uint8Array>): BodyReader {
  const reader = body.getReader();
  return {
    async read() {
      const { done, value } = await reader.read();
      return done || value === undefined ? { done: true } : { done: false, value };
    },
    cancel: () => reader.cancel(),
  };
}

const empty: BodyReader = { read: () => Promise.resolve({ done: true }), cancel: () => Promise.resolve() };
