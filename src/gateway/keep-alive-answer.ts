/**
 * The beginning of an answer that is not there yet. A client that has waited long gets status 200 and keep-alives; behind
 * them other credentials may still take over. What is lost is the status of a failure: it comes as an error of the stream.
 */
import type { Config } from '../config/schema.ts';
import type { Protocol } from '../protocols/model.ts';
import type { ProtocolError } from '../protocols/protocol-error.ts';
import { codecs } from '../protocols/registry.ts';
import { type Answer, type ClientRequest, jsonHeaders, streamHeaders } from './answer.ts';
import type { RequestTimers } from './request-timers.ts';
import { ofServer } from './shown-error.ts';
import { streamError } from './stream/broken-stream.ts';
import { emptyLine, keepAliveBytes } from './stream/keep-alive.ts';
import { wantsArray } from './stream/stream-form.ts';

/** Milliseconds after which a client that waits gets a keep-alive, and from then on as often; 0 is never. */
export interface Patience {
  stream: number;
  whole: number;
}

/** The configured values. */
export function patienceOf(config: Pick<Config, 'streaming' | 'nonstream-keepalive-interval'>): Patience {
  return { stream: config.streaming['keepalive-seconds'], whole: config['nonstream-keepalive-interval'] };
}

/** How the answer to a request may begin before it is known; undefined where nothing may be sent before it. */
interface Beginning {
  headers: Record<string, string>;
  sign: Uint8Array;
  /** How an error reaches the client; undefined breaks its connection. */
  failure(error: ProtocolError): string | undefined;
}

/** The answer, or its beginning when it takes longer than the client can be expected to wait in silence. */
export function withKeepAlive(
  request: ClientRequest,
  answering: Promise<Answer>,
  patience: Patience,
  timers: RequestTimers,
): Promise<Answer> {
  const after = request.stream ? patience.stream : patience.whole;
  if (after <= 0 || request.operation !== 'generate') return answering;
  return new Promise((resolve, reject) => {
    const timer = timers.add(() => {
      timers.remove(timer);
      const beginning = beginningOf(request);
      if (beginning !== undefined) resolve(begun(request.protocol, beginning, answering, after, timers));
    });
    timers.set(timer, after);
    answering.then(
      (answer) => {
        timers.remove(timer);
        resolve(answer);
      },
      (error: unknown) => {
        timers.remove(timer);
        reject(error);
      },
    );
  });
}

function beginningOf(request: ClientRequest): Beginning | undefined {
  const { protocol } = request;
  // An error body with status 200 would be taken for an answer.
  if (!request.stream) return { headers: jsonHeaders, sign: emptyLine, failure: () => undefined };
  if (wantsArray(request)) {
    const failure = (error: ProtocolError): string => JSON.stringify([codecs[protocol].encodeError(error)]);
    return { headers: jsonHeaders, sign: emptyLine, failure };
  }
  const sign = keepAliveBytes(protocol);
  return sign && { headers: streamHeaders, sign, failure: (error) => streamError(protocol, error) };
}

/** Ends an answer without a reader. */
function discard({ body }: Answer): void {
  if (body instanceof ReadableStream) body.cancel().catch(() => undefined);
}

function begun(
  protocol: Protocol,
  { headers, sign, failure }: Beginning,
  answering: Promise<Answer>,
  after: number,
  timers: RequestTimers,
): Answer {
  let inner: Awaited<ReturnType<typeof open>>;
  let left = false;
  /** What comes of the answer is seen to. */
  let opening = false;
  let beat: () => void = () => {};
  const timer = timers.add(() => {
    beat();
    timers.set(timer, after);
  });

  /** Hands on an answer that came whole or failed; gives the reader of one that streams. */
  async function open(controller: ReadableStreamDefaultController<Uint8Array>) {
    opening = true;
    const { status, body } = await answering.finally(() => timers.remove(timer));
    if (typeof body !== 'string' && !(body instanceof Uint8Array)) {
      if (!left) return body.getReader();
      // The client has gone.
      await body.cancel();
      return undefined;
    }
    if (left) return undefined;
    const words = typeof body === 'string' ? body : '';
    const text = status < 400 ? body : failure(ofServer(codecs[protocol].decodeError(status, words)));
    if (text === undefined) {
      controller.error(new Error(`the answer is an error with status ${status}, and 200 has been sent`));
      return undefined;
    }
    controller.enqueue(typeof text === 'string' ? new TextEncoder().encode(text) : text);
    controller.close();
    return undefined;
  }

  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        beat = () => {
          // A client that does not read does not collect them.
          if ((controller.desiredSize ?? -1) >= 0) controller.enqueue(sign);
        };
        controller.enqueue(sign);
        timers.set(timer, after);
      },
      async pull(controller) {
        inner ??= await open(controller);
        if (inner === undefined) return;
        const { done, value } = await inner.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel(reason) {
        left = true;
        timers.remove(timer);
        // It has no reader yet: only this ends it.
        if (!opening) answering.then(discard, () => undefined);
        return inner?.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  return { status: 200, headers: { ...headers }, body };
}
