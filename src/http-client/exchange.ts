/** One request and its answer, on whichever connection carries it. */
import { type AnswerHead, headerIn, headersIn } from './answer-head.ts';
import { type BodyQueue, bodyQueue } from './body-queue.ts';
import { type Connection, type Exchange, openConnection } from './connection.ts';
import { decoded } from './content-coding.ts';
import type { Cancellation, HttpAnswer, HttpRequest } from './message.ts';
import type { Origin } from './origin.ts';
import { requestHead } from './request-head.ts';

/** Asks; rejects when no answer begins. Throws for a request that cannot be written. */
export function exchangeWith(
  origin: Origin,
  path: string,
  request: HttpRequest,
  cancellation: Cancellation,
): Promise<HttpAnswer> {
  if (cancellation.cancelled !== undefined) return Promise.reject(cancellation.cancelled);
  const { method, headers } = request;
  const body = typeof request.body === 'string' ? Buffer.from(request.body) : request.body;
  const head = requestHead(method, origin.host, path, headers, body.length);
  return new Promise((resolve, reject) => {
    let connection: Connection | undefined;
    let connecting: (() => void) | undefined;
    let answered: BodyQueue | undefined;

    const exchange: Exchange = {
      head,
      body,
      connected,
      began(answer) {
        answered = bodyQueue({
          pause: () => connection?.pause(),
          resume: () => connection?.resume(),
          cancel: () => connection?.leave(exchange),
        });
        resolve(answerOf(answer, answered));
      },
      came: (content) => answered?.push(content),
      ended: () => answered?.end(),
      failed(error, untouched) {
        connected();
        // Its server had closed it before the request came: nobody has read it.
        if (untouched) open();
        else if (answered === undefined) reject(error);
        else answered.fail(error);
      },
    };

    function connected(): void {
      connecting?.();
      connecting = undefined;
    }

    function open(): void {
      connecting = request.connecting?.();
      connection = openConnection(origin.address, exchange, origin.idle);
    }

    cancellation.whenCancelled((reason) => {
      connected();
      connection?.leave(exchange);
      if (answered === undefined) reject(reason);
      else answered.fail(reason);
    });
    connection = origin.idle.take();
    if (connection === undefined) open();
    else connection.carry(exchange);
  });
}

function answerOf({ status, lines, framing }: AnswerHead, body: BodyQueue): HttpAnswer {
  const coding = framing['content-encoding']?.toLowerCase();
  const content = coding === undefined || coding === 'identity' ? body : decoded(body, coding);
  let headers: Headers | undefined;
  return {
    status,
    header: (name) => headerIn(lines, name) ?? null,
    get headers() {
      headers ??= headersIn(lines);
      return headers;
    },
    bytes: content.whole,
    body: () => content,
  };
}
