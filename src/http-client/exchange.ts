/** One request and its answer, on whichever connection carries it. */
import { type AnswerHead, headerIn, headersIn } from './answer-head.ts';
import { type BodyQueue, bodyQueue } from './body-queue.ts';
import { type AnswerBounds, BeyondBound } from './bounds.ts';
import { type Connection, type Exchange, type Message, openConnection } from './connection.ts';
import { decoded } from './content-coding.ts';
import { forwarded, proxysOwn, withProof } from './forwarding.ts';
import { NoTunnel } from './http-tunnel.ts';
import type { Cancellation, HttpRequest, HttpResponse } from './message.ts';
import type { Origin } from './origin.ts';
import { requestHead } from './request-head.ts';

/** Asks; rejects when no answer begins. Throws for a request that cannot be written. */
export function exchangeWith(
  origin: Origin,
  path: string,
  request: HttpRequest,
  cancellation: Cancellation,
  bounds: AnswerBounds,
): Promise<HttpResponse> {
  if (cancellation.cancelled !== undefined) return Promise.reject(cancellation.cancelled);
  const { connecting: announce, upgrade } = request;
  const asked: AskedHead = { method: request.method, headers: request.headers, upgrade };
  const make = bodyOf(request);
  const fresh = (body: Uint8Array | string): Message => ({
    head: headFor(origin, path, asked, lengthOf(body)),
    body,
  });
  let message: Message | undefined = fresh(make());
  return new Promise((resolve, reject) => {
    let connection: Connection | undefined;
    let connecting: (() => void) | undefined;
    let answered: BodyQueue | undefined;

    const exchange: Exchange = {
      message() {
        const whole = message ?? fresh(make());
        message = undefined;
        return whole;
      },
      longestHead: bounds['upstream-head'],
      upgrade: upgrade !== undefined,
      headAlone: request.method === 'HEAD',
      connected,
      began(answer, unsent) {
        if (origin.forwarding !== undefined) proxysOwn(origin.forwarding, answer);
        const queue = bodyQueue({
          pause: () => connection?.pause(),
          resume: () => connection?.resume(),
          cancel: () => connection?.leave(exchange),
        });
        const response = answerOf(answer, queue, bounds, unsent);
        if (answer.status === 101) response.upgraded = { write: (bytes) => connection?.write(bytes) };
        answered = queue;
        resolve(response);
      },
      came: (content) => answered?.push(content),
      ended: () => answered?.end(),
      failed(error, unread) {
        connected();
        if (unread) again();
        else if (error instanceof NoTunnel && mayForward(origin)) forward(error);
        else if (answered === undefined) reject(error);
        else answered.fail(error);
      },
    };

    function connected(): void {
      connecting?.();
      connecting = undefined;
    }

    function open(): void {
      connecting = announce?.();
      connection = openConnection(origin.route, exchange, origin.idle);
    }

    /** The same once more, on a connection of its own. */
    function again(): void {
      const makeAgain = request.bodyAgain ?? (async () => make());
      const ready = message === undefined ? makeAgain().then(fresh) : Promise.resolve(message);
      ready
        .then((whole) => {
          // Meanwhile the caller may no longer want it.
          if (cancellation.cancelled !== undefined) return;
          message = whole;
          request.sentAgain?.('connection-gone');
          open();
        })
        .catch(reject);
    }

    /** The proxy makes no tunnels: it may pass the request on, as proxies did before there were any. */
    function forward(error: NoTunnel): void {
      if (!forwarded(origin)) {
        reject(error);
        return;
      }
      message = fresh(message?.body ?? make());
      request.sentAgain?.('forwarded');
      open();
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

/** The head's view of a request, without its body, which must not be retained. */
type AskedHead = Pick<HttpRequest, 'method' | 'headers'> & { upgrade: string | undefined };

function bodyOf({ body }: HttpRequest): () => Uint8Array | string {
  return typeof body === 'function' ? body : () => body;
}

function lengthOf(body: Uint8Array | string): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
}

function headFor(origin: Origin, path: string, request: AskedHead, length: number): string {
  const { method, headers } = request;
  const { host, authorization, forwarding } = origin;
  const proven = authorization === undefined ? headers : { authorization, ...headers };
  if (forwarding !== undefined)
    return requestHead(method, host, `http://${host}${path}`, withProof(forwarding, proven), length);
  return requestHead(method, host, path, proven, length, request.upgrade);
}

function answerOf(
  { status, lines, framing }: AnswerHead,
  body: BodyQueue,
  bounds: AnswerBounds,
  unsent: boolean,
): HttpResponse {
  const coding = framing['content-encoding']?.toLowerCase();
  const content = coding === undefined || coding === 'identity' ? body : decoded(body, coding, bounds);
  let headers: Headers | undefined;
  return {
    status,
    unsent,
    header: (name) => headerIn(lines, name) ?? null,
    get headers() {
      headers ??= headersIn(lines);
      return headers;
    },
    bytes(most = bounds['whole-answer']) {
      // NaN without a content-length.
      if (Number(framing['content-length']) > most) {
        void content.cancel();
        return Promise.reject(new BeyondBound('the answer', most, 'whole-answer'));
      }
      return content.whole(most);
    },
    body: () => content,
  };
}

/** A proxy that is given the request itself looks the name up: what was judged by its address does not go that way. */
function mayForward({ forwarding, connect, route }: Origin): boolean {
  return forwarding === undefined && connect.at === undefined && !route.address.secure;
}
