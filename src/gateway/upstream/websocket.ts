/**
 * Responses over a WebSocket: one frame asks, the events of the answer come as frames. What comes out is a response as HTTP
 * would have given it, so that the rest of the way is the same. Source: protocol.md §5, row "codex websocket".
 */
import { readErrorBody } from '../../protocols/error-body.ts';
import { asObject, asString, isObject, type Json, type JsonObject, parseJson } from '../../protocols/json.ts';
import { sseText } from '../../protocols/sse.ts';

export interface SocketCall {
  /** http or https. */
  url: string;
  headers: Record<string, string>;
  /** The JSON object that would be the body of a POST. */
  body: Uint8Array<ArrayBuffer> | string;
  proxy: string | undefined;
  tls: BunFetchRequestInitTLS | undefined;
  signal: AbortSignal;
}

export interface UpstreamSockets {
  /**
   * The answer, or undefined when no WebSocket can be had, or none takes a request as large: HTTP is left, and nothing has
   * been generated. Rejects only when the signal aborts.
   */
  ask(call: SocketCall): Promise<Response | undefined>;
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

/** Handshake and silence as the peer has them; the others are ours: short enough not to hold what nobody needs. */
export const socketTimes: SocketTimes = {
  handshake: 30_000,
  silence: 5 * 60_000,
  idle: 60_000,
  refused: 5 * 60_000,
};

/** Events after which a connection is free for the next request. */
const lastEvents = new Set(['response.completed', 'response.incomplete', 'response.failed']);

/** Headers of HTTP bodies; an upgrade has none. */
const bodyHeaders = new Set(['content-type', 'accept', 'accept-encoding']);

export function createUpstreamSockets(times: SocketTimes, now: () => number): UpstreamSockets {
  const waiting = new Map<string, WebSocket>();
  /** Until when an address is not asked again with a token: another may be let in. */
  const refusals = new Map<string, number>();

  async function open(call: SocketCall): Promise<WebSocket | undefined> {
    const headers = Object.entries(call.headers).filter(([name]) => !bodyHeaders.has(name));
    const socket = new WebSocket(call.url.replace(/^http/, 'ws'), {
      headers: Object.fromEntries(headers),
      ...(call.proxy === undefined ? {} : { proxy: call.proxy }),
      ...(call.tls === undefined ? {} : { tls: call.tls }),
    });
    const opened = await opening(socket, times.handshake, call.signal);
    call.signal.throwIfAborted();
    if (opened) return socket;
    for (const [refused, until] of refusals) if (until <= now()) refusals.delete(refused);
    refusals.set(refusalKey(call), now() + times.refused);
    return undefined;
  }

  function keep(key: string, socket: WebSocket): void {
    waiting.get(key)?.close();
    waiting.set(key, socket);
    const timer = setTimeout(() => socket.close(), times.idle);
    timer.unref();
    socket.onmessage = null;
    socket.onerror = null;
    socket.onclose = () => {
      clearTimeout(timer);
      if (waiting.get(key) === socket) waiting.delete(key);
    };
  }

  return {
    async ask(call) {
      if ((refusals.get(refusalKey(call)) ?? 0) > now()) return undefined;
      const frame = frameOf(call.body);
      // Another token or another conversation is another connection.
      const key = JSON.stringify([call.url, call.headers]);
      const over = async (socket: WebSocket): Promise<SocketAnswer> => {
        const answer = await answerOver(socket, frame, times.silence, call.signal, () => keep(key, socket));
        call.signal.throwIfAborted();
        return answer;
      };
      const kept = waiting.get(key);
      waiting.delete(key);
      const known = kept?.readyState === WebSocket.OPEN ? await over(kept) : undefined;
      if (known === 'too-big') return undefined;
      if (known !== undefined) return known;
      // One that had waited may be gone or spent, which a new one tells; a new one that ends at once does not work.
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

/** True when the connection is open; false when it is refused, breaks, takes too long or is not wanted any more. */
function opening(socket: WebSocket, limit: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (opened: boolean): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', gone);
      if (!opened) socket.close();
      resolve(opened);
    };
    const gone = (): void => end(false);
    const timer = setTimeout(gone, limit);
    socket.onopen = () => end(true);
    socket.onerror = gone;
    socket.onclose = gone;
    if (signal.aborted) gone();
    else signal.addEventListener('abort', gone);
  });
}

/** What a frame brought: an answer, nothing, or that it is larger than the backend's WebSocket takes. */
type SocketAnswer = Response | 'too-big' | undefined;

/**
 * Sends the frame and reads what it brings. Undefined when the connection ends, or says that it has lived long enough,
 * before there is an answer; nothing has been generated then, and neither where the frame is too big. `free` is told when the connection can be used again.
 */
function answerOver(
  socket: WebSocket,
  frame: string,
  silence: number,
  signal: AbortSignal,
  free: () => void,
): Promise<SocketAnswer> {
  return new Promise((resolve) => {
    let stream: ReadableStreamDefaultController<Uint8Array> | undefined;
    const encoder = new TextEncoder();
    let timer: ReturnType<typeof setTimeout>;

    /** Leaves the connection to whoever uses it next, or closes it. */
    const leave = (reusable: boolean): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', gone);
      socket.onclose = null;
      socket.onerror = null;
      socket.onmessage = null;
      if (reusable) free();
      else socket.close();
    };
    const fail = (reason: string, answer?: SocketAnswer): void => {
      leave(false);
      if (stream === undefined) resolve(answer);
      else stream.error(new Error(reason));
    };
    const gone = (): void => fail('the request is no longer wanted');
    const listen = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => fail('the WebSocket fell silent'), silence);
    };
    const write = (type: string, text: string): void => {
      if (stream === undefined) {
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            stream = controller;
          },
          cancel: () => leave(false),
        });
        resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
      }
      stream?.enqueue(encoder.encode(sseText(text, type)));
    };

    socket.onmessage = ({ data }) => {
      listen();
      const { type, text } = eventOf(typeof data === 'string' ? data : new TextDecoder().decode(data));
      // What the backend tells about the account is no part of the answer.
      if (type.startsWith('codex.')) return;
      if (type === 'error' && stream === undefined) return fail('refused', refusalIn(text));
      write(type, text);
      if (type !== 'error' && !lastEvents.has(type)) return;
      leave(type !== 'error');
      stream?.close();
    };
    socket.onerror = () => fail('the WebSocket broke');
    socket.onclose = ({ code, reason }) => {
      const said = `the WebSocket was closed with ${code} ${reason}`.trim();
      fail(said, code === tooBig ? 'too-big' : undefined);
    };
    if (signal.aborted) return gone();
    signal.addEventListener('abort', gone);
    listen();
    socket.send(frame);
  });
}

