/** WebSockets over the client's own connections: through the same proxies, with the same protection. Source: RFC 6455. */

import { createHash, randomBytes } from 'node:crypto';
import { systemClock } from '../ground/clock.ts';
import { asError } from '../ground/reason.ts';
import type { BodyReader } from './body-queue.ts';
import type { HttpClient } from './client.ts';
import type { Cancellation, HttpRequest } from './message.ts';
import { closedWithoutCode, closeFrame, frameReader, pongFrame, textFrame } from './web-socket-frames.ts';

export interface ClientSocket {
  /** False from its end on, whichever side began it. */
  readonly open: boolean;
  /** What comes: messages as text, and the end, once. Replaced as a whole; what comes while there is none is lost. */
  listener: SocketListener | undefined;
  send(text: string): void;
  /** Nothing more is read for now; `resume` when it may again. */
  pause(): void;
  resume(): void;
  close(): void;
}

export interface SocketListener {
  message(text: string): void;
  /** 1006 where the connection broke; `error` has the reason. */
  closed(code: number, reason: string, error: Error | undefined): void;
}

/** RFC 6455 §1.3. */
const acceptance = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Milliseconds that the server has to close its side. */
const closingTime = 1000;

/**
 * Opens a WebSocket; undefined where the server answers otherwise. Rejects where there is no answer. A message of more
 * than `mostBytes` ends it.
 */
export async function openWebSocket(
  http: Pick<HttpClient, 'send'>,
  request: Omit<HttpRequest, 'method' | 'body' | 'upgrade'>,
  cancellation: Cancellation,
  mostBytes: number,
): Promise<ClientSocket | undefined> {
  const key = randomBytes(16).toString('base64');
  const answer = await http.send(
    {
      ...request,
      method: 'GET',
      body: '',
      upgrade: 'websocket',
      headers: { ...request.headers, 'sec-websocket-key': key, 'sec-websocket-version': '13' },
    },
    cancellation,
  );
  const reader = answer.body();
  const accepted = createHash('sha1')
    .update(key + acceptance)
    .digest('base64');
  if (answer.upgraded === undefined || answer.header('sec-websocket-accept') !== accepted) {
    void reader.cancel().catch(() => undefined);
    return undefined;
  }
  return socketOver(reader, answer.upgraded.write, mostBytes);
}

function socketOver(reader: BodyReader, write: (bytes: Uint8Array) => void, mostBytes: number): ClientSocket {
  let open = true;
  let ended = false;
  /** Resolves when reading goes on; undefined while it does. */
  let held: { until: Promise<void>; end: () => void } | undefined;
  const frames = frameReader(mostBytes);
  const drop = (): void => void reader.cancel().catch(() => undefined);

  function end(code: number, reason: string, error?: Error): void {
    open = false;
    drop();
    if (ended) return;
    ended = true;
    socket.listener?.closed(code, reason, error);
  }

  function take(bytes: Uint8Array): void {
    // RFC 6455 §5.5.3: of several pings the newest may be answered alone. Answering each would fill the memory of a
    // connection whose other side sends them by the million and reads none.
    let pinged: Uint8Array | undefined;
    for (const event of frames.push(bytes)) {
      if (ended) return;
      switch (event.kind) {
        case 'message':
          socket.listener?.message(event.text);
          break;
        case 'ping':
          pinged = event.bytes;
          break;
        case 'close':
          if (open) write(closeFrame());
          end(event.code, event.reason);
      }
    }
    if (pinged !== undefined && open) write(pongFrame(pinged));
  }

  async function read(): Promise<void> {
    try {
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        take(piece.value);
        await held?.until;
      }
      end(closedWithoutCode, '');
    } catch (error) {
      end(closedWithoutCode, '', asError(error));
    }
  }

  const socket: ClientSocket = {
    get open() {
      return open;
    },
    listener: undefined,
    send: (text) => {
      if (open) write(textFrame(text));
    },
    pause() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held ??= { until: promise, end: resolve };
    },
    resume() {
      held?.end();
      held = undefined;
    },
    close() {
      socket.resume();
      if (!open) return;
      open = false;
      write(closeFrame());
      systemClock.after(closingTime, drop);
    },
  };
  void read();
  return socket;
}
