/**
 * A request over a WebSocket: one frame asks, the events of the answer come as frames. What comes out is a response as HTTP
 * would have given it, so that the rest of the way is the same. What is in the frames is the protocol's own.
 */
import type { Clock } from '../../ground/clock.ts';
import { type BodyQueue, bodyQueue } from '../../http-client/body-queue.ts';
import type { HttpClient } from '../../http-client/client.ts';
import type { Cancellation, HttpResponse } from '../../http-client/message.ts';
import { ProxyError } from '../../http-client/proxy.ts';
import { type ClientSocket, openWebSocket } from '../../http-client/web-socket.ts';
import type { TlsSettings } from '../../http-client/wire.ts';
import { sseText } from '../../protocols/sse.ts';
import type { WebSocketForm } from '../../protocols/web-socket-form.ts';
import { answerOfResponse } from './fetched-answer.ts';

export interface SocketCall {
  form: WebSocketForm;
  /** http or https. */
  url: string;
  headers: Record<string, string>;
  /** The JSON object that would be the body of a POST. */
  body: () => Uint8Array<ArrayBuffer> | string;
  proxy: string | undefined;
  tls: TlsSettings | undefined;
  /** Whose connections it may take. */
  pool: string;
  /** A connection is being made for it; the result is called when it is established or has failed. */
  connecting: () => () => void;
  /** Called each time that something goes out for it: the handshake of a new connection, or its frame on an open one. */
  sending?: (() => void) | undefined;
  signal: AbortSignal;
  /** Bytes of a message of the provider. */
  mostBytes: number;
}

export interface UpstreamSockets {
  /**
   * The answer, or undefined when no WebSocket can be had, or none takes a request as large: HTTP is left, and nothing has
   * been generated. Rejects when the signal aborts, and where the proxy lets nothing through: HTTP would not get further.
   */
  ask(call: SocketCall): Promise<HttpResponse | undefined>;
  /** Closes the connections that wait for another request. */
  close(): void;
}

/** Milliseconds. */
export interface SocketTimes {
  /** To open a connection. */
  handshake: number;
  /** Without any frame while an answer is on its way. */
  silence: number;
  /** That a connection waits for the next request. */
  idle: number;
  /** For which an address that refused is not asked again. */
  refused: number;
}

/** Handshake and silence are CLIProxyAPI's; the others are ours: short enough not to hold unused connections. */
export const socketTimes: SocketTimes = {
  handshake: 30_000,
  silence: 5 * 60_000,
  idle: 60_000,
  refused: 5 * 60_000,
};

/** Headers of HTTP bodies; an upgrade has none. */
const bodyHeaders = new Set(['content-type', 'accept', 'accept-encoding']);

export function createUpstreamSockets(
  http: Pick<HttpClient, 'send'>,
  times: SocketTimes,
  clock: Clock,
): UpstreamSockets {
  const waiting = new Map<string, ClientSocket>();
  /** Until when an address is not asked again with a token: another may be let in. */
  const refusals = new Map<string, number>();

  async function open(call: SocketCall): Promise<ClientSocket | undefined> {
    call.sending?.();
    const opened = await openWithin(http, call, times.handshake, clock);
    call.signal.throwIfAborted();
    if (opened !== undefined) return opened;
    for (const [refused, until] of refusals) if (until <= clock.now()) refusals.delete(refused);
    refusals.set(refusalKey(call), clock.now() + times.refused);
    return undefined;
  }

  function keep(key: string, socket: ClientSocket): void {
    waiting.get(key)?.close();
    waiting.set(key, socket);
    const callOff = clock.after(times.idle, () => socket.close());
    socket.listener = {
      message() {},
      closed() {
        callOff();
        if (waiting.get(key) === socket) waiting.delete(key);
      },
    };
  }

  return {
    async ask(call) {
      if ((refusals.get(refusalKey(call)) ?? 0) > clock.now()) return undefined;
      const frame = call.form.frameOf(textOf(call.body()));
      // Another token or another conversation is another connection.
      const key = JSON.stringify([call.url, call.headers]);
      const over = async (socket: ClientSocket): Promise<SocketAnswer> => {
        call.sending?.();
        const answer = await answerOver(socket, call.form, frame, times.silence, clock, call.signal, () =>
          keep(key, socket),
        );
        call.signal.throwIfAborted();
        return answer;
      };
      const kept = waiting.get(key);
      waiting.delete(key);
      const known = kept?.open ? await over(kept) : undefined;
      if (known === 'too-big') return undefined;
      if (known !== undefined) return known;
      // One that had waited may be gone or spent, which a new one shows; a new one that ends at once does not work.
      const fresh = await open(call);
      const answer = fresh && (await over(fresh));
      return answer === 'too-big' ? undefined : answer;
    },
    close() {
      for (const socket of waiting.values()) socket.close();
    },
  };
}

function refusalKey({ url, headers }: SocketCall): string {
  return `${url}\n${headers.authorization}`;
}