/** RFC 6455 §7.4.1. */
const tooBig = 1009;

/** The body as the frame that asks: its own text, with the type in front. */
function frameOf(body: Uint8Array<ArrayBuffer> | string): string {
  const text = (typeof body === 'string' ? body : new TextDecoder().decode(body)).trimStart();
  const rest = text.slice(1).trimStart();
  return `{"type":"response.create"${rest.startsWith('}') ? '' : ','}${rest}`;
}

/** The event of a frame. The backend's `response.done` is what HTTP calls `response.completed`. */
function eventOf(frame: string): { type: string; text: string } {
  const quick = /^\{"type":"([\w.]+)"/.exec(frame)?.[1];
  if (quick !== undefined && quick !== 'response.done' && !frame.includes('\n'))
    return { type: quick, text: frame };
  const value = parseJson(frame);
  const event: JsonObject = isObject(value) ? value : {};
  const type = asString(event.type) ?? 'error';
  // Frames may be laid out over several lines; an event's data is one.
  if (type !== 'response.done') return { type, text: JSON.stringify(event) };
  return { type: 'response.completed', text: JSON.stringify({ ...event, type: 'response.completed' }) };
}

/** A frame has numbers where HTTP has their digits. */
function isPlainValue(value: Json | undefined): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** The answer that HTTP would have given; undefined for a connection that only has to be made anew. */
function refusalIn(text: string): SocketAnswer {
  const value = parseJson(text);
  const event: JsonObject = isObject(value) ? value : {};
  const said = readErrorBody(event);
  if (said.code === 'websocket_connection_limit_reached') return undefined;
  // HTTP takes larger requests than frames may be; where it does not, it says so itself.
  if (said.status === 413 || said.code === 'message_too_big') return 'too-big';
  const headers = new Headers();
  for (const [name, header] of Object.entries(asObject(event.headers) ?? {}))
    if (isPlainValue(header) && /^(retry-after|x-codex-[\w-]+)$/i.test(name))
      headers.set(name, String(header));
  return Response.json({ error: asObject(event.error) ?? event }, { status: said.status ?? 502, headers });
}
