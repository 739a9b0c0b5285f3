/** A request whose whole way is written down: the answer goes on as it comes, with a copy for the file. */
import { reasonOf } from '../../ground/reason.ts';
import type { BodyReader } from '../../http-client/body-queue.ts';
import type { HttpResponse } from '../../http-client/message.ts';
import type { Answer, ClientRequest } from '../answer.ts';
import { watchedStream } from '../watched-stream.ts';
import type { CallTranscript, RequestLog, Transcript } from './request-log.ts';

/** Answers by `handle`; what the client gets of it is remembered, and the file written when that is over. */
export async function loggedAnswer(
  log: RequestLog,
  request: ClientRequest,
  handle: (request: ClientRequest) => Promise<Answer>,
): Promise<Answer> {
  const transcript = harmless(log, request);
  if (transcript === undefined) return handle(request);
  let answer: Answer;
  try {
    answer = await handle({ ...request, transcript });
  } catch (error) {
    transcript.failed();
    transcript.end(reasonOf(error));
    throw error;
  }
  const { status, headers, body } = answer;
  transcript.answered(status, headers);
  if (body instanceof ReadableStream) return { ...answer, body: copied(body, transcript) };
  transcript.piece(body);
  transcript.end();
  return answer;
}

/** The transcript of a request, whose faults change nothing of its answer; undefined where not even a beginning can be made. */
function harmless(log: RequestLog, request: ClientRequest): Transcript | undefined {
  const attempt = <Result>(run: () => Result): Result | undefined => {
    try {
      return run();
    } catch (error) {
      log.lost(error);
      return undefined;
    }
  };
  const inner = attempt(() => log.begin(request));
  return (
    inner && {
      call(call) {
        const transcribed = attempt(() => inner.call(call));
        return {
          answered: (status, headers) => attempt(() => transcribed?.answered(status, headers)),
          piece: (bytes) => attempt(() => transcribed?.piece(bytes)),
          failed: (message) => attempt(() => transcribed?.failed(message)),
        };
      },
      answered: (status, headers) => attempt(() => inner.answered(status, headers)),
      piece: (bytes) => attempt(() => inner.piece(bytes)),
      failed: () => attempt(() => inner.failed()),
      end: (note) => attempt(() => inner.end(note)),
    }
  );
}

function copied(body: ReadableStream<Uint8Array>, transcript: Transcript): ReadableStream<Uint8Array> {
  return watchedStream(body.getReader(), {
    piece: transcript.piece,
    ended: transcript.end,
    broke(error) {
      transcript.failed();
      transcript.end(reasonOf(error));
    },
    left: () => transcript.end('the client went away'),
  });
}

/** The provider's answer with a copy of what is read of it. */
export function loggedCall(answer: HttpResponse, transcript: CallTranscript): HttpResponse {
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
