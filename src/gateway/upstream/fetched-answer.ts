/** Answers of the runtime's `fetch`, in the form of our own client's. */
import type { BodyReader } from '../../http-client/body-queue.ts';
import type { HttpAnswer } from '../../http-client/message.ts';

export function answerOfResponse(response: Response): HttpAnswer {
  const { status, headers } = response;
  return {
    status,
    headers,
    header: (name) => headers.get(name),
    bytes: () => response.bytes(),
    body: () => (response.body === null ? empty : readerOf(response.body)),
  };
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