/** The open connection; undefined when it is refused, breaks or takes too long. Rejects for a proxy that lets nothing through. */
async function openWithin(
  http: Pick<HttpClient, 'send'>,
  call: SocketCall,
  limit: number,
  clock: Clock,
): Promise<ClientSocket | undefined> {
  const opened = cancellationBy(call.signal, limit, clock);
  const headers = Object.entries(call.headers).filter(([name]) => !bodyHeaders.has(name));
  const { url, proxy, tls, pool, connecting } = call;
  try {
    return await openWebSocket(
      http,
      { url, headers: Object.fromEntries(headers), proxy, tls, pool: `socket ${pool}`, connecting },
      opened,
      call.mostBytes,
    );
  } catch (error) {
    if (error instanceof ProxyError) throw error;
    return undefined;
  } finally {
    opened.over();
  }
}

/** Ends the opening of a connection, and from then on nothing: it may serve others. */
function cancellationBy(signal: AbortSignal, limit: number, clock: Clock): Cancellation & { over(): void } {
  let cancelled: Error | undefined;
  let run: ((reason: Error) => void) | undefined;
  const cancel = (reason: Error): void => {
    cancelled ??= reason;
    run?.(cancelled);
  };
  const gone = (): void => cancel(new Error('the request is no longer wanted'));
  const callOff = clock.after(limit, () => cancel(new Error('the WebSocket took too long to open')));
  if (signal.aborted) gone();
  signal.addEventListener('abort', gone);
  return {
    get cancelled() {
      return cancelled;
    },
    whenCancelled(then) {
      run = then;
    },
    over() {
      callOff();
      signal.removeEventListener('abort', gone);
    },
  };
}

/** What a frame brought: an answer, nothing, or that it is larger than the backend's WebSocket takes. */
type SocketAnswer = HttpResponse | 'too-big' | undefined;

/**
 * Sends the frame and reads what it brings. Undefined when the connection ends, or reports that it has reached its maximum age,
 * before there is an answer; nothing has been generated then, and neither where the frame is too big. `free` is called when the connection can be used again.
 */
function answerOver(
  socket: ClientSocket,
  form: WebSocketForm,
  frame: string,
  silence: number,
  clock: Clock,
  signal: AbortSignal,
  free: () => void,
): Promise<SocketAnswer> {
  return new Promise((resolve) => {
    let body: BodyQueue | undefined;
    const encoder = new TextEncoder();
    let callOff = (): void => {};

    /** Returns the connection for the next use, or closes it. */
    const leave = (reusable: boolean): void => {
      callOff();
      signal.removeEventListener('abort', gone);
      socket.listener = undefined;
      if (reusable) free();
      else socket.close();
    };
    const fail = (reason: string, answer?: SocketAnswer): void => {
      leave(false);
      if (body === undefined) resolve(answer);
      else body.fail(new Error(reason));
    };
    const gone = (): void => fail('the request is no longer wanted');
    const listen = (): void => {
      callOff();
      callOff = clock.after(silence, () => fail('the WebSocket fell silent'));
    };
    const write = (type: string, text: string): void => {
      if (body === undefined) {
        body = bodyQueue({
          pause: () => socket.pause(),
          resume: () => socket.resume(),
          cancel: () => leave(false),
        });
        resolve(streamAnswer(body));
      }
      body.push(encoder.encode(sseText(text, type)));
    };

    const message = (data: string): void => {
      listen();
      const { type, text } = form.eventOf(data);
      if (form.isAside(type)) return;
      const isError = type === form.errorEvent;
      if (isError && body === undefined) {
        fail('refused', refusalIn(form, text));
        return;
      }
      write(type, text);
      if (!isError && !form.endsAnswer(type)) return;
      leave(!isError);
      body?.end();
    };
    const closed = (code: number, reason: string, error: Error | undefined): void => {
      const said = `the WebSocket was closed with ${code} ${reason}`.trim();
      fail(error?.message ?? said, code === tooBig ? 'too-big' : undefined);
    };
    socket.listener = { message, closed };
    if (signal.aborted) return gone();
    signal.addEventListener('abort', gone);
    listen();
    socket.send(frame);
  });
}

/** The events as HTTP would have brought them. */
function streamAnswer(body: BodyQueue): HttpResponse {
  const headers = new Headers({ 'content-type': 'text/event-stream' });
  return {
    status: 200,
    headers,
    header: (name) => headers.get(name),
    bytes: (most = Number.POSITIVE_INFINITY) => body.whole(most),
    body: () => body,
  };
}

/** RFC 6455 §7.4.1. */
const tooBig = 1009;

function textOf(body: Uint8Array<ArrayBuffer> | string): string {
  return typeof body === 'string' ? body : new TextDecoder().decode(body);
}

/** The answer that HTTP would have given; undefined for a connection that only has to be made anew. */
function refusalIn(form: WebSocketForm, text: string): SocketAnswer {
  const refusal = form.refusalIn(text);
  switch (refusal.kind) {
    case 'renew':
      return undefined;
    case 'too-big':
      return 'too-big';
    case 'refused': {
      const { status, headers, body } = refusal;
      return answerOfResponse(Response.json(body, { status, headers }));
    }
  }
}
