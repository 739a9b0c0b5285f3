/** A request whose whole way is written down: the answer goes on as it comes, with a copy for the file. */
import type { BodyReader } from '../../http-client/body-queue.ts';
import type { HttpAnswer } from '../../http-client/message.ts';
import type { Answer, ClientRequest } from '../answer.ts';
import type { CallTranscript, RequestLog, Transcript } from './request-log.ts';

/** Answers by `handle`; what the client gets of it is remembered, and the file written when that is over. */
export async function loggedAnswer(
  log: RequestLog,
  request: ClientRequest,
  handle: (request: ClientRequest) => Promise<Answer>,
): Promise<Answer> {
  const transcript = log.begin(request);
  const answer = await handle({ ...request, transcript });
  const { status, headers, body } = answer;
  transcript.answered(status, headers);
  if (body instanceof ReadableStream) return { ...answer, body: copied(body, transcript) };
  transcript.piece(body);
  transcript.end();
  return answer;
}

function copied(body: ReadableStream<Uint8Array>, transcript: Transcript): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) {
            transcript.piece(value);
            controller.enqueue(value);
            return;
          }
        } catch (error) {
          transcript.failed();
          transcript.end(error instanceof Error ? error.message : String(error));
          throw error;
        }
        transcript.end();
        controller.close();
      },
      cancel(reason) {
        transcript.end('the client went away');
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** The provider's answer with a copy of what is read of it. */
export function loggedCall(answer: HttpAnswer, transcript: CallTranscript): HttpAnswer {
  transcript.answered(answer.status, answer.headers);
  return {
    status: answer.status,
    headers: answer.headers,
    header: (name) => answer.header(name),
    async bytes(most) {
      const bytes = await answer.bytes(most);
      transcript.piece(bytes);
      return bytes;
    },
    body: () => readCopied(answer.body(), transcript),
  };
}

function readCopied(reader: BodyReader, transcript: CallTranscript): BodyReader {
  return {
    async read() {
      const piece = await reader.read();
      if (!piece.done) transcript.piece(piece.value);
      return piece;
    },
    cancel: () => reader.cancel(),
    isOver: () => reader.isOver?.() ?? false,
  };
}
